"""Where a stack is: its folder, its two loopback addresses, and ports held so that stacks live side by side."""

from __future__ import annotations

import fcntl
import functools
import os
import socket
import stat
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST, LAST = 21_000, 31_990
"""Below the ephemeral ranges (Linux 32768, macOS 49152): no outgoing connection takes a port from under us."""


@dataclass(frozen=True)
class Ports:
    """A port for each server. The same number on both addresses."""

    https: int
    """The edge of all three hosts, told apart by SNI."""
    http: int
    """What stands for port 80."""
    api: int
    """The API behind the proxy (Node in the real system); the env file's PORT."""
    ns1: int
    ns2: int
    """The zone's two authoritative servers, each on 127.0.0.1 with its own port."""
    parent_ns: int
    """The name server of the zone above."""
    resolver: int
    """The (validating) resolver."""
    postgres: int
    pooler: int
    """pgBouncer before Postgres."""
    s3: int
    """The S3 server that enforces."""
    s3_settings: int
    """The S3 server that knows every setting of a bucket."""
    gateways: int
    """The APIs of the payment gateways, whose paths differ."""
    prometheus: int
    alertmanager: int
    node: int
    """The Node process that serves metrics."""
    messaging: int
    """The chat server behind the proxy: WebSocket and Socket.IO."""
    errors: int
    """What takes in errors, as Sentry does."""
    ca: int
    """The authority that issued the certificates: its responder and its CRLs."""
    registry: int
    """Where the domain's registration is asked about."""
    site: int
    """The public site, by https and in clear: apart from the other hosts."""
    site_plain: int
    debugger: int
    """Where a debugger of the site's would listen."""
    dead: int
    """Nothing ever listens here."""
    spare: tuple[int, ...]
    """For what a part needs beside its main port."""


BLOCK = 40


@dataclass(frozen=True)
class StackPlace:
    """Where a stack is. Everything that a part writes goes below `folder`."""

    folder: Path
    addresses: tuple[str, str]
    """Both addresses of every host, the same servers on each unless the world says otherwise."""
    ports: Ports


@functools.cache
def addresses() -> tuple[str, str]:
    """Name the two loopback addresses that each host has here: macOS has no 127.0.0.2, but always ::1."""
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.0.0.2", 0))
        return ("127.0.0.1", "127.0.0.2")
    return ("127.0.0.1", "::1")


@contextmanager
def standing(folder: Path | None = None) -> Iterator[StackPlace]:
    """Hold a block of free ports, and a folder that is removed afterwards unless one is given."""
    with ExitStack() as held:
        block = held.enter_context(_held_block())
        if folder is None:
            # Not TMPDIR: a Unix socket's path may have 104 characters on macOS, whose TMPDIR takes half of them.
            made = tempfile.TemporaryDirectory(prefix="golive-lab-", dir="/tmp", ignore_cleanup_errors=True)
            folder = Path(held.enter_context(made)).resolve()
        else:
            folder.mkdir(parents=True, exist_ok=True)
        names = (
            "https",
            "http",
            "api",
            "ns1",
            "ns2",
            "parent_ns",
            "resolver",
            "postgres",
            "pooler",
            "s3",
            "s3_settings",
            "gateways",
            "prometheus",
            "alertmanager",
            "node",
            "messaging",
            "errors",
            "ca",
            "registry",
            "site",
            "site_plain",
            "debugger",
            "dead",
        )
        fixed = dict(zip(names, block, strict=False))
        yield StackPlace(folder, addresses(), Ports(**fixed, spare=tuple(block[len(names) :])))


@contextmanager
def _held_block() -> Iterator[range]:
    """Lock a block of ports that are all free, for as long as the stack is up."""
    for first in range(FIRST, LAST, BLOCK):
        with (state_folder() / f"ports-{first}").open("w") as lock:
            block = range(first, first + BLOCK)
            if taken(lock) and all(_is_free(port) for port in block):
                yield block
                return
    raise OSError(f"no {BLOCK} free ports in a row between {FIRST} and {LAST}; is an old stack still up?")


def state_folder() -> Path:
    """Name the folder, this user's alone, where stacks announce themselves."""
    folder = Path(tempfile.gettempdir()) / f"golive-lab-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid() or stat.S_IMODE(seen.st_mode) & 0o022:
        raise OSError(f"{folder} is another user's, or others may write to it; remove it")
    return folder


def taken(lock: IO[str]) -> bool:
    """Take a lock, until its file is closed, unless another process (or another stack of this one) has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_free(port: int) -> bool:
    """Try the port as the servers will bind it: TCP and UDP, on each address."""
    for address in addresses():
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(family, kind) as probe:
                if kind == socket.SOCK_STREAM:
                    probe.setsockopt(
                        socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
                    )  # as servers do: TIME_WAIT does not matter
                try:
                    probe.bind((address, port))
                except OSError:
                    return False
    return True
