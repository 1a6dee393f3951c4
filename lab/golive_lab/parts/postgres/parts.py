"""The database servers of a stack, and their content, as parts: content changes without restarting a server."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from golive_lab.parts.part import Part, threaded
from golive_lab.parts.postgres import programs as postgres_programs
from golive_lab.parts.postgres.cluster import Cluster, certify, cluster
from golive_lab.parts.postgres.content import filled
from golive_lab.parts.postgres.relay import relay
from golive_lab.world.postgres import DRILL_PORT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from golive_lab.parts.part import Kind
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

FOLDER, DRILL_FOLDER = "postgres", "postgres-drill"
INNER, DRILL_INNER = 0, 2
"""Which of the spare ports the demo's servers have behind their TLS."""


def folder(place: StackPlace) -> Path:
    """Name the folder of the server: its archive of the write-ahead log is in `archive` there."""
    return place.folder / FOLDER


def drill_port(place: StackPlace) -> int:
    """Name the port of the second cluster."""
    return place.ports.spare[DRILL_PORT]


def standing(kind: Kind, place: StackPlace) -> Cluster:
    """Return the running server of a stack, for whoever has something to do on it as the superuser."""
    port = place.ports.postgres if kind == "real" else place.ports.spare[INNER]
    return Cluster(folder(place), port, postgres_programs.folder(kind))


def drill_cluster(kind: Kind, place: StackPlace) -> Cluster:
    """Return the running second cluster."""
    port = drill_port(place) if kind == "real" else place.ports.spare[DRILL_INNER]
    return Cluster(place.folder / DRILL_FOLDER, port, postgres_programs.folder(kind))


def parts(kind: Kind) -> Sequence[Sequence[Part]]:
    """Return the parts of a kind of stack, in stages."""

    @contextmanager
    def server(world: World, place: StackPlace) -> Iterator[None]:
        described, at = world.postgres.server, standing(kind, place)
        if not described.up:
            yield
            return
        with cluster(described, at.folder, at.port, at.programs, tls=kind == "real"):
            yield

    @contextmanager
    def content(world: World, place: StackPlace) -> Iterator[None]:
        if not world.postgres.server.up:
            yield
            return
        with filled(standing(kind, place), world.postgres.content, world.postgres.server):
            yield

    servers = [
        Part("postgres", server, reads=lambda world: world.postgres.server),
        Part("postgres drill", partial(_drill_server, kind), reads=lambda world: world.postgres.drill),
    ]
    filling = [Part("postgres content", content, reads=lambda world: (world.postgres.server, world.postgres.content))]
    if kind == "demo":
        filling += [
            Part("postgres tls", threaded(_tls), reads=lambda world: world.postgres.server),
            Part("postgres drill tls", threaded(_drill_tls), reads=lambda world: world.postgres.drill),
        ]
    return servers, filling


@contextmanager
def _drill_server(kind: Kind, world: World, place: StackPlace) -> Iterator[None]:
    described = world.postgres.drill
    if described is None or not described.up:
        yield
        return
    at = drill_cluster(kind, place)
    with cluster(described, at.folder, at.port, at.programs, tls=kind == "real"):
        yield


@asynccontextmanager
async def _tls(world: World, place: StackPlace) -> AsyncIterator[None]:
    described = world.postgres.server
    if not described.up:
        yield
        return
    files = certify(described, folder(place)) if described.certificate else None
    async with relay(place.ports.postgres, place.ports.spare[INNER], files, takes_plain=described.takes_plain):
        yield


@asynccontextmanager
async def _drill_tls(world: World, place: StackPlace) -> AsyncIterator[None]:
    described = world.postgres.drill
    if described is None or not described.up:
        yield
        return
    files = certify(described, place.folder / DRILL_FOLDER) if described.certificate else None
    async with relay(drill_port(place), place.ports.spare[DRILL_INNER], files, takes_plain=described.takes_plain):
        yield
