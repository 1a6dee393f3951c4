"""Prove a wheel where nothing is installed: uvx and pipx run it in a home of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from wheel_extras import UV, clean_environment, run

URL = ["https://shop.example.com:9", "--address", "127.0.0.1"]
"""Where nobody listens: the report says so, and the run ends with the exit code of what could not be inspected."""
NOT_SEEN = 3


def prove_runners(wheel: Path, python: str, folder: Path) -> None:
    """Let uvx and pipx run golive on a URL, each in a home that is empty."""
    cache = run([UV, "cache", "dir"], folder).strip()
    uvx = [UV, "tool", "run", "--quiet", "--python", python]
    for name, command in {
        "uvx": [*uvx, "--from", str(wheel), "golive"],
        "pipx": [*uvx, "pipx", "run", "--spec", str(wheel), "golive"],
    }.items():
        home = folder / f"home-{name}"
        home.mkdir(parents=True)
        environ = {
            **clean_environment(),
            "HOME": str(home),
            "UV_CACHE_DIR": cache,
            "XDG_CACHE_HOME": str(home / "cache"),
        }
        looked = [*command, "check", *URL, "--only", "tls.*"]
        ran = subprocess.run(looked, check=False, capture_output=True, text=True, cwd=home, env=environ)
        if ran.returncode != NOT_SEEN or "shop.example.com" not in ran.stdout:
            sys.exit(f"{' '.join(looked)}: exit {ran.returncode}\n{ran.stdout}{ran.stderr}")
    print("uvx and pipx run the wheel in an empty home.")
