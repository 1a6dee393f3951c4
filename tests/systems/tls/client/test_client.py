"""The TLS client against servers of the standard library, of tlslite-ng, and of bad will."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from clocks import not_waiting

from golive import Environment, Unavailable
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.tls.client.answer import ASKS_AGAIN, HelloOutcome
from golive_checks.systems.tls.client.certificates import kind_of_key
from golive_checks.systems.tls.client.client import Tls, TlsLimits, TlsTarget
from golive_checks.systems.tls.client.offers import BROWSERS, WIDE, Offer, of_other_key, of_suites, old
from golive_checks.systems.tls.client.suites import BROKEN, family, of_families
from golive_lab.parts.certificates import write
from golive_lab.parts.edge.contexts import _context, server_context
from golive_lab.parts.edge.tls_server import FRONT
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.world import World, healthy
from golive_lab.world import tls as lab
from golive_lab.world.names import API

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
VERSIONS = ("SSLv2", "SSLv3", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3")
QUICK = TlsLimits(connect_timeout_s=1, timeout_s=0.4)


@pytest.fixture(scope="module")
def place() -> Iterator[StackPlace]:
    with standing() as here:
        yield here


def offer(version: str) -> Offer:
    return WIDE.get(version) or old(version)


def client(limits: TlsLimits | None = None) -> Tls:
    return Tls(Pace(RateLimit(), Environment("test")), NetworkRoutes(Vantage()), limits or TlsLimits())


@asynccontextmanager
async def served(
    handler: Handler, context: ssl.SSLContext | None = None, ip: str = "127.0.0.1"
) -> AsyncIterator[TlsTarget]:
    busy: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        busy.add(task)
        try:
            await handler(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            busy.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, ip, 0, ssl=context)
    try:
        yield TlsTarget(API, ip, server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in busy:
            task.cancel()
        await asyncio.sleep(0)


async def idle(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


@asynccontextmanager
async def edge(tls: lab.EdgeTls, place: StackPlace) -> AsyncIterator[TlsTarget]:
    """Serve TLS as the world describes it, with Python's own OpenSSL."""
    write(tls, place)
    async with served(idle, server_context(tls, place, place.addresses[0])) as target:
        yield target


@pytest.mark.parametrize(
    ("protocols", "accepted"),
    [
        (("TLSv1.2", "TLSv1.3"), ("TLS 1.2", "TLS 1.3")),
        (("TLSv1.2",), ("TLS 1.2",)),
        (("TLSv1.3",), ("TLS 1.3",)),
        (("TLSv1", "TLSv1.1"), ("TLS 1.0", "TLS 1.1")),
        (("TLSv1.1",), ("TLS 1.1",)),
        (("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"), ("TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3")),
    ],
    ids=str,
)
async def test_versions_are_seen_as_they_are_served(
    protocols: tuple[lab.Protocol, ...], accepted: tuple[str, ...], place: StackPlace
) -> None:
    async with edge(lab.EdgeTls(protocols=protocols), place) as target:
        heard = {version: (await client().hello(target, offer(version))).answer for version in VERSIONS}
    assert {version for version, answer in heard.items() if answer.seen is HelloOutcome.ACCEPTED} == set(accepted)
    assert {answer.seen for version, answer in heard.items() if version not in accepted} == {HelloOutcome.REFUSED}


async def test_the_chain_is_read_as_sent_in_tls_1_2_and_in_tls_1_3(place: StackPlace) -> None:
    async with edge(lab.EdgeTls(), place) as target:
        heard = await client().hello(target, offer("TLS 1.2"))
        again = await client().hello(target, WIDE["TLS 1.3"])
    assert len(heard.chain) == 2
    assert heard.chain == again.chain
    assert heard.answer.renegotiates_securely
    assert not heard.answer.compresses
    assert not heard.staple


async def test_the_chain_depends_on_the_host_that_is_named(place: StackPlace) -> None:
    async with edge(lab.EdgeTls(), place) as target:
        first = await client().hello(target, offer("TLS 1.2"))
        other = await client().hello(replace(target, host="shop.demo.test"), offer("TLS 1.2"))
    assert first.chain[0] != other.chain[0]
    assert first.chain[1] == other.chain[1]


