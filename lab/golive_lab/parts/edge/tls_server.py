"""The front: it answers the hellos that want old TLS, and passes every other connection on to the edge untouched."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from golive_lab.parts.edge.contexts import edge_port
from golive_lab.parts.part import Part, threaded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

PATIENCE_S = 10


@contextmanager
def front(world: World, place: StackPlace) -> Iterator[None]:
    """Stand before the edge where the world wants it, else do nothing."""
    if world.tls.front is None:
        yield
        return
    with threaded(_serving)(world, place):
        yield


FRONT = Part("tls front", front, reads=lambda world: world.tls)


@asynccontextmanager
async def _serving(world: World, place: StackPlace) -> AsyncIterator[None]:
    serve = partial(_serve, world, place)
    servers = [await asyncio.start_server(partial(serve, ip), ip, place.ports.https) for ip in place.addresses]
    try:
        yield
    finally:
        for server in servers:
            server.close()


async def _serve(
    world: World, place: StackPlace, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Look at the hello, and hand the connection to whom it suits."""
    from golive_lab.parts.edge import tls_old  # noqa: PLC0415 - tlslite-ng takes long to import, and only faults want it

    try:
        async with asyncio.timeout(PATIENCE_S):
            first = await _first_record(reader)
        how = tls_old.suited(world.tls.front, first) if world.tls.front else ""
        if how == "SSLv2":
            writer.write(tls_old.ssl2_hello(place, address))
        elif how:
            ours, theirs = socket.socketpair()
            Thread(target=tls_old.shake_hands, args=(theirs, place, address, first, how), daemon=True).start()
            await _join(first, reader, writer, *await asyncio.open_connection(sock=ours))
        else:
            edge = await asyncio.open_connection(address, edge_port(world.tls, place))
            await _join(first, reader, writer, *edge)
    except (OSError, TimeoutError, asyncio.CancelledError):
        pass  # one of them went away, or the front is taken down, which Python 3.11 would report as an error
    finally:
        writer.close()


async def _first_record(reader: asyncio.StreamReader) -> bytes:
    """Read a hello, or whatever comes in its place. SSLv2's has a length of two bytes, and the top bit set."""
    try:
        head = await reader.readexactly(5)
        is_ssl2 = head[0] & 0x80
        size = (int.from_bytes(head[:2], "big") & 0x7FFF) - 3 if is_ssl2 else int.from_bytes(head[3:], "big")
        return head + await reader.readexactly(max(size, 0))
    except asyncio.IncompleteReadError as error:
        return error.partial


async def _join(
    first: bytes,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
) -> None:
    """Pass on every byte, both ways, until either side has had enough: TLS knows no half-closed connection."""
    far_writer.write(first)
    both = [asyncio.create_task(_pass_on(*way)) for way in ((reader, far_writer), (far_reader, writer))]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in both:
            each.cancel()
        far_writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
