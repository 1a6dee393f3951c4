import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from clocks import HANGS_S, not_waiting
from pydantic import BaseModel, SecretStr, ValidationError

from golive import Environment, RunInfo, Unavailable
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.vendors.client.answer import JsonPart
from golive_checks.systems.vendors.client.client import ApiBase, Vendor, VendorApi, VendorLimits
from golive_lab.parts.asgi import Listener, as_json, serving
from golive_lab.parts.certificates import write
from golive_lab.parts.edge.contexts import server_context
from golive_lab.parts.ports import standing
from golive_lab.world.tls import EdgeTls

Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
PASSWORD = SecretStr("sesame-open-now")


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[tuple[str, list[bytes]]]:
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            heads.append(head)
            await handler(head, writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heads
    finally:
        server.close()
        await asyncio.sleep(0)


@asynccontextmanager
async def vendor(**limits: float) -> AsyncIterator[Vendor]:
    asks = VendorLimits.model_validate({"timeout_s": 0.5, "patience_s": 2, **limits})
    made = Vendor(asks, Pace(RateLimit(), Environment("x")), RunInfo("0123abcd", "9.9"))
    try:
        yield made
    finally:
        await made.aclose()


def answer(status: int, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def says(*answers: bytes) -> Handler:
    """Answer each request by the next; the last one forever."""
    left = list(answers)

    async def handler(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])

    return handler


OK = answer(200, b'{"id": "x"}')
WAIT = answer(429, b"{}", "Retry-After: 1")


async def get(handler: Handler, **limits: float) -> tuple[int, list[bytes]]:
    async with served(handler) as (base, heads), vendor(**limits) as asks:
        got = await asks.get(
            VendorApi("Acme", base), "/v1/x", headers={"authorization": "Bearer t"}, query=[("a[]", "b c")]
        )
        return got.status, heads


async def test_a_request_says_who_asks_and_what_is_given() -> None:
    status, [head] = await get(says(OK))
    assert status == 200
    assert head.startswith((b"GET /v1/x?a%5B%5D=b+c HTTP/1.1", b"GET /v1/x?a%5B%5D=b%20c HTTP/1.1"))
    assert b"golive/9.9 (+readiness check; run 0123abcd)" in head
    assert b"Bearer t" in head
    assert b"cookie" not in head.lower()


GAPS: dict[str, tuple[Handler, str]] = {
    "no JSON": (says(answer(200, b"<html>")), "answers 200 with what is no JSON object"),
    "a list": (says(answer(200, b"[1]")), "what is no JSON object"),
    "nested": (says(answer(200, b"[" * 100_000)), "what is no JSON object"),
    "a redirect": (says(answer(302, b"", "Location: https://evil.test/")), "answers 302"),
    "too much": (says(answer(200, b'{"a":"' + b"x" * 5_000_000 + b'"}')), "more than 4 MB"),
    "packed": (says(answer(200, gzip.compress(b"{}"), "Content-Encoding: gzip")), "an encoding that was not requested"),
    "garbage": (says(b"\x00\x01\x02 no HTTP\r\n\r\n"), "is not HTTP"),
    "cut off": (says(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"), "broke off"),
}


@pytest.mark.parametrize(("handler", "reason"), GAPS.values(), ids=GAPS)
async def test_what_is_no_answer_is_a_gap(handler: Handler, reason: str) -> None:
    with pytest.raises(Unavailable, match=reason):
        await get(handler, timeout_s=5)


async def test_a_refusal_without_json_is_an_answer() -> None:
    status, _ = await get(says(answer(403, b"<html>no</html>")))
    assert status == 403


async def test_an_api_that_never_answers_or_drips_is_left_in_time() -> None:
    async def drips(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
        for _ in range(int(HANGS_S / 0.1)):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.1)

    with not_waiting(), pytest.raises(Unavailable, match="had not answered in full"):
        await get(drips)


async def test_nothing_listening_is_told() -> None:
    async with served(says(OK)) as (base, _):
        pass
    async with vendor() as asks:
        with pytest.raises(Unavailable, match="refuses connections"):
            await asks.get(VendorApi("Acme", base), "/", headers={})


async def test_retry_after_is_waited_for() -> None:
    began = time.monotonic()
    status, heads = await get(says(WAIT, OK), timeout_s=5)
    assert (status, len(heads)) == (200, 2)
    assert time.monotonic() - began > 0.9


@pytest.mark.parametrize(
    "header", ["Retry-After: 3600", "Date: Thu, 26 Nov 2026 10:00:00 GMT\r\nRetry-After: Thu, 26 Nov 2026 11:00:00 GMT"]
)
async def test_a_wait_beyond_patience_is_a_gap_at_once(header: str) -> None:
    with not_waiting(), pytest.raises(Unavailable, match="answers 429, too many requests, and asks to wait 1 h"):
        await get(says(answer(429, b"{}", header)), patience_s=HANGS_S)


async def test_a_wait_beyond_patience_names_the_key_of_whoever_was_asked() -> None:
    with not_waiting(), pytest.raises(Unavailable) as gap:
        await get(says(answer(429, b"{}", "Retry-After: 3600")))
    assert "raise vendors.patience_s" in gap.value.fix


async def test_patience_ends_also_where_every_wait_is_short() -> None:
    with pytest.raises(Unavailable, match="answers 429"):
        await get(says(answer(429, b"{}", "Retry-After: 0")))


async def log_in(asks: Vendor, base: str) -> int:
    api = VendorApi("Acme", base)
    return (await asks.log_in(api, "/token", "user", PASSWORD, form={"grant_type": "x"}, more={})).status


async def test_a_login_is_sent_once_whoever_asks_and_whatever_comes_of_it() -> None:
    async with served(says(answer(401, b'{"error": "invalid_client"}'), OK)) as (base, heads), vendor() as asks:
        assert await asyncio.gather(*(log_in(asks, base) for _ in range(5))) == [401] * 5
        assert await log_in(asks, base) == 401
    assert len(heads) == 1
    assert b"authorization: basic dxnlcjpzzxnhbwu" in heads[0].lower()


async def test_a_login_that_may_have_arrived_is_not_tried_again() -> None:
    async def hangs(_: bytes, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    async with served(hangs) as (base, heads), vendor() as asks:
        for _ in range(2):
            with pytest.raises(Unavailable) as gap:
                await log_in(asks, base)
            assert not gap.value.transient
    assert len(heads) == 1
    assert PASSWORD.get_secret_value() not in gap.value.reason


async def test_a_login_that_never_left_may_be_tried_again() -> None:
    async with served(says(OK)) as (base, _):
        pass
    async with vendor() as asks:
        for _ in range(2):
            with pytest.raises(Unavailable) as gap:
                await log_in(asks, base)
            assert gap.value.transient


async def test_this_machine_is_asked_past_every_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await get(says(OK)))[0] == 200


async def test_another_machine_is_asked_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(says(answer(403, b""))) as (base, heads):
        monkeypatch.setenv("HTTPS_PROXY", base)
        monkeypatch.setenv("NO_PROXY", "")
        async with vendor() as asks:
            with pytest.raises(Unavailable):
                await asks.get(
                    VendorApi("Acme", "https://api.acme.test"), "/", headers={"authorization": "Bearer sesame"}
                )
    assert heads[0].startswith(b"CONNECT api.acme.test:443")
    assert b"sesame" not in heads[0]


async def test_a_certificate_that_cannot_be_trusted_gets_no_credential() -> None:
    asked = []

    async def application(scope, receive, send):
        if scope["type"] != "lifespan":
            asked.append(scope["path"])
        await as_json(200, {}).send(send)

    with standing() as place:
        write(EdgeTls(), place)
        door = Listener(
            "127.0.0.1", place.ports.https, server_context(EdgeTls(), place, place.addresses[0], ("http/1.1",))
        )
        async with serving([(door, application)]), vendor() as asks:
            with pytest.raises(Unavailable, match="TLS failed"):
                await log_in(asks, f"https://localhost:{place.ports.https}")
    assert asked == []


class Holder(BaseModel):
    base: ApiBase


@pytest.mark.parametrize(
    "url", ["https://api.acme.test", "https://acme.test:8443/v1/", "http://127.0.0.1:4010", "http://[::1]:1"]
)
def test_bases_that_may_be(url: str) -> None:
    assert Holder(base=url).base == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    ["http://api.acme.test", "ftp://x.test", "https://u:p@x.test", "https://x.test/?a=1", "https://x.test#y", "x", ""],
)
def test_bases_that_may_not(url: str) -> None:
    with pytest.raises(ValidationError):
        Holder(base=url)


def part(text: str) -> JsonPart:
    return JsonPart("Acme", json.loads(text))


ODD = {
    "a list for a text": lambda: part('{"a": []}').text("a"),
    "a text for a flag": lambda: part('{"a": "true"}').flag("a"),
    "no flag at all": lambda: part("{}").stated_flag("a"),
    "a text for a flag that must be there": lambda: part('{"a": "false"}').stated_flag("a"),
    "a flag for a number": lambda: part('{"a": true}').whole("a"),
    "numbers for texts": lambda: part('{"a": [1]}').texts("a"),
    "a text for an object": lambda: part('{"a": "b"}').part("a"),
    "texts for objects": lambda: part('{"a": ["b"]}').parts("a"),
    "no list at all": lambda: part("{}").parts("a"),
    "a token with a line break": lambda: part('{"a": "b\\nc"}').secret("a"),
    "a token too long": lambda: part(json.dumps({"a": "b" * 9000})).secret("a"),
}


@pytest.mark.parametrize("read", ODD.values(), ids=ODD)
def test_json_that_is_not_as_documented_is_a_gap(read: Callable[[], object]) -> None:
    with pytest.raises(Unavailable, match="JSON that is not as documented"):
        read()


def test_what_is_null_or_absent_is_empty() -> None:
    nothing = part('{"a": null}')
    assert (nothing.text("a"), nothing.flag("a"), nothing.whole("b"), nothing.texts("b")) == ("", False, 0, ())
    assert nothing.part("b").text("c") == ""
    assert "secret" not in repr(part('{"a": "secret"}'))


async def byte_by_byte(_: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\n \r\n" * 4000)
        await writer.drain()


async def test_an_api_that_sends_byte_by_byte_is_given_up_and_takes_nobody_the_turn() -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable, match=r"sends more than 65\.5 kB that are no answer"):
        await get(byte_by_byte, timeout_s=30)
    assert time.monotonic() - began < 10


async def interim(_: bytes, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 400)
        await writer.drain()


async def test_an_api_that_sends_interim_answers_alone_is_given_up() -> None:
    with pytest.raises(Unavailable, match=r"sends more than 65\.5 kB that are no answer"):
        await get(interim, timeout_s=30)


async def test_an_honest_answer_in_small_chunks_is_read() -> None:
    body = json.dumps({"id": "x" * 300_000}).encode()
    chunks = b"".join(b"10\r\n%s\r\n" % body[at : at + 16].ljust(16) for at in range(0, len(body), 16))

    async def handler(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")

    status, _ = await get(handler, timeout_s=30)
    assert status == 200