@pytest.mark.parametrize(
    "chain", [lab.Chain(key="rsa-1024"), lab.Chain(signature="sha1"), lab.Chain(issuer="self")], ids=str
)
async def test_a_chain_that_openssl_refuses_is_still_read(chain: lab.Chain, place: StackPlace) -> None:
    async with edge(lab.EdgeTls(chain=chain), place) as target:
        heard = await client().hello(target, offer("TLS 1.2"))
        again = await client().hello(target, WIDE["TLS 1.3"])
    assert heard.chain == again.chain != ()


async def test_a_chain_without_end_is_refused_by_its_size(place: StackPlace) -> None:
    async with edge(lab.EdgeTls(chain=lab.Chain(padding_bytes=1_000_000)), place) as target:
        with pytest.raises(Unavailable, match=r"its certificates are 1\d{6} bytes long, more than clients read"):
            await client().hello(target, offer("TLS 1.2"))
        with pytest.raises(Unavailable, match=r"its certificates are 1\d{6} bytes long, more than clients read"):
            await client().hello(target, WIDE["TLS 1.3"])


async def test_ipv6_is_looked_at_as_ipv4_is(place: StackPlace) -> None:
    write(lab.EdgeTls(), place)
    context = server_context(lab.EdgeTls(), place, place.addresses[0])
    async with served(idle, context, ip="::1") as target:
        assert (await client().hello(target, offer("TLS 1.2"))).answer.seen is HelloOutcome.ACCEPTED


@pytest.fixture
def old_front(place: StackPlace) -> Iterator[Callable[[lab.OldTls], World]]:
    """Let tlslite-ng stand in front of nothing: what it does not answer is cut off."""
    open_ones = []

    def stand(front: lab.OldTls) -> World:
        world = replace(healthy(), tls=lab.EdgeTls(front=front))
        write(world.tls, place)
        standing_front = FRONT.start(world, place)
        standing_front.__enter__()
        open_ones.append(standing_front)
        return world

    yield stand
    for each in open_ones:
        each.__exit__(None, None, None)


@pytest.mark.parametrize("version", ["SSLv2", "SSLv3", "TLS 1.0", "TLS 1.1"])
async def test_versions_that_openssl_no_longer_speaks_are_seen(
    version: str, old_front: Callable[[lab.OldTls], World], place: StackPlace
) -> None:
    old_front(lab.OldTls(versions=(version.replace("TLS 1.0", "TLSv1").replace("TLS 1.1", "TLSv1.1"),)))  # type: ignore[arg-type]
    target = TlsTarget(API, place.addresses[0], place.ports.https)
    heard = {asked: (await client().hello(target, offer(asked))).answer.seen for asked in VERSIONS}
    assert heard == {asked: HelloOutcome.ACCEPTED if asked == version else HelloOutcome.REFUSED for asked in VERSIONS}


@pytest.mark.parametrize(
    ("weak", "word"), [("3des", "3DES"), ("rc4", "RC4"), ("null", "NULL"), ("anonymous", "anonymous")]
)
async def test_suites_that_openssl_no_longer_speaks_are_seen(
    weak: lab.Weak, word: str, old_front: Callable[[lab.OldTls], World], place: StackPlace
) -> None:
    old_front(lab.OldTls(ciphers=(weak,)))
    target = TlsTarget(API, place.addresses[0], place.ports.https)
    answer = (await client().hello(target, of_suites(of_families(BROKEN)))).answer
    assert (answer.seen, family(answer.suite)) == (HelloOutcome.ACCEPTED, word)


async def test_a_group_of_numbers_is_measured(place: StackPlace) -> None:
    tls = lab.EdgeTls(ciphers="DHE-RSA-AES128-GCM-SHA256")
    write(tls, place)
    context = server_context(tls, place, place.addresses[0])
    parameters = place.folder / "dh.pem"
    parameters.write_text(FFDHE_2048)
    context.load_dh_params(str(parameters))
    async with served(idle, context) as target:
        # Python leaves the group to OpenSSL unless it is given one; an API host's own context is the first.
        assert (await client().hello(target, offer("TLS 1.2"))).answer.dh_bits == 2048


