from __future__ import annotations

from collections.abc import Mapping

import pytest

from golive import Outcome, Unavailable
from golive_checks.observability.errors import dsn_valid, event_arrives, front_wired, ingest_reachable
from golive_checks.subjects import Host
from golive_checks.systems.env.files import EnvFile
from golive_checks.systems.sentry.event import Arrival, TrialEvent
from golive_checks.systems.sentry.sentry import Dsn, DsnOddity, DsnTarget, ErrorTracking, Ingest, Wired, parsed

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
ASK, OTHER = ErrorTracking(), ErrorTracking(service="other")
API, WEB, APP = EnvFile("api", role="api"), EnvFile("web", role="web"), Host("app.test", role="app")
KEY, ANOTHER = "ab" * 16, "cd" * 16
CLOUD = DsnTarget("https://o1.ingest.de.sentry.io", "45", KEY)


def of(value: str) -> Dsn:
    return parsed("SENTRY_DSN", value)


DSNS: Mapping[str, tuple[Outcome, str, Dsn]] = {
    "cloud": (
        PASS,
        "SENTRY_DSN leads to project 45 at o1.ingest.de.sentry.io",
        of(f"https://{KEY}@o1.ingest.de.sentry.io/45"),
    ),
    "below a path": (PASS, "project 7 at errors.test:9000/sentry", of(f"https://{KEY}@errors.test:9000/sentry/7")),
    "on this machine": (PASS, "project 7", of(f"http://{KEY}@127.0.0.1:9000/7")),
    "none": (FAIL, "is not set", Dsn("SENTRY_DSN")),
    "no project": (FAIL, "names no project", of(f"https://{KEY}@errors.test")),
    "a project by name": (FAIL, "names no project", of(f"https://{KEY}@errors.test/api")),
    "no key": (FAIL, "has no public key", of("https://errors.test/45")),
    "half a key": (FAIL, "has no public key", of(f"https://{KEY[:20]}@errors.test/45")),
    "in clear": (FAIL, "in clear", of(f"http://{KEY}@errors.test/45")),
    "an old secret": (FAIL, "holds a secret key", of(f"https://{KEY}:{ANOTHER}@errors.test/45")),
    "a query": (PASS, "errors.test", of(f"https://{KEY}@errors.test/45?timeout=3&x=1#part")),
    "a query and no project": (FAIL, "names no project", of(f"https://{KEY}@errors.test/?x=1")),
    "text": (FAIL, "is no DSN", of("errors.test/45")),
    "a broken URL": (FAIL, "is no DSN", of("https://[x/45")),
    "a placeholder": (FAIL, "is a placeholder", of("https://<key>@sentry.io/<project>")),
}


@pytest.mark.parametrize(("outcome", "summary", "seen"), DSNS.values(), ids=DSNS)
def test_a_dsn(outcome: Outcome, summary: str, seen: Dsn) -> None:
    judged = dsn_valid(API, seen, ASK)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged
    assert ANOTHER not in str(judged)


INGESTS: Mapping[str, tuple[Outcome, str, Ingest]] = {
    "takes it": (PASS, "accepts an envelope (200)", Ingest(200)),
    "refuses the key": (FAIL, "answers 403: ProjectId", Ingest(403, "ProjectId")),
    "is not there": (FAIL, "answers 404", Ingest(404)),
    "is broken": (UNKNOWN, "answers 502", Ingest(502)),
}


@pytest.mark.parametrize(("outcome", "summary", "got"), INGESTS.values(), ids=INGESTS)
def test_an_ingest(outcome: Outcome, summary: str, got: Ingest) -> None:
    judged = ingest_reachable(API, Dsn("SENTRY_DSN", there=True, place=CLOUD), got, ASK)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


ID, THERE = "0f" * 16, Arrival(found=True, waited_s=0.4)


def took(arrival: Arrival | None, limited: str = "") -> TrialEvent:
    return TrialEvent(ID, 200, answered_id=ID, limited=limited, arrival=arrival)


EVENTS: Mapping[str, tuple[Outcome, str, TrialEvent]] = {
    "arrives": (PASS, f"took event {ID}, and its API has it after 400 ms; it stays there", took(THERE)),
    "nobody looked": (WARN, "golive did not check whether it arrived", took(None)),
    "dropped": (FAIL, "dropped it: Sentry's API has not had it for 59.8 s", took(Arrival(waited_s=59.8))),
    "who knows": (
        UNKNOWN,
        "is not known: Sentry's API (x) answers 403",
        took(Arrival(trouble="Sentry's API (x) answers 403")),
    ),
    "the last one": (WARN, "refuses further errors for 60 s", took(THERE, "for 60 s")),
    "dropped, and the last one": (FAIL, "dropped it", took(Arrival(waited_s=60), "for 60 s")),
    "too many": (
        FAIL,
        "429, too many requests, to the test event and refuses errors for 60 s: no",
        TrialEvent(ID, 429, "no", limited="for 60 s"),
    ),
    "too many, and no word": (FAIL, "429, too many requests, to the test event", TrialEvent(ID, 429)),
    "malformed": (FAIL, "answers 400: bad envelope", TrialEvent(ID, 400, "bad envelope")),
    "no such key": (FAIL, "answers 401", TrialEvent(ID, 401)),
    "another project": (FAIL, "answers 403: ProjectId", TrialEvent(ID, 403, "ProjectId")),
    "is not there": (FAIL, "answers 404", TrialEvent(ID, 404)),
    "elsewhere": (FAIL, "answers 302", TrialEvent(ID, 302)),
    "is broken": (UNKNOWN, "answers 503", TrialEvent(ID, 503)),
    "another event": (FAIL, "200 and the id of another event", TrialEvent(ID, 200, answered_id="aa" * 16)),
    "no event": (FAIL, "200 and no id of an event", TrialEvent(ID, 200)),
    "no JSON": (FAIL, "what is no JSON object", TrialEvent(ID, garbled=True)),
}


