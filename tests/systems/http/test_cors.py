"""What an API is asked about origins: enough that each way of comparing them badly shows, and no more."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from golive import Environment, Outcome, RunInfo
from golive_checks.security.cors import foreign_origins_refused, known_origins_served
from golive_checks.subjects import Host
from golive_checks.systems.http.answers import Routes
from golive_checks.systems.http.cors import Cors, CorsAnswers, cors_answers
from golive_checks.systems.http.origins import Origin, origin_of
from golive_checks.systems.http.realtime_route import RealtimePolicy
from golive_checks.systems.proxy.policy import ProxyPolicy
from golive_lab.parts.asgi import HttpAnswer
from golive_lab.world.names import APP as SERVED

Site = Callable[..., AbstractAsyncContextManager[Any]]
API, APP, SHOP = Host(SERVED, role="api", api_path="/items"), "https://app.okra.test", "https://boutique.okra.test"
KNOWN = frozenset({APP, SHOP})
LIVE = Environment("production", production=True)

BADLY: Mapping[str, Callable[[str], bool]] = {
    "everybody": bool,
    "null": lambda o: o == "null",
    "begins with": lambda o: o.startswith(APP),
    "begins with the second": lambda o: o.startswith(SHOP),
    "ends with": lambda o: o.endswith("app.okra.test"),
    "ends with the second": lambda o: o.endswith("boutique.okra.test"),
    "a dot of the second": lambda o: bool(re.fullmatch("https://boutique.okra.test", o)),
    "any subdomain": lambda o: bool(re.fullmatch(r"https://[a-z]+\.okra\.test", o)),
    "http as well": lambda o: o.replace("http://", "https://") in KNOWN,
    "any port": lambda o: re.sub(r":\d+$", "", o) in KNOWN,
    "a word's end": lambda o: bool(re.match(r"https://app\.okra\.test[^.a-z0-9:]", o)),
    "any port of a laptop": lambda o: bool(re.fullmatch(r"http://localhost(:\d+)?", o)),
    "a laptop's port": lambda o: o == "http://localhost:5173",
    "the inner network": lambda o: o.startswith("http://192.168."),
    "previews": lambda o: o.endswith(".netlify.app"),
}


def api(lets_in: Callable[[str], bool], where: str = "data") -> Callable[..., HttpAnswer]:
    """An API that compares origins whole, and badly in one place."""

    def respond(path: str, _: Any, *, method: str, headers: Mapping[str, str]) -> HttpAnswer:
        origin = headers.get("origin", "")
        place = "preflight" if method == "OPTIONS" else "data" if path == "/items" else "another"
        served = origin in KNOWN or (place == where and lets_in(origin))
        allowed = (("access-control-allow-origin", origin), ("access-control-allow-methods", "GET, POST, DELETE"))
        status = 204 if place == "preflight" else 200 if path == "/items" else 404
        return HttpAnswer(status, "application/json", b"", (("vary", "Origin"), *(allowed if served else ())))

    return respond


async def ask(site: Site, respond: Callable[..., HttpAnswer], **cors: Any) -> tuple[CorsAnswers, int]:
    asks = Cors(origins=(APP, SHOP), headers=(), **cors)
    async with site(respond, host=API) as there:
        seen = await there.look(
            cors_answers,
            env=LIVE,
            origins={there.host: Origin(origin_of(there.host))},
            ask=asks,
            routes=Routes(),
            proxy=ProxyPolicy(),
            talk=RealtimePolicy(),
            sockets=None,
            run=RunInfo("0123abcd", "1"),
            fronts=await there.fronts(),
        )
        return seen, len(there.asked)


async def test_a_sound_api_is_asked_no_more_than_it_takes(site: Site) -> None:
    seen, requests = await ask(site, api(lambda _: False), methods=("GET", "POST", "DELETE"))
    assert requests <= 34
    assert foreign_origins_refused(API, seen, Cors()).outcome is Outcome.PASS
    assert known_origins_served(API, seen, Cors(headers=())).outcome is Outcome.PASS
    assert [a.method for a in seen.asked if a.way == "preflight" and a.form == "known"] == ["DELETE", "DELETE"]


TRIED = tuple(BADLY) if os.environ.get("GOLIVE_ALL") else ("everybody", "begins with the second", "previews")


@pytest.mark.parametrize("how", TRIED)
async def test_each_way_of_comparing_badly_shows(how: str, site: Site) -> None:
    seen, requests = await ask(site, api(BADLY[how]))
    assert foreign_origins_refused(API, seen, Cors()).outcome is Outcome.FAIL
    assert (requests < 20) == (how == "everybody")  # after which nothing else could be learnt


@pytest.mark.parametrize("where", ["preflight", "another"])
async def test_what_compares_nothing_shows_wherever_that_is(where: str, site: Site) -> None:
    seen, _ = await ask(site, api(bool, where))
    assert foreign_origins_refused(API, seen, Cors()).outcome is Outcome.FAIL


async def test_methods_that_an_answer_does_not_list_are_asked_for(site: Site) -> None:
    def echo(path: str, _: Any, *, method: str, headers: Mapping[str, str]) -> HttpAnswer:
        asked = headers.get("access-control-request-method", "")
        origin = (("access-control-allow-origin", APP), ("access-control-allow-methods", asked))
        return HttpAnswer(403 if asked == "PATCH" else 200, "application/json", b"", origin)

    seen, _ = await ask(site, echo, methods=("GET", "PATCH", "DELETE"))
    known = [a.method for a in seen.asked if a.way == "preflight" and a.origin == APP]
    assert sorted(known) == ["DELETE", "GET", "PATCH"]
    assert "answers 403" in "; ".join(known_origins_served(API, seen, Cors()).evidence)