FFDHE_2048 = """-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
"""
"""RFC 7919, appendix A.1."""


# What follows answers in bad faith. Each is over in bounded time, and says what it saw.

SERVER_HELLO = bytes.fromhex("16 0303 0031 02 00002d 0303") + bytes(32) + bytes.fromhex("00 c02f 00 0005 ff01000100")


def saying(answer: bytes, *, then: Handler | None = None) -> Handler:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer)
        await writer.drain()
        if then:
            await then(reader, writer)

    return say


def record(kind: int, payload: bytes) -> bytes:
    return bytes((kind, 3, 3)) + len(payload).to_bytes(2, "big") + payload


def message(kind: int, body: bytes) -> bytes:
    return record(22, bytes((kind,)) + len(body).to_bytes(3, "big") + body)


GARBLED: dict[str, tuple[bytes, str]] = {
    "plain http": (b"HTTP/1.1 400 Bad Request\r\n\r\n", "speaks plain HTTP where TLS is expected"),
    "ssh": (b"SSH-2.0-OpenSSH_9.2\r\n", "something other than TLS: b'SSH-2"),
    "a few bytes": (b"\x00\x01", r"something other than TLS: b'\\x00\\x01'"),
    "escapes": (b"\x1b[31m::error::" * 3, r"something other than TLS: b'\\x1b"),
    "a record too long": (b"\x16\x03\x03\xff\xff" + bytes(0xFFFF), "something other than TLS"),
    "an empty record": (b"\x16\x03\x03\x00\x00", "something other than TLS"),
    "application data": (record(23, b"hello"), "a record of type 23"),
    "half an alert": (record(21, b"\x02"), "an alert that is cut short"),
    "a certificate first": (message(11, b"\0\0\0"), "a message of type 11"),
    "a hello cut short": (message(2, b"\x03\x03"), "a handshake message that is cut short"),
    "an unknown version": (message(2, b"\x09\x09" + bytes(36)), r"version \(9, 9\), which there is not"),
    "a higher version": (
        message(2, b"\x03\x03" + bytes(33) + b"\x13\x01\x00" + bytes.fromhex("0006002b00020304")),
        "chooses TLS 1.3 when at most TLS 1.2 was offered",
    ),
    "no certificate in the list": (SERVER_HELLO + message(11, b"\0\0\0"), "no certificate, or more than"),
    "a list longer than itself": (SERVER_HELLO + message(11, b"\0\0\xff\0\0\1x"), "cut short"),
    "certificates without end": (
        SERVER_HELLO + message(11, (100 * 4).to_bytes(3, "big") + b"\0\0\1x" * 100),
        "no certificate, or more than 20",
    ),
    "a message without end": (SERVER_HELLO + record(22, b"\x0b\xff\xff\xff"), "its certificates are 16777215 bytes"),
    "messages without end": (SERVER_HELLO + record(22, bytes(4 * 4000)), "more than 20 handshake messages"),
    "records of a byte": (record(22, b"\x0b") + record(22, b"\0") * 500, "a message of type 11"),
    "nothing in many records": (
        SERVER_HELLO + record(22, b"\0\1\0\0") + record(22, b"x") * 500,
        "more than 200 records",
    ),
    "warnings without end": (record(21, b"\x01\x70") * 500, "more than 200 records"),
}


@pytest.mark.parametrize(("answer", "reason"), GARBLED.values(), ids=GARBLED)
async def test_garbage_is_no_answer(answer: bytes, reason: str) -> None:
    async with served(saying(answer)) as target:
        with pytest.raises(Unavailable, match=reason) as gap:
            await client().hello(target, offer("TLS 1.2"))
    assert not gap.value.transient
    assert len(gap.value.reason) < 200


SSL2_GARBLED: dict[str, tuple[bytes, str]] = {
    "plain http": (b"HTTP/1.1 400 Bad Request\r\n\r\n", "something other than SSL"),
    "a message of no kind": (b"\x80\x03\x09\x00\x00", "message of type 9"),
}