@pytest.mark.parametrize(("outcome", "summary", "got"), EVENTS.values(), ids=EVENTS)
def test_an_event(outcome: Outcome, summary: str, got: TrialEvent) -> None:
    judged = event_arrives(API, Dsn("SENTRY_DSN", there=True, place=CLOUD), got, ErrorTracking(test_event=True))
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


WEB_DSN: Mapping[EnvFile, Dsn | Unavailable] = {
    API: Dsn("SENTRY_DSN", there=True, place=DsnTarget("https://e.test", "1", ANOTHER)),
    WEB: Dsn("VITE_SENTRY_DSN", there=True, place=CLOUD),
}
GAP = Unavailable("denied")
UNREAD: Mapping[EnvFile, Dsn | Unavailable] = {WEB: GAP}
FRONTS: Mapping[str, tuple[Outcome, str, Wired, Mapping[EnvFile, Dsn | Unavailable]]] = {
    "the file's": (PASS, "/a.js sends errors to project 45", Wired({"/a.js": (CLOUD,)}), WEB_DSN),
    "no file to compare with": (PASS, "project 45", Wired({"/a.js": (CLOUD,)}), {}),
    "a file that could not be read": (UNKNOWN, "web would say: denied", Wired({"/a.js": (CLOUD,)}), UNREAD),
    "its loader, and such a file": (UNKNOWN, "web would say: denied", Wired({}, (KEY,)), UNREAD),
    "nothing, and such a file": (FAIL, "contains a DSN", Wired({}), UNREAD),
    "one of two such files": (
        PASS,
        "project 45",
        Wired({"/a.js": (CLOUD,)}),
        {EnvFile("old", role="web"): GAP} | WEB_DSN,
    ),
    "the API's file that could not be read": (PASS, "project 45", Wired({"/a.js": (CLOUD,)}), {API: GAP}),
    "another's": (
        FAIL,
        "project 9 at e.test, the env file says project 45",
        Wired({"/a.js": (DsnTarget("https://e.test", "9", KEY),)}),
        WEB_DSN,
    ),
    "the second of a file": (
        PASS,
        "/a.js sends errors to project 45",
        Wired({"/a.js": (DsnTarget("https://e.test", "9", KEY), CLOUD)}),
        WEB_DSN,
    ),
    "another's, and not all read": (
        UNKNOWN,
        "broke",
        Wired({"/a.js": (DsnTarget("https://e.test", "9", KEY),)}, missed=("broke",)),
        WEB_DSN,
    ),
    "the loader": (PASS, "Sentry's own loader", Wired({}, (KEY,)), WEB_DSN),
    "another's loader": (FAIL, "contains a DSN", Wired({}, (ANOTHER,)), WEB_DSN),
    "none": (FAIL, "nothing it serves contains a DSN", Wired({}), WEB_DSN),
    "not all read": (UNKNOWN, "broke", Wired({}, missed=("broke",)), WEB_DSN),
}


@pytest.mark.parametrize(("outcome", "summary", "seen", "dsns"), FRONTS.values(), ids=FRONTS)
def test_a_front(outcome: Outcome, summary: str, seen: Wired, dsns: Mapping[EnvFile, Dsn | Unavailable]) -> None:
    judged = front_wired(APP, seen, dsns, ASK)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_what_does_not_apply() -> None:
    bad = Dsn("SENTRY_DSN", there=True, oddities=(DsnOddity.CLEAR_TEXT,))
    judged = [dsn_valid(API, bad, OTHER), ingest_reachable(API, bad, Ingest(0), OTHER)]
    judged += [front_wired(APP, Wired({}), {}, OTHER), front_wired(Host("api.test", role="api"), Wired({}), {}, ASK)]
    judged += [dsn_valid(EnvFile("x"), bad, ASK), ingest_reachable(API, bad, Ingest(0), ASK)]
    sent, asked = TrialEvent(), ErrorTracking(test_event=True)
    judged += [event_arrives(API, bad, sent, OTHER), event_arrives(EnvFile("x"), bad, sent, asked)]
    judged += [event_arrives(API, bad, sent, asked), event_arrives(API, of(f"https://{KEY}@e.test/1"), sent, ASK)]
    assert {verdict.outcome for verdict in judged} == {NA}
