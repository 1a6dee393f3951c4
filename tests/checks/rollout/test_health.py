from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from golive import Outcome, Unavailable
from golive_checks.rollout.health import live, ready
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.front import HttpReply
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.release.health import Health, HealthAnswers, Pulse, Service, service
from golive_checks.systems.release.readiness import ReadinessDrill

API = Host("api.demo.test", role="api")
AT = Address("api.demo.test@192.0.2.1", API, "192.0.2.1")
HERE, ELSEWHERE = Service(here=True), Service(here=False)
ASK = Health(live="/health", ready="/ready")
NOT_PERMITTED = Unavailable("not allowed", not_permitted=True)
HONEST = ReadinessDrill("/ready", 15, 1.0, 503, 200, 0.5, 200)


def pulse(status: int = 200, seconds: float = 0.1, again: int = 200, **headers: str) -> Pulse:
    given = {"content-type": "application/json", **{name.replace("_", "-"): v for name, v in headers.items()}}
    reply = HttpReply("/health", status, "HTTP/1.1", tuple(given.items()), 10)
    return Pulse(reply, replace(reply, status=again if status == 200 else status), seconds)


CASES: list[Any] = [
    (pulse(), Outcome.PASS, "answers 200 at 1 addresses, within 100 ms"),
    (pulse(503), Outcome.FAIL, "192.0.2.1: /health answers 503"),
    (pulse(204), Outcome.FAIL, "answers 204"),
    (pulse(301), Outcome.FAIL, "answers 301"),
    (pulse(again=500), Outcome.FAIL, "answers 500"),
    (pulse(seconds=1.0), Outcome.PASS, ""),
    (pulse(seconds=1.01), Outcome.FAIL, "takes 1.01 s, at most 1 s"),
    (
        replace(pulse(seconds=0.86), unsure_s=0.64),
        Outcome.UNKNOWN,
        "192.0.2.1: /health takes between 860 ms and 1.5 s, at most 1 s: this machine was too busy to measure it",
    ),
    (replace(pulse(seconds=0.3), unsure_s=0.7), Outcome.PASS, ""),
    (replace(pulse(503, seconds=0.86), unsure_s=0.64), Outcome.FAIL, "answers 503"),
    (pulse(content_type="text/html; charset=utf-8"), Outcome.FAIL, "answers with a page"),
    (pulse(content_type="text/plain"), Outcome.PASS, ""),
    (pulse(age="0"), Outcome.PASS, ""),
    (pulse(age="3"), Outcome.FAIL, "comes from a cache, or may: Age: 3"),
    (pulse(x_cache="HIT from edge"), Outcome.FAIL, "x-cache: HIT from edge"),
    (pulse(cf_cache_status="DYNAMIC"), Outcome.PASS, ""),
    (pulse(cache_control="no-store"), Outcome.PASS, ""),
    (pulse(cache_control="max-age=0, must-revalidate"), Outcome.PASS, ""),
    (pulse(cache_control="public, max-age=60"), Outcome.FAIL, "Cache-Control: public, max-age=60"),
    (pulse(cache_control="max-age=60, private"), Outcome.PASS, ""),
]


@pytest.mark.parametrize(("seen", "outcome", "word"), CASES)
def test_live_and_ready_alike(seen: Pulse, outcome: Outcome, word: str) -> None:
    for verdict in (
        live(API, HERE, {AT: HealthAnswers(live=seen)}, ASK),
        ready(API, HERE, {AT: HealthAnswers(ready=seen)}, NOT_PERMITTED, ASK),
    ):
        assert verdict.outcome is outcome
        assert word in verdict.summary


@pytest.mark.parametrize(
    ("drill", "outcome", "word"),
    [
        (HONEST, Outcome.PASS, "503 after 1 s without its dependency"),
        (ReadinessDrill(), Outcome.PASS, "answers 200"),
        (NOT_PERMITTED, Outcome.PASS, "answers 200"),
        (Unavailable("no docker", fix="x"), Outcome.UNKNOWN, "whether it goes red could not be seen: no docker"),
        (replace(HONEST, red_after_s=None), Outcome.FAIL, "/ready still answers 200 15 s after"),
        (replace(HONEST, green_after_s=None, last_status=503), Outcome.FAIL, "/ready still answers 503 15 s after"),
        (replace(HONEST, live_status=503), Outcome.WARN, "/health answered 503 too"),
        (replace(HONEST, live_status=0), Outcome.PASS, "answers 200"),
    ],
)
def test_readiness_that_lies(drill: ReadinessDrill | Unavailable, outcome: Outcome, word: str) -> None:
    verdict = ready(API, HERE, {AT: HealthAnswers(ready=pulse())}, drill, ASK)
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_a_red_route_is_red_whatever_the_drill_could_not_do() -> None:
    assert ready(API, HERE, {AT: HealthAnswers(ready=pulse(503))}, Unavailable("x"), ASK).outcome is Outcome.FAIL


APP, SITE, OWN = (
    Host("app.demo.test", role="app"),
    Host("demo.test", role="site"),
    Host("shop.demo.test", role="shop", own={"health": {"live": "/x"}}),
)


@pytest.mark.parametrize(
    ("host", "beside", "asked"),
    [
        (API, (APP,), True),
        (APP, (API,), False),
        (APP, (SITE,), False),
        (APP, (), True),  # a product of one host, whatever its role
        (Host("demo.test"), (APP,), True),
        (SITE, (API,), True),
        (OWN, (API,), True),
    ],
)
async def test_which_hosts_are_asked(host: Host, beside: tuple[Host, ...], *, asked: bool) -> None:
    assert await service(host, {each: Origin("https://x.test") for each in (host, *beside)}) == Service(asked)


def test_a_host_that_is_not_asked() -> None:
    assert live(APP, ELSEWHERE, {}, ASK).summary == "it serves no API, and another host does"
    assert ready(APP, ELSEWHERE, {}, HONEST, ASK).outcome is Outcome.NA
    at = Address("app.demo.test@192.0.2.1", APP, "192.0.2.1")
    assert live(APP, HERE, {at: HealthAnswers(live=pulse(503))}, ASK).outcome is Outcome.FAIL
    assert live(API, HERE, {}, Health()).summary == "the profile names no liveness route (rollout.health.live)"
    assert ready(API, HERE, {}, HONEST, Health()).outcome is Outcome.NA
