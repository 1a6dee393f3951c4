"""Prove the extras of a wheel: the plain install is small and names what it lacks, and each extra brings that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

UV = str(Path(sys.executable).with_name("uv"))
PLAIN_MB = 62
"""Without bytecode; cryptography, selectolax, pydantic, rich with pygments, tree-sitter and golive are 45 of it."""
WANTS = {
    "golive[aws]": "s3.bucket-reachable",
    "golive[backups]": "backup.plausible",
    "golive[monitoring]": "metrics.exposed",
    "golive[postgres]": "db.reachable",
    "golive[secrets]": "secrets.not-in-git",
}
"""A check that each extra is for. What `browser` is for needs no package."""
PROFILE = """
environment: x
databases: {{ main: {{ url: "postgresql://u:p@127.0.0.1:9/x" }} }}
buckets: {{ uploads: {{ bucket: uploads, endpoint_url: "http://127.0.0.1:9", region: eu-west-3 }} }}
backup_sources: {{ nightly: {{ directory: backups, pattern: "{{date}}.sql.lz4", of: main }} }}
metrics: {{ api: {{ url: "http://127.0.0.1:{port}/metrics" }} }}
repository: {{ path: repository }}
"""
METRICS = b"# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 1\n"


class Metrics(BaseHTTPRequestHandler):
    """A page of metrics."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(METRICS)))
        self.end_headers()
        self.wfile.write(METRICS)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def prove_extras(wheel: Path, venv: Path, folder: Path, *, each: bool) -> None:
    """Prove the plain install in a virtual environment, then add one extra after the other, or all at once."""
    taken = sum(
        file.stat().st_size
        for file in venv.glob("lib/*/site-packages/**/*")
        if file.is_file() and file.suffix != ".pyc"
    )
    print(f"The plain install takes {taken / 1e6:.1f} MB.")
    if taken > PLAIN_MB * 1e6:
        sys.exit(f"the plain install takes {taken / 1e6:.1f} MB, more than {PLAIN_MB}")
    (folder / "backups").mkdir()
    (folder / "backups/2026-01-01.sql.lz4").write_bytes(b"\x04\x22\x4d\x18" + bytes(100))
    run(["git", "init", "--quiet", "repository"], folder)
    server = HTTPServer(("127.0.0.1", 0), Metrics)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (folder / "x.yaml").write_text(PROFILE.format(port=server.server_port))
    lacking = set(WANTS)
    for extra in ("", "golive[browser]", *WANTS) if each else ("", "golive[all]"):
        if extra:
            name = extra.replace("golive", str(wheel))
            run([UV, "pip", "install", "--quiet", "--python", str(venv), name], folder)
        lacking -= lacking if extra == "golive[all]" else {extra}
        named = asked_for(str(venv / "bin/golive"), folder)
        if named != lacking:
            sys.exit(f"with {extra or 'nothing'} golive asks for {sorted(named)}, and should for {sorted(lacking)}")
    server.shutdown()


def asked_for(golive: str, folder: Path) -> set[str]:
    """Return the extras that golive says it lacks; a defect or anything but a report ends everything."""
    ran = subprocess.run(
        [golive, "check", "x.yaml", "--only", ",".join(WANTS.values()), "-o", "json"],
        check=False, capture_output=True, text=True, cwd=folder, env=clean_environment(),
    )  # fmt: skip
    if ran.returncode not in {1, 3} or "a defect in golive" in ran.stdout + ran.stderr:
        sys.exit(f"golive check: exit {ran.returncode}\n{ran.stdout}{ran.stderr}")
    findings = json.loads(ran.stdout)["findings"]
    return {
        extra for extra, check in WANTS.items() for each in findings if each["check"] == check and extra in each["fix"]
    }


def clean_environment() -> dict[str, str]:
    """Return the environment without what points at the source tree."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}


def run(command: list[str], folder: Path) -> str:
    """Run a command far from the source tree, and end everything where it fails."""
    ran = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, env=clean_environment())
    if ran.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout
