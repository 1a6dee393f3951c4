"""golive's test event beside that of Sentry's own client, the lab's ingest, its Web API, and what answers otherwise."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import sentry_sdk
from pydantic import SecretStr, ValidationError
from sentry_ingest import sentry
from sentry_sdk.envelope import Envelope

from golive import Environment, Now, RunInfo, Unavailable
from golive_checks.systems.env.files import EnvFile
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.sentry.event import TrialEvent, api_of, envelope, id_of, trial_event
from golive_checks.systems.sentry.sentry import DsnTarget, ErrorTracking, EventLookup, parsed
from golive_checks.systems.vendors.client.client import Vendor, VendorLimits
from golive_lab.parts.asgi import HttpAnswer, as_json
from golive_lab.world.errors import API_TOKEN, Errors

RUN, API, WEB = RunInfo("0123abcd", "9.9"), EnvFile("api", role="api"), EnvFile("web", role="web")
STAGING = Environment("staging", release="2.4.0")
NOON = Now(dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC))
LOOKUP = EventLookup(token=SecretStr(API_TOKEN), organization="afrigest", api_project="afrigest-api", within_s=2)
ASKED = ErrorTracking(test_event=True, lookup=LOOKUP)


async def sent(dsn: str, ask: ErrorTracking = ASKED, file: EnvFile = API) -> TrialEvent:
    vendor = Vendor(VendorLimits(timeout_s=5), Pace(RateLimit(), Environment("x")), RUN)
    try:
        return await trial_event(file, STAGING, parsed("SENTRY_DSN", dsn), ask, NOON, RUN, vendor)
    finally:
        await vendor.aclose()


def looked(**changes: Any) -> ErrorTracking:
    return ASKED.model_copy(update={"lookup": LOOKUP.model_copy(update=changes)})


async def test_an_event_arrives() -> None:
    async with sentry() as (taker, dsn):
        got = await sent(dsn)
    assert (got.status, got.answered_id, got.limited) == (200, got.event_id, "")
    assert got.arrival is not None
    assert (got.arrival.found, got.arrival.trouble) == (True, "")
    (event,) = taker.events
    told = {name: event[name] for name in ("event_id", "level", "logger", "environment", "release")}
    assert told == {
        "event_id": got.event_id,
        "level": "info",
        "logger": "golive",
        "environment": "staging",
        "release": "2.4.0",
    }


async def test_it_has_the_form_that_sentrys_own_client_gives_an_event() -> None:
    async with sentry() as (taker, dsn):

        def tell() -> None:
            client = sentry_sdk.Client(dsn=dsn, default_integrations=False, environment="staging", release="2.4.0")
            client.capture_event({"message": "a test", "level": "info", "logger": "x", "fingerprint": ["a", "b"]})
            client.close(timeout=3)

        await asyncio.to_thread(tell)
        await sent(dsn)
    theirs, ours = (Envelope.deserialize(each) for each in taker.envelopes)
    assert ours.headers.keys() == theirs.headers.keys() - {"trace"}
    (their_item,), (our_item,) = theirs.items, ours.items
    assert our_item.headers.keys() == their_item.headers.keys()
    assert our_item.headers["type"] == their_item.headers["type"]
    assert our_item.data_category == their_item.data_category == "error"
    their_event, our_event = their_item.get_event(), our_item.get_event()
    assert our_event is not None
    assert their_event is not None
    kinds = {name: type(value) for name, value in their_event.items()}
    assert {n: type(v) for n, v in our_event.items() if n in kinds} == {
        n: k for n, k in kinds.items() if n in our_event
    }
    assert our_event.keys() - kinds.keys() == {"tags"}  # which an event of theirs has, too, where an app sets any
    assert kinds.keys() - our_event.keys() <= {"contexts", "breadcrumbs", "extra", "server_name", "modules", "_meta"}


def test_an_envelope_is_written_so_that_theirs_is_the_same() -> None:
    written = envelope("0f" * 16, Environment("a\nb\u2028é"), NOON, RUN)
    read = Envelope.deserialize(written)
    assert Envelope.deserialize(read.serialize()).get_event() == read.get_event()
    event = read.get_event()
    assert event is not None
    assert event["environment"] == "a\nb\u2028é"
    assert "release" not in event


def test_all_events_fall_into_one_issue_and_each_has_its_id() -> None:
    runs = [RUN, RunInfo("00000001", "9.9")]
    events = [
        Envelope.deserialize(envelope(id_of(r, f), STAGING, NOON, r)).get_event() for r in runs for f in (API, WEB)
    ]
    assert len({json.dumps(event and event["fingerprint"]) for event in events}) == 1
    assert len({event and event["event_id"] for event in events}) == 4
    assert id_of(RUN, API) == id_of(RUN, API)


REFUSALS: Mapping[str, tuple[Errors, ErrorTracking, tuple[int, str, str]]] = {
    "a disabled key": (Errors(disabled=("1",)), ASKED, (403, "event submission rejected with_reason: ProjectId", "")),
    "a quota": (
        Errors(limited=("1",)),
        ASKED,
        (429, "event rejected due to rate limit", "for 60 s (organization, error_usage_exceeded)"),
    ),
    "a proxy": (Errors(replaced=("1",)), ASKED, (200, "", "")),
}


@pytest.mark.parametrize(("errors", "ask", "told"), REFUSALS.values(), ids=REFUSALS)
async def test_what_is_not_taken_is_not_looked_for(
    errors: Errors, ask: ErrorTracking, told: tuple[int, str, str]
) -> None:
    async with sentry(errors) as (taker, dsn):
        got = await sent(dsn, ask)
    assert ((got.status, got.detail, got.limited), got.answered_id, got.arrival) == (told, "", None)
    assert taker.events == []


async def test_an_event_that_is_dropped_is_looked_for_as_long_as_the_profile_says() -> None:
    async with sentry(Errors(dropped=("1",))) as (_, dsn):
        got = await sent(dsn, looked(within_s=1))
    assert got.answered_id == got.event_id
    assert got.arrival is not None
    assert (got.arrival.found, got.arrival.trouble) == (False, "")
    assert 0.5 < got.arrival.waited_s <= 1.5


UNSURE = {
    "a token": ({"token": SecretStr("sntryu_other")}, "Sentry's API (127.0.0.1) answers 401: Invalid token"),
    "a slug": ({"api_project": "afrigest-shop"}, "answers 404: The requested resource does not exist"),
    "an organization": ({"organization": "other"}, "answers 404: The requested resource does not exist"),
    "no API": ({"url": "http://127.0.0.1:9"}, "Sentry's API (127.0.0.1): refuses connections"),
}


@pytest.mark.parametrize(("changes", "trouble"), UNSURE.values(), ids=UNSURE)
async def test_why_it_is_not_known_whether_it_arrived(changes: dict[str, Any], trouble: str) -> None:
    async with sentry() as (_, dsn):
        got = await sent(dsn, looked(within_s=0.3, **changes))
    assert got.answered_id == got.event_id
    assert got.arrival is not None
    assert (got.arrival.found, trouble in got.arrival.trouble) == (False, True), got.arrival
    assert API_TOKEN not in repr(got)


async def test_nobody_looks_without_being_told_where() -> None:
    async with sentry() as (_, dsn):
        got = await sent(dsn, ErrorTracking(test_event=True))
        web = await sent(dsn, file=WEB)  # whose project is not named
    assert (got.answered_id, got.arrival, web.arrival) == (got.event_id, None, None)


async def test_nothing_is_sent_unless_it_is_asked_for() -> None:
    async with sentry() as (taker, dsn):
        for ask, file in [
            (ErrorTracking(lookup=LOOKUP), API),
            (replace_service(ASKED), API),
            (ASKED, EnvFile("x")),
        ]:
            assert await sent(dsn, ask, file) == TrialEvent()
    assert taker.envelopes == []


def replace_service(ask: ErrorTracking) -> ErrorTracking:
    return ask.model_copy(update={"service": "other"})


class Odd:
    """Answers in turn, the last one forever; None cuts the connection off after the request has come."""

    def __init__(self, *answers: HttpAnswer | None) -> None:
        self.answers = list(answers)
        self.bodies: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = head.partition("content-length: ")[2].partition("\r")[0]
        self.bodies.append(await reader.readexactly(int(size or 0)))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is not None:
            named = {"content-length": str(len(answer.body)), "connection": "close", **dict(answer.headers)}
            lines = [f"HTTP/1.1 {answer.status} x", *(f"{name}: {value}" for name, value in named.items())]
            writer.write("\r\n".join([*lines, "", ""]).encode() + answer.body)
        writer.close()


async def odd(*answers: HttpAnswer | None, ask: ErrorTracking = ASKED) -> tuple[TrialEvent | Unavailable, list[bytes]]:
    server = Odd(*answers)
    async with await asyncio.start_server(server, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        try:
            got: TrialEvent | Unavailable = await sent(f"http://{'ab' * 16}@127.0.0.1:{port}/1", ask)
        except Unavailable as gap:
            got = gap
    return got, server.bodies


OURS = {"id": id_of(RUN, API)}
HYPHENS = {"id": "-".join([OURS["id"][:8], OURS["id"][8:12], OURS["id"][12:16], OURS["id"][16:20], OURS["id"][20:]])}
LIMITS = {
    "of errors": ("60:error:organization:quota", "for 60 s (organization, quota)"),
    "of all": ("60::key", "for 60 s (key)"),
    "of several": ("5:session:key, 9:transaction;error:project:x", "for 9 s (project, x)"),
    "of others": ("60:transaction;attachment:organization", ""),
    "hostile": ("x" * 5000 + ",9:error:\x7f" + "y" * 900, ""),
    "long": ("7:error:key:" + "y" * 900, f"for 7 s (key, {'y' * 60})"),
    "none": ("", ""),
}


@pytest.mark.parametrize(("header", "told"), LIMITS.values(), ids=LIMITS)
async def test_limits_that_come_with_an_answer(header: str, told: str) -> None:
    answer = replace(as_json(200, OURS), headers=(("x-sentry-rate-limits", header),))
    got, _ = await odd(answer, ask=ErrorTracking(test_event=True))
    assert isinstance(got, TrialEvent)
    assert (got.answered_id, got.limited) == (got.event_id, told)


async def test_retry_after_is_a_limit() -> None:
    got, bodies = await odd(replace(as_json(429, {}), headers=(("retry-after", "17"),)))
    assert isinstance(got, TrialEvent)
    assert (got.status, got.limited, len(bodies)) == (429, "for 17 s", 1)


ODD: Mapping[str, tuple[HttpAnswer, TrialEvent]] = {
    "no JSON": (HttpAnswer(200, "text/html", b"<html>"), TrialEvent(OURS["id"], garbled=True)),
    "a list": (as_json(200, [1]), TrialEvent(OURS["id"], garbled=True)),
    "another id": (as_json(200, {"id": "AA" * 16}), TrialEvent(OURS["id"], 200, answered_id="aa" * 16)),
    "an id that is none": (as_json(200, {"id": 7}), TrialEvent(OURS["id"], 200)),
    "a long id": (as_json(200, {"id": "a" * 9000}), TrialEvent(OURS["id"], 200, answered_id="a" * 40)),
    "a reason": (as_json(400, {"detail": "bad\x1b" + "x" * 900}), TrialEvent(OURS["id"], 400, "bad" + "x" * 196)),
    "a reason that is none": (as_json(413, {"detail": ["x"]}), TrialEvent(OURS["id"], 413)),
    "a page": (HttpAnswer(502, "text/html", b"<html>"), TrialEvent(OURS["id"], 502)),
}


@pytest.mark.parametrize(("answer", "told"), ODD.values(), ids=ODD)
async def test_what_answers_otherwise(answer: HttpAnswer, told: TrialEvent) -> None:
    got, _ = await odd(answer)
    assert got == told


async def test_an_id_with_hyphens_is_the_same() -> None:
    got, _ = await odd(as_json(200, HYPHENS), as_json(200, {"eventID": HYPHENS["id"]}))
    assert isinstance(got, TrialEvent)
    assert got.arrival is not None
    assert got.arrival.found


async def test_a_broken_connection_sends_the_same_event_once_more() -> None:
    got, bodies = await odd(None, as_json(200, OURS), as_json(200, {"eventID": OURS["id"]}))
    assert isinstance(got, TrialEvent)
    assert got.answered_id == got.event_id
    assert len(bodies) == 3  # twice the event, once a look
    assert bodies[0] == bodies[1] != b""


async def test_an_event_that_cannot_be_sent_is_a_gap() -> None:
    got, bodies = await odd(None)
    assert isinstance(got, Unavailable)
    assert len(bodies) == 2


async def test_the_api_may_stumble_while_it_is_asked() -> None:
    answers = as_json(200, OURS), as_json(503, {}), None, as_json(404, {"detail": "Event not found"})
    got, _ = await odd(*answers, as_json(200, {"eventID": OURS["id"]}))
    assert isinstance(got, TrialEvent)
    assert got.arrival is not None
    assert got.arrival.found


async def test_an_api_that_answers_with_another_event() -> None:
    got, _ = await odd(as_json(200, OURS), as_json(200, {"eventID": "aa" * 16}))
    assert isinstance(got, TrialEvent)
    assert got.arrival is not None
    assert "another event" in got.arrival.trouble


APIS = {
    "https://o1.ingest.sentry.io": "https://sentry.io",
    "https://o1.ingest.de.sentry.io": "https://de.sentry.io",
    "https://o1.ingest.us.sentry.io": "https://us.sentry.io",
    "https://sentry.io": "https://sentry.io",
    "https://errors.test:9000/sentry": "https://errors.test:9000/sentry",
    "https://o1.ingest.sentry.io.errors.test": "https://o1.ingest.sentry.io.errors.test",
}


@pytest.mark.parametrize(("base", "api"), APIS.items(), ids=APIS)
def test_where_the_api_is(base: str, api: str) -> None:
    assert api_of(DsnTarget(base, "1", "ab" * 16)) == api


WRONG = {
    "a path": ({"organization": "a/../b"}, "organization"),
    "no project": ({"api_project": None}, "needs api_project, web_project or both"),
    "a token in clear": ({"url": "http://errors.test"}, "credentials go over https"),
    "no time": ({"within_s": 0}, "within_s"),
}


@pytest.mark.parametrize(("changes", "word"), WRONG.values(), ids=WRONG)
def test_what_a_profile_may_not_say(changes: dict[str, Any], word: str) -> None:
    given = {"token": API_TOKEN, "organization": "a", "api_project": "b", **changes}
    with pytest.raises(ValidationError, match=word) as caught:
        EventLookup(**{name: value for name, value in given.items() if value is not None})
    assert API_TOKEN not in str(caught.value)
