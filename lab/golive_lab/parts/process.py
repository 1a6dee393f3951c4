"""A server program of the real stack, that never outlives whoever started it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

GUARD = 'exec 3<&0; "$@" 3<&- & server=$!; (read -r _ <&3; kill -s "$0" "$server") 2>/dev/null & wait "$server"'
"""A shell that ends the server when its own standard input is closed, which the kernel does even when we are killed."""

READY_S, STOP_S, POLL_S = 15.0, 5.0, 0.005

PACKAGES = {
    "nginx": "nginx",
    "knotd": "knot",
    "unbound": "unbound",
    "named": "bind9",
    "dnssec-signzone": "bind9-utils",
    "openssl": "openssl",
    "pdftotext": "poppler-utils",
    "sslscan": "sslscan",
    "git": "git",
    "pgbouncer": "pgbouncer",
    "node": "nodejs",
    "npm": "npm",
    "logrotate": "logrotate",
    "pgbackrest": "pgbackrest",
    "barman": "barman",
    "age": "age",
    "gpg": "gnupg",
    "zstd": "zstd",
    "xz": "xz-utils",
    "bzip2": "bzip2",
    "lz4": "lz4",
    "restic": "restic",
    "borg": "borgbackup",
    "check_postgres": "check-postgres",
    "prometheus": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
    "rsvg-convert": "librsvg2-bin",
    "chromium-headless-shell": "chromium-headless-shell",
    "systemd-run": "systemd",
    "certutil": "libnss3-tools",
    "curl": "curl",
    "zonemaster-cli": "zonemaster-cli",
}
"""The Debian package that holds each program."""


class NotInstalledError(Exception):
    """A program of the real stack is not there."""


def program(name: str) -> str:
    """Find a program, also where Debian keeps daemons out of a user's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
    if not found:
        raise NotInstalledError(f"{name} is not installed; on Debian: apt install {PACKAGES.get(name, name)}")
    return found


@contextmanager
def running(
    argv: Sequence[str],
    *,
    log: Path,
    ready: Callable[[], bool],
    stop: str = "TERM",
    stop_s: float = STOP_S,
    user: int | None = None,
) -> Iterator[None]:
    """Run a server in the foreground until the end of the context.

    Args:
        argv: its command line; the program is looked for where daemons lie.
        log: its output, the end of which is shown where it does not start.
        ready: whether it answers by now; asked every few milliseconds.
        stop: the signal that ends it.
        stop_s: how long it may take over that, before it is killed.
        user: as whom it runs, where we are root and it will not be.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603 - the lab's own servers
            ["/bin/sh", "-c", GUARD, stop, program(argv[0]), *argv[1:]],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
    try:
        _wait_until(ready, server, log, argv)
        yield
    finally:
        _end(server, stop_s)


def _wait_until(ready: Callable[[], bool], server: subprocess.Popen[bytes], log: Path, argv: Sequence[str]) -> None:
    deadline = time.monotonic() + READY_S
    while not ready():
        if server.poll() is not None or time.monotonic() > deadline:
            output = log.read_text(errors="replace")[-2000:]
            raise OSError(f"{argv[0]} does not answer ({' '.join(argv)}):\n{output}")
        time.sleep(POLL_S)


def _end(server: subprocess.Popen[bytes], stop_s: float) -> None:
    """Let a server end by itself, and kill what is left of it and of what it started."""
    if server.stdin:
        server.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        server.wait(stop_s)
    with suppress(ProcessLookupError, PermissionError):  # macOS says EPERM where only zombies are left
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
