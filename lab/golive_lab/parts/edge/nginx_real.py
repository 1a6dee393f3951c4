"""The real nginx, as a process of its own: unprivileged, in a folder, ready when its ports accept."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from golive_lab.parts.edge import nginx
from golive_lab.parts.edge.contexts import edge_port
from golive_lab.parts.part import Part
from golive_lab.parts.process import NotInstalledError, program, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

PACKAGES = "nginx libnginx-mod-http-brotli-filter libnginx-mod-http-brotli-static"
FOREGROUND = "daemon off; master_process off;"
"""One process, no daemon and no change of user: it can be ended by its id, and a root's nginx reads its own files."""


def arguments(folder: Path) -> list[str]:
    """Give the command with which nginx finds a configuration in `folder`, for running it as for `-T`."""
    if not Path(nginx.MODULES, "ngx_http_brotli_filter_module.so").exists():
        raise NotInstalledError(f"nginx with its brotli modules is not installed; on Debian: apt install {PACKAGES}")
    return [program("nginx"), "-p", str(folder), "-c", nginx.MAIN, "-e", "logs/error.log"]


@contextmanager
def process(folder: Path, listening: list[tuple[str, int]]) -> Iterator[None]:
    """Run nginx in `folder` until the block ends. It is ready once every address in `listening` accepts."""
    argv = [*arguments(folder), "-g", FOREGROUND]
    with running(argv, log=folder / "logs" / "stderr.log", ready=lambda: all(map(_accepts, listening))):
        yield


@contextmanager
def edge(world: World, place: StackPlace) -> Iterator[None]:
    """Run nginx as the world's edge: all three hosts on both addresses."""
    nginx.write(world, place)
    ports = [edge_port(world.tls, place)]
    if world.web.plain.answers != "nothing":
        ports.append(place.ports.http)
    with process(nginx.folder(place), [(address, port) for address in place.addresses for port in ports]):
        yield


@contextmanager
def files(world: World, place: StackPlace) -> Iterator[None]:
    """Write the configuration and run nothing: what the demo's nginx checks read."""
    nginx.write(world, place)
    yield


NGINX = Part("nginx", edge, reads=lambda world: (world.tls, world.web, world.proxy, world.site))
NGINX_FILES = Part("nginx files", files, reads=lambda world: (world.tls, world.web, world.proxy, world.site))


def _accepts(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True