@pytest.mark.parametrize(("answer", "reason"), SSL2_GARBLED.values(), ids=SSL2_GARBLED)
async def test_garbage_is_no_answer_to_ssl2_either(answer: bytes, reason: str) -> None:
    async with served(saying(answer)) as target:
        with pytest.raises(Unavailable, match=reason):
            await client().hello(target, offer("SSLv2"))


REFUSALS: dict[str, tuple[bytes, HelloOutcome, str]] = {
    "closes": (b"", HelloOutcome.REFUSED, "closed the connection"),
    "closes in the middle": (b"\x16\x03", HelloOutcome.REFUSED, "closed the connection"),
    "an alert": (record(21, b"\x02\x46"), HelloOutcome.REFUSED, "alert protocol_version"),
    "an alert of no name": (record(21, b"\x02\xee"), HelloOutcome.REFUSED, "alert 238"),
    "a farewell": (record(21, b"\x01\x00"), HelloOutcome.REFUSED, "alert close_notify"),
    "a warning, then an alert": (
        record(21, b"\x01\x70") + record(21, b"\x02\x28"),
        HelloOutcome.REFUSED,
        "handshake_failure",
    ),
    "a refusal that breaks": (record(21, b"\x02\x50"), HelloOutcome.BROKEN, "alert internal_error"),
    "breaks after its hello": (SERVER_HELLO + record(21, b"\x02\x50"), HelloOutcome.BROKEN, "alert internal_error"),
    "a lower version": (message(2, b"\x03\x02" + bytes(36)), HelloOutcome.REFUSED, "chose TLS 1.1"),
}


@pytest.mark.parametrize(("answer", "seen", "how"), REFUSALS.values(), ids=REFUSALS)
async def test_a_refusal_is_an_answer(answer: bytes, seen: HelloOutcome, how: str) -> None:
    async with served(saying(answer)) as target:
        got = (await client().hello(target, offer("TLS 1.2"))).answer
    assert (got.seen, how in got.how) == (seen, True), got


SSL2_REFUSALS: dict[str, bytes] = {
    "closes": b"",
    "an alert of TLS": record(21, b"\x02\x46"),
    "an error of its own": b"\x80\x03\x00\x00\x01",
}


@pytest.mark.parametrize("answer", SSL2_REFUSALS.values(), ids=SSL2_REFUSALS)
async def test_ssl2_has_refusals_of_its_own(answer: bytes) -> None:
    async with served(saying(answer)) as target:
        assert (await client().hello(target, offer("SSLv2"))).answer.seen is HelloOutcome.REFUSED


async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for byte in SERVER_HELLO:
        writer.write(bytes([byte]))
        await asyncio.sleep(0.1)


async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(message(4, bytes(16_000)))
        await writer.drain()


@pytest.mark.parametrize(
    "handler", [idle, saying(b"", then=drip), saying(b"\x16", then=idle)], ids=["silent", "drips", "one byte"]
)
@pytest.mark.parametrize("version", ["TLS 1.0", "TLS 1.2", "TLS 1.3"])
async def test_who_does_not_finish_is_left(handler: Handler, version: str) -> None:
    async with served(handler) as target:
        late = r"did not finish its answer to a hello within 400 ms"
        with not_waiting(), pytest.raises(Unavailable, match=late) as gap:
            await client(QUICK).hello(target, offer(version))
    assert gap.value.transient


async def test_who_says_nothing_to_ssl2_is_left() -> None:
    async with served(idle) as target:
        with pytest.raises(Unavailable, match="did not finish its answer"):
            await client(QUICK).hello(target, offer("SSLv2"))


async def test_who_does_not_finish_in_tls_1_3_is_left_too() -> None:
    async with served(idle) as target:
        with pytest.raises(Unavailable, match="did not finish its answer"):
            await client(QUICK).hello(target, WIDE["TLS 1.3"])


async def test_who_never_stops_is_left() -> None:
    async with served(saying(SERVER_HELLO, then=flood)) as target:
        with pytest.raises(Unavailable, match="more than 20 handshake messages"):
            await client().hello(target, offer("TLS 1.2"))


