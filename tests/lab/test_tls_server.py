"""The front before an edge: what it does not answer itself must reach the edge, and come back, byte for byte."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from golive_lab.parts.certificates import ca_file, write
from golive_lab.parts.edge.contexts import edge_port, server_context
from golive_lab.parts.edge.tls_server import FRONT
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.world import healthy
from golive_lab.world.names import APP
from golive_lab.world.tls import EdgeTls, OldTls

BOTH = EdgeTls(front=OldTls(versions=("SSLv3",), ciphers=("3des",)))


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(await reader.readexactly(200_000))
    await writer.drain()
    writer.close()


@asynccontextmanager
async def edge(tls: EdgeTls) -> AsyncIterator[StackPlace]:
    with standing() as place:
        write(tls, place)
        context = server_context(tls, place, place.addresses[0])
        server = await asyncio.start_server(echo, place.addresses[0], edge_port(tls, place), ssl=context)
        front = FRONT.start(replace(healthy(), tls=tls), place)
        await asyncio.to_thread(front.__enter__)
        try:
            yield place
        finally:
            await asyncio.to_thread(front.__exit__, None, None, None)
            server.close()


@pytest.mark.parametrize("tls", [EdgeTls(), BOTH], ids=["no front", "front"])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=str)
async def test_todays_clients_reach_the_edge(tls: EdgeTls, version: ssl.TLSVersion) -> None:
    sent = os.urandom(200_000)
    async with edge(tls) as place:
        context = ssl.create_default_context(cafile=str(ca_file(place)))
        context.maximum_version = version
        reader, writer = await asyncio.open_connection(
            place.addresses[0], place.ports.https, ssl=context, server_hostname=APP
        )
        writer.write(sent)
        assert await reader.readexactly(len(sent)) == sent
        writer.close()


async def test_without_a_front_the_edge_has_the_port_itself() -> None:
    with standing() as place:
        assert edge_port(EdgeTls(), place) == place.ports.https != edge_port(BOTH, place)


@pytest.mark.parametrize(
    "junk", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05hello"], ids=["", "http", "junk"]
)
async def test_what_is_no_hello_is_the_edges_to_refuse(junk: bytes) -> None:
    async with edge(BOTH) as place:
        reader, writer = await asyncio.open_connection(place.addresses[0], place.ports.https)
        writer.write(junk)
        writer.write_eof()
        async with asyncio.timeout(5):
            assert b"\x16\x03\x03" not in await reader.read()
        writer.close()
