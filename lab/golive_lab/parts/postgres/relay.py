"""TLS before a Postgres that has none: the demo's wheel is built without OpenSSL."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

HOST = "127.0.0.1"
SSL_REQUEST, GSS_REQUEST = 80877103, 80877104
"""https://www.postgresql.org/docs/current/protocol-message-formats.html"""
CHUNK_BYTES = 65_536
HANG_UP_S = 0.5
TURNS = 5
"""Of the loop, until a connection that it has just taken in has a task."""


@asynccontextmanager
async def relay(port: int, behind: int, files: tuple[Path, Path] | None, *, takes_plain: bool) -> AsyncIterator[None]:
    """Pass connections on to the port `behind`. `files`: certificate and key; None: it has no TLS to offer."""
    context = None
    if files:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*files)
    tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_serve(reader, writer, behind, context, takes_plain=takes_plain))
        tasks[task] = writer
        task.add_done_callback(tasks.pop)

    server = await asyncio.start_server(connected, HOST, port)
    try:
        yield
    finally:
        # Python 3.11 loses the socket of a connection that it is just taking in as the server is closed.
        for listening in server.sockets:
            asyncio.get_running_loop().remove_reader(listening.fileno())
        for _ in range(TURNS):
            await asyncio.sleep(0)
        server.close()
        left = dict(tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for writer in left.values():  # a task that had not begun closed nothing
            writer.transport.abort()
        await asyncio.sleep(0)  # for them to be closed while there is a loop


async def _serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    behind: int,
    context: ssl.SSLContext | None,
    *,
    takes_plain: bool,
) -> None:
    with suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
        try:
            first, secure = await reader.readexactly(8), False
            while (code := int.from_bytes(first[4:])) in {SSL_REQUEST, GSS_REQUEST}:
                offered = context if code == SSL_REQUEST else None
                writer.write(b"S" if offered else b"N")
                if offered:
                    await writer.start_tls(offered)
                    secure = True
                first = await reader.readexactly(8)
            if context and not (secure or takes_plain):
                writer.write(_refusal())
                await writer.drain()
                return
            await _pass_on(first, reader, writer, behind)
        finally:
            await _hang_up(writer)


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection. TLS would wait half a minute for the other side to agree."""
    writer.close()
    try:
        async with asyncio.timeout(HANG_UP_S):
            await writer.wait_closed()
    finally:
        writer.transport.abort()


async def _pass_on(first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behind: int) -> None:
    upstream_reader, upstream_writer = await asyncio.open_connection(HOST, behind)
    upstream_writer.write(first)
    both = [asyncio.create_task(_copy(reader, upstream_writer)), asyncio.create_task(_copy(upstream_reader, writer))]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        upstream_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()


def _refusal() -> bytes:
    """Say what Postgres says to who comes without TLS where pg_hba.conf has `hostssl` lines alone."""
    fields = {
        b"S": b"FATAL",
        b"V": b"FATAL",
        b"C": b"28000",
        b"M": b'no pg_hba.conf entry for host "127.0.0.1", no encryption',
    }
    body = b"".join(mark + text + b"\0" for mark, text in fields.items()) + b"\0"
    return b"E" + (len(body) + 4).to_bytes(4) + body