async def test_a_closed_port_is_worth_another_try() -> None:
    async with served(idle) as target:
        pass
    with pytest.raises(Unavailable, match="is closed") as gap:
        await client().hello(target, offer("TLS 1.2"))
    assert gap.value.transient


async def test_a_server_that_hangs_up_on_tls_1_3_gives_no_chain() -> None:
    async with served(saying(b"")) as target:
        heard = await client().hello(target, BROWSERS)
    assert (heard.answer.how, heard.chain) == ("closed the connection", ())


async def test_both_certificates_are_seen_where_tls_1_3_alone_is_spoken(place: StackPlace) -> None:
    tls = lab.EdgeTls(protocols=("TLSv1.3",), other_key={API: lab.Chain(key="p-256")})
    write(tls, place)
    context = _context(tls, place, API, place.addresses[0], ())
    async with served(idle, context) as target:
        first = await client().hello(target, BROWSERS)
        kind = kind_of_key(first.chain[0])
        other = await client().hello(target, of_other_key(first.answer.suite, kind))
    assert {kind, kind_of_key(other.chain[0])} == {"RSA", "EC"}


HELLO_1_3 = bytes.fromhex("0303") + bytes(32) + b"\0" + bytes.fromhex("1301 00")
VERSION_1_3 = bytes.fromhex("002b 0002 0304")


def answer_1_3(extensions: bytes, random: bytes = b"") -> bytes:
    body = HELLO_1_3 if not random else HELLO_1_3[:2] + random + HELLO_1_3[34:]
    return message(2, body + len(extensions).to_bytes(2, "big") + extensions)


def shared(group: int, key: bytes) -> bytes:
    held = group.to_bytes(2, "big") + len(key).to_bytes(2, "big") + key
    return bytes.fromhex("0033") + len(held).to_bytes(2, "big") + held


BAD_KEYS: dict[str, tuple[bytes, str]] = {
    "no key": (answer_1_3(VERSION_1_3), "uses a key for group 0x0000"),
    "a key that is none": (answer_1_3(VERSION_1_3 + shared(29, b"short")), "a key for X25519 that is none"),
    "a key of zeros": (answer_1_3(VERSION_1_3 + shared(29, bytes(32))), "a key for X25519 that is none"),
    "a kem's cut short": (answer_1_3(VERSION_1_3 + shared(0x11EC, bytes(50))), "a key for X25519MLKEM768 that is none"),
    "a group without a key": (answer_1_3(VERSION_1_3 + shared(24, bytes(97))), "P-384, for which none came along"),
    "what does not open": (
        answer_1_3(VERSION_1_3 + shared(29, bytes([9]) + bytes(31))) + record(23, bytes(40)),
        "does not open with the keys agreed on",
    ),
}


@pytest.mark.parametrize(("answer", "reason"), BAD_KEYS.values(), ids=BAD_KEYS)
async def test_garbage_in_tls_1_3_is_no_answer(answer: bytes, reason: str) -> None:
    async with served(saying(answer)) as target:
        with pytest.raises(Unavailable, match=reason) as gap:
            await client().hello(target, BROWSERS)
    assert len(gap.value.reason) < 200


async def test_who_asks_for_another_key_for_ever_refuses() -> None:
    asks = answer_1_3(VERSION_1_3 + bytes.fromhex("0033 0002 0018"), ASKS_AGAIN)
    async with served(saying(asks)) as target:
        answer = (await client().hello(target, BROWSERS)).answer
    assert (answer.seen, answer.how) == (HelloOutcome.REFUSED, "asked for a key of P-384, and again")


async def test_what_was_not_offered_may_not_be_chosen() -> None:
    group = answer_1_3(VERSION_1_3 + shared(30, bytes(56)))
    async with served(saying(group)) as target:
        assert (await client().hello(target, BROWSERS)).answer.how == "chose X448, which was not offered"
    suite = message(2, b"\x03\x03" + bytes(33) + b"\x00\x05\x00")
    async with served(saying(suite)) as target:
        assert "RC4_128_SHA, which was not offered" in (await client().hello(target, BROWSERS)).answer.how
