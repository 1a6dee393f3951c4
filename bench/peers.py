"""The whole domains section of a host on real nginx, against scanners that look at the TLS of one of its ports."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from measure import BIN, GOLIVE, Result, in_turn, run

from golive_lab.stack import up, variables
from golive_lab.world import World, healthy
from golive_lab.world.dns import Name
from golive_lab.world.names import API

CHECK = [GOLIVE, "check", "bench/one-host.yaml", "--only", "domains"]
TLS_PROFILE = "intermediate"
"""Mozilla's, as golive's own limits for protocols and suites."""


def results() -> list[Result]:
    """Measure against each peer that can be had; a missing one is an error that says how to get it."""
    with tempfile.TemporaryDirectory() as folder, up("real", one_address()) as stack:
        env = {**os.environ, **variables(stack.place)}
        port = stack.place.ports.https
        code = run(CHECK, env).code
        if code != 0:
            sys.exit(f"the healthy stack is not GO but exit code {code}: nothing to measure")
        sslyze = [
            sslyze_in(Path(folder)),
            f"--mozilla_config={TLS_PROFILE}",
            "--sni",
            "api.demo.test",
            f"127.0.0.1:{port}",
        ]
        testssl = shutil.which("testssl") or shutil.which("testssl.sh")
        if not testssl:
            sys.exit("testssl.sh is missing: apt-get install testssl.sh")
        mine, other = in_turn(CHECK, sslyze, 7, env)
        slow = run([testssl, "--quiet", "--warnings", "off", "--color", "0", f"127.0.0.1:{port}"], env).wall_s
    return [
        Result(
            "the domains section against sslyze with Mozilla's profile",
            mine / other,
            1.0,
            detail=f"{mine:.2f} s against {other:.2f} s",
        ),
        Result("the domains section against testssl.sh", mine / slow, 1.0, detail=f"{mine:.2f} s against {slow:.1f} s"),
    ]


def one_address() -> World:
    """Return the healthy world with one address for the API: both look at the same port, and at no other."""
    world = healthy()
    names = {**world.dns.names, API: Name(first_only=True)}
    return replace(world, dns=replace(world.dns, names=names))


def sslyze_in(folder: Path) -> str:
    """Install sslyze apart from golive: it pins versions of what both use."""
    uv = str(BIN / "uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder / "sslyze")], check=True)
    python = str(folder / "sslyze" / "bin" / "python")
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, "sslyze"]
    subprocess.run(install, check=True)
    return str(folder / "sslyze" / "bin" / "sslyze")
