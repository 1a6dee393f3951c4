"""How soon golive answers, against Python itself and against the smallest Typer app; and what a small run imports."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import GOLIVE, PROJECT, Result, versus

from golive_lab.run import stack_for

ONE_COMMAND = """
import typer
app = typer.Typer()
@app.command()
def hello(name: str = "world"):
    typer.echo(name)
app()
"""

UNUSED = {"boto3", "botocore", "crossplane", "gixy", "h2", "hpack", "httpx", "httpcore", "psycopg", "tlslite"}
"""Libraries that looking at DNS and TLS has no use for."""


def results() -> list[Result]:
    """Measure."""
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "app.py"
        app.write_text(ONE_COMMAND)
        return [
            versus(
                "`golive --version` against `python -c pass`", [GOLIVE, "--version"], [python, "-c", "pass"], 1.5, 40
            ),
            versus("`golive list` against a one-command Typer app", [GOLIVE, "list"], [python, str(app)], 2.0, 20),
            imports(),
        ]


def imports() -> Result:
    """Look at the DNS and TLS of one host, and count the libraries that were imported in vain."""
    code = (
        "import sys, json\n"
        "from golive.cli.app import run\n"
        "try:\n"
        "    run(['check', 'bench/one-host.yaml', '--only', 'dns.*', '--only', 'tls.*'])\n"
        "except SystemExit as done:\n"
        "    assert done.code == 0, done.code\n"
        "print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    )
    with stack_for("demo") as variables:
        import os  # noqa: PLC0415 - the stack's variables go on top of the caller's

        env = {**os.environ, **variables}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=PROJECT, check=True
        )
    vain = sorted(set(json.loads(done.stdout.splitlines()[-1])) & UNUSED)
    return Result("libraries that DNS and TLS of one host import in vain", len(vain), 0, "", ", ".join(vain) or "none")
