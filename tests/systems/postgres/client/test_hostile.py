"""Servers that are none, or that stop in the middle: bounded in time, and each with its own word."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from clocks import HANGS_S, not_waiting
from pydantic import SecretStr

from golive import RunInfo
from golive.engine.loop import in_loop
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.connect import PostgresLimits
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind
from golive_checks.systems.tls.client.trust import Trust

CANARY = "cAnArY7"
SSL_REQUEST = bytes.fromhex("0000000804d2162f")
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def client() -> Postgres:
    limits = PostgresLimits(connect_timeout_s=0.4, statement_timeout_s=0.4)
    return Postgres(limits, NetworkRoutes(Vantage()), Trust(), RunInfo("0123abcd", "9.9"))


@asynccontextmanager
async def server(talk: Talk) -> AsyncIterator[tuple[SecretStr, list[int]]]:
    """Serve what the test says, and count who came."""
    tasks, came = set[asyncio.Task[None]](), list[int]()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            try:
                await talk(reader, writer)
            finally:
                writer.close()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(1)
        task = asyncio.ensure_future(handle(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        port = listening.sockets[0].getsockname()[1]
        yield SecretStr(f"postgresql://app:{CANARY}@127.0.0.1:{port}/x"), came
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4) + body


def fatal(code: str, text: str) -> bytes:
    return message(b"E", f"SFATAL\0VFATAL\0C{code}\0M{text}\0\0".encode())


LOGIN = message(b"R", bytes(4)) + message(b"S", b"server_version\x0017.2\0") + message(b"Z", b"I")
"""AuthenticationOk, a parameter, ReadyForQuery."""


async def without_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Refuse TLS and read the startup message."""
    first = await reader.readexactly(8)
    if first == SSL_REQUEST:
        writer.write(b"N")
        await asyncio.sleep(HANGS_S)
    await reader.read(1000)


async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(HANGS_S)


async def tls_and_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"S")
    await asyncio.sleep(HANGS_S)


async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await without_tls(reader, writer)
    await asyncio.sleep(HANGS_S)


async def stalls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await without_tls(reader, writer)
    writer.write(LOGIN)
    await asyncio.sleep(HANGS_S)


async def hangs_up_at_query(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await without_tls(reader, writer)
    writer.write(LOGIN)
    await reader.read(100)


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xff" * 500)
    await asyncio.sleep(1)


async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(8)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")


async def garbage_after_login(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await without_tls(reader, writer)
    writer.write(LOGIN + b"\xff" * 5000)
    await asyncio.sleep(HANGS_S)


async def closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(8)


def says(code: str, text: str) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await without_tls(reader, writer)
        writer.write(fatal(code, text))
        await writer.drain()

    return talk


CASES: dict[str, tuple[Talk, TroubleKind]] = {
    "silent": (nothing, TroubleKind.TLS_SILENT),
    "TLS and silent": (tls_and_nothing, TroubleKind.TLS_SILENT),
    "mute": (mute, TroubleKind.MUTE),
    "stalls": (stalls, TroubleKind.STALLED),
    "hangs up": (hangs_up_at_query, TroubleKind.LOST),
    "garbage": (garbage, TroubleKind.NOT_POSTGRES),
    "a web server": (web, TroubleKind.NOT_POSTGRES),
    "closes": (closes, TroubleKind.LOST),
    "starting": (says("57P03", "the database system is starting up"), TroubleKind.STARTING),
    "full": (says("53300", "sorry, too many clients already"), TroubleKind.FULL),
    "no role": (says("28000", 'role "app" does not exist'), TroubleKind.NO_ROLE),
    "no entry": (says("28000", 'no pg_hba.conf entry for host "x", SSL encryption'), TroubleKind.NO_ENTRY),
    "in French": (
        says("28P01", "authentification par mot de passe échouée pour l'utilisateur « app »"),
        TroubleKind.REFUSED,
    ),
    "repeats the password": (says("XX000", f"bad {CANARY} \x1b[31m"), TroubleKind.REFUSED),
}


@pytest.mark.parametrize(("talk", "kind"), CASES.values(), ids=CASES)
async def test_it_is_told_in_time_and_in_its_own_words(talk: Talk, kind: TroubleKind) -> None:
    mode = "" if kind is TroubleKind.TLS_SILENT or talk in {garbage, web, closes} else "?sslmode=disable"
    async with server(talk) as (url, _):
        with not_waiting(), pytest.raises(PostgresTrouble) as trouble:
            await client().rows(SecretStr(url.get_secret_value() + mode), "SELECT 1")
    assert trouble.value.kind is kind
    assert CANARY not in trouble.value.reason + trouble.value.fix
    assert "\x1b" not in trouble.value.reason


@pytest.mark.parametrize("talk", [mute, stalls])
@pytest.mark.parametrize("busy_s", [0.0, 0.5])
def test_silence_while_golive_was_busy_is_nobodys(talk: Talk, busy_s: float) -> None:
    async def asked() -> PostgresTrouble:
        async with server(talk) as (url, _):
            asyncio.get_running_loop().call_later(0.2, time.sleep, busy_s)
            with pytest.raises(PostgresTrouble) as trouble:
                await client().rows(SecretStr(url.get_secret_value() + "?sslmode=disable"), "SELECT 1")
        return trouble.value

    trouble = in_loop(asked())
    assert (
        trouble.kind is TroubleKind.BUSY
        if busy_s
        else trouble.kind in {TroubleKind.MUTE, TroubleKind.STALLED, TroubleKind.BUSY}
    )
    assert trouble.transient is (trouble.kind is TroubleKind.BUSY)


async def test_garbage_after_the_login_ends(request: pytest.FixtureRequest) -> None:
    async with server(garbage_after_login) as (url, _):
        with pytest.raises(PostgresTrouble) as trouble:
            await client().rows(SecretStr(url.get_secret_value() + "?sslmode=disable"), "SELECT 1")
    assert trouble.value.kind in {TroubleKind.LOST, TroubleKind.STALLED, TroubleKind.NOT_POSTGRES}


async def test_a_server_that_does_not_answer_is_waited_for_once() -> None:
    async with server(nothing) as (url, came):
        pg = client()
        found = await asyncio.gather(*(pg.rows(url, "SELECT 1") for _ in range(50)), return_exceptions=True)
        assert {type(each) for each in found} == {PostgresTrouble}
        assert len(came) == 1


async def test_a_login_refused_in_an_unknown_language_is_tried_once() -> None:
    async with server(says("28P01", "échec de l'authentification")) as (url, came):
        pg, plain = client(), SecretStr(url.get_secret_value() + "?sslmode=disable")
        await asyncio.gather(*(pg.rows(plain, "SELECT 1") for _ in range(10)), return_exceptions=True)
        assert len(came) == 1
