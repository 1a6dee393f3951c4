#!/usr/bin/env python3
"""See that the real servers which tests run against are installed, install them where root may, name their versions."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from golive_lab.nginx import MODULES
from golive_lab.postgres_programs import debian
from golive_lab.process import PACKAGES, NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Iterator

DAEMON_FOLDERS = "/usr/sbin:/usr/local/sbin:/sbin"
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.conf"), "create_main_cluster = false\n"
"""Read by Debian's packages of Postgres: they then make no cluster, and so none is ever started."""
POLICY = Path("/usr/sbin/policy-rc.d")
"""Asked by Debian's packages before they start a daemon; exit code 101 forbids it (invoke-rc.d(8))."""

VERSIONS = {
    "nginx": ["-v"],
    "knotd": ["--version"],
    "unbound": ["-V"],
    "openssl": ["version"],
    "sslscan": ["--version"],
    "git": ["--version"],
    "pgbouncer": ["--version"],
    "node": ["--version"],
    "npm": ["--version"],
    "pgbackrest": ["version"],
    "barman": ["--version"],
}


def main() -> None:
    """Install what is missing, or say what it is."""
    packages = missing()
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        install(packages)
        packages = missing()
    if packages:
        sys.exit(
            f"The tests run against real servers, and some are missing here. On Debian:\n\n"
            f"  sudo apt-get install --no-install-recommends {' '.join(packages)}\n\n"
            "No daemon needs to run: the tests start their own, on loopback and high ports. "
            "On a Mac or without root, run make test in a Debian container."
        )
    print("The tests run against:")
    print(f"  Python    {sys.version.split()[0]}")
    for name, arguments in VERSIONS.items():
        print(f"  {name:9} {version(name, arguments)}")
    print(f"  {'postgres':9} {version(str(debian() / 'postgres'), ['--version'])}")


def missing() -> list[str]:
    """Name the Debian packages of what is not there."""
    packages = {package for program, package in PACKAGES.items() if not where(program)}
    for kind in ("filter", "static"):
        if not Path(f"{MODULES}/ngx_http_brotli_{kind}_module.so").exists():
            packages.add(f"libnginx-mod-http-brotli-{kind}")
    try:
        debian()
    except NotInstalledError:
        packages.add("postgresql")
    return sorted(packages)


def where(program: str) -> str | None:
    """Find a program, also where a user's PATH does not look."""
    return shutil.which(program) or shutil.which(program, path=DAEMON_FOLDERS)


def install(packages: list[str]) -> None:
    """Install packages without starting any of their daemons."""
    print(f"Installing {' '.join(packages)} ...", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    file, text = NO_CLUSTER
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    with no_daemons():
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
        subprocess.run(
            ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages],
            check=True,
            env=quiet,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def no_daemons() -> Iterator[None]:
    """Forbid packages to start daemons, unless a policy stands already."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def version(program: str, arguments: list[str]) -> str:
    """Ask a program for its version: the first word of its first line that holds a digit and a dot."""
    ran = subprocess.run([where(program) or program, *arguments], check=False, capture_output=True, text=True)
    words = (ran.stdout + ran.stderr).replace("/", " ").split()
    return next((word.strip("(),") for word in words if "." in word and any(c.isdigit() for c in word)), "?")


if __name__ == "__main__":
    main()
