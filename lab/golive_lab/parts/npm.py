"""What the lab's own Node programs are made of, from npm: installed once for each user, outside the repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from golive_lab.parts.ports import state_folder
from golive_lab.parts.process import program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROM_CLIENT = {"prom-client": "15.1.3"}


def installed(packages: Mapping[str, str], beside: Mapping[str, str] | None = None) -> Path:
    """Return the folder that these packages, pinned, are installed in; the first time npm brings them.

    `beside` are texts by the names of the files that they stand in there, scripts among them.

    Raises:
        NotInstalledError: this machine has no Node.js or no npm.
        OSError: npm could not bring them.
    """
    name = "-".join(f"{package}-{version}".replace("/", "-") for package, version in packages.items())
    there = state_folder() / f"node-{name}"
    if there.exists():
        return there
    program("node")
    new = there.with_name(f"{there.name}-{os.getpid()}")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    (new / "package.json").write_text(json.dumps({"private": True, "dependencies": dict(packages)}))
    for file, text in (beside or {}).items():
        (new / file).write_text(text)
        (new / file).chmod(0o755)
    argv = [program("npm"), "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    brought = subprocess.run(argv, cwd=new, check=False, capture_output=True, text=True, timeout=300)  # noqa: S603 - npm
    if brought.returncode:
        raise OSError(f"npm could not bring {' '.join(packages)}: {brought.stderr[-1000:]}")
    try:
        new.rename(there)
    except OSError:  # another process was quicker
        shutil.rmtree(new)
    return there
