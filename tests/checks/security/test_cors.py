from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from golive import Environment, Outcome
from golive_checks.security.cors import foreign_origins_refused, known_origins_served, varies
from golive_checks.subjects import Host
from golive_checks.systems.http.client.suffixes import provider_of
from golive_checks.systems.http.cors import Asked, Cors, CorsAnswers, Way, foreign
from golive_checks.systems.http.front import HttpReply
from golive_checks.systems.http.origin_forms import PROVIDERS

assert provider_of("a.vercel.app"), "the list is read before the tests, which may open nothing"

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
HOST = Host("api.test", role="api")
API, APP, STRANGER = "https://api.shop.test", "https://app.shop.test", "https://foreign.example"
ACAO, ACAC, VARY = "access-control-allow-origin", "access-control-allow-credentials", "vary"
Headers = dict[str, str]


def asked(
    way: Way, form: str, origin: str, headers: Headers, *, path: str = "/p", status: int = 200, opened: bool = False
) -> Asked:
    return Asked(way, form, origin, HttpReply(path, status, "HTTP/2", tuple(headers.items()), 1), opened=opened)


def seen(*what: Asked, known: tuple[str, ...] = (APP,), websocket: str = "") -> CorsAnswers:
    return CorsAnswers(known, "/p", "/none", websocket, what)


FOREIGN: Mapping[str, tuple[Outcome, str, Headers]] = {
    "nothing": (PASS, "1 foreign origins are refused", {}),
    "the app's alone": (PASS, "", {ACAO: APP, ACAC: "true"}),
    "echoed with credentials": (
        FAIL,
        f"{STRANGER} (unrelated) is allowed to GET /p with credentials",
        {ACAO: STRANGER, ACAC: "true"},
    ),
    "echoed without": (FAIL, f"{STRANGER} (unrelated) is allowed to GET /p without credentials", {ACAO: STRANGER}),
    "credentials in capitals are none": (FAIL, "without credentials", {ACAO: STRANGER, ACAC: "TRUE"}),
    "* with credentials": (FAIL, "Access-Control-Allow-Origin: * with credentials", {ACAO: "*", ACAC: "true"}),
    "*": (WARN, "/p may be read from any site, without credentials", {ACAO: "*"}),
    "a pattern that no browser reads": (PASS, "", {ACAO: "https://*.example"}),
    "a list that no browser reads": (PASS, "", {ACAO: f"{APP}, {STRANGER}"}),
}


def test_a_preflight_lets_in_by_an_ok_status_alone() -> None:
    there = {ACAO: STRANGER, ACAC: "true"}
    for status, outcome in ((204, FAIL), (404, PASS)):
        answers = seen(asked("preflight", "unrelated", STRANGER, there, status=status))
        assert foreign_origins_refused(HOST, answers, Cors()).outcome is outcome


def test_two_headers_let_nobody_in() -> None:
    both = HttpReply("/p", 200, "HTTP/2", ((ACAO, APP), (ACAO, STRANGER), (ACAC, "true")), 1)
    answers = seen(Asked("simple", "unrelated", STRANGER, both))
    assert foreign_origins_refused(HOST, answers, Cors()).outcome is PASS


@pytest.mark.parametrize(("outcome", "summary", "headers"), FOREIGN.values(), ids=FOREIGN)
def test_foreign(outcome: Outcome, summary: str, headers: Headers) -> None:
    judged = foreign_origins_refused(HOST, seen(asked("simple", "unrelated", STRANGER, headers)), Cors())
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged
    if outcome is FAIL:
        assert any(f"{ACAO}: {headers[ACAO]}" in line for line in judged.evidence)


def test_one_way_in_is_enough_and_each_origin_is_told_once() -> None:
    there = {ACAO: "null", ACAC: "true"}
    of_null = [
        asked("simple", "null", "null", there),
        asked("preflight", "null", "null", there, path="/none", status=204),
    ]
    judged = foreign_origins_refused(HOST, seen(asked("simple", "unrelated", STRANGER, {}), *of_null), Cors())
    assert judged.summary == "null (null) is allowed to GET /p, OPTIONS /none with credentials"


def test_a_star_is_fine_where_the_profile_means_it() -> None:
    answers = seen(asked("simple", "unrelated", STRANGER, {ACAO: "*"}))
    assert foreign_origins_refused(HOST, answers, Cors(public_paths=("/p",))).outcome is PASS
    assert known_origins_served(HOST, seen(asked("simple", "known", APP, {ACAO: "*"})), Cors()).outcome is PASS


def test_the_websocket_tells_something_where_it_opens_for_the_app() -> None:
    shut = asked("upgrade", "unrelated", STRANGER, {}, path="/ws", status=403)
    app = asked("upgrade", "known", APP, {}, path="/ws", status=101, opened=True)
    assert foreign_origins_refused(HOST, seen(shut, app, websocket="/ws"), Cors()).outcome is PASS
    wide = foreign_origins_refused(HOST, seen(replace(shut, opened=True), app, websocket="/ws"), Cors())
    assert (wide.outcome, "is allowed to open the WebSocket /ws" in wide.summary) == (FAIL, True)
    for_nobody = seen(shut, asked("upgrade", "known", APP, {}, path="/ws", status=401), websocket="/ws")
    assert foreign_origins_refused(HOST, for_nobody, Cors()).outcome is UNKNOWN
    assert known_origins_served(HOST, for_nobody, Cors()).outcome is FAIL


def test_a_server_that_offers_polling_alone_is_one_that_serves() -> None:
    def polled(form: str, origin: str, headers: Headers) -> Asked:
        return asked("polling", form, origin, headers, path="/chat/")

    app = asked("simple", "known", APP, {ACAO: APP, ACAC: "true"})
    ask = Cors(credentials=True)
    for headers, outcome in ({ACAO: APP}, PASS), ({ACAO: "*"}, PASS), ({}, FAIL):
        answers = seen(app, polled("known", APP, headers), websocket="/chat/")
        assert known_origins_served(HOST, answers, ask).outcome is outcome
    assert "Socket.IO's polling at /chat/" in known_origins_served(HOST, answers, ask).summary
    stranger = seen(app, polled("known", APP, {ACAO: APP}), polled("unrelated", STRANGER, {}), websocket="/chat/")
    assert foreign_origins_refused(HOST, stranger, ask).outcome is PASS
    echoed = seen(app, polled("unrelated", STRANGER, {ACAO: STRANGER, ACAC: "true"}), websocket="/chat/")
    assert foreign_origins_refused(HOST, echoed, ask).outcome is FAIL


def test_what_tells_nothing_is_unknown() -> None:
    down = asked("simple", "unrelated", STRANGER, {}, status=502)
    assert foreign_origins_refused(HOST, seen(down), Cors()).outcome is UNKNOWN
    assert known_origins_served(HOST, replace(seen(down), path=""), Cors()).outcome is UNKNOWN
    for judged in (
        known_origins_served(HOST, seen(down, known=()), Cors()),
        foreign_origins_refused(HOST, CorsAnswers(), Cors()),
        known_origins_served(HOST, CorsAnswers(), Cors()),
        varies(HOST, CorsAnswers()),
    ):
        assert judged.outcome is NA


GOOD = {
    ACAO: APP,
    ACAC: "true",
    "access-control-allow-methods": "DELETE",
    "access-control-allow-headers": "Authorization",
}
KNOWN: Mapping[str, tuple[Outcome, str, Way, int, Headers]] = {
    "served": (PASS, "", "preflight", 204, GOOD),
    "not served": (FAIL, "Access-Control-Allow-Origin is absent", "simple", 200, {}),
    "another is": (FAIL, "is https://shop.test", "simple", 200, {ACAO: "https://shop.test", ACAC: "true"}),
    "* is not enough": (FAIL, "is *", "simple", 200, {ACAO: "*", ACAC: "true"}),
    "with a slash": (FAIL, f"is {APP}/", "simple", 200, {ACAO: f"{APP}/", ACAC: "true"}),
    "without credentials": (FAIL, "without Access-Control-Allow-Credentials", "simple", 200, {ACAO: APP}),
    "a login": (FAIL, "answers 401", "preflight", 401, GOOD),
    "a redirect": (FAIL, "answers 308", "preflight", 308, GOOD),
    "no method": (FAIL, "does not allow DELETE", "preflight", 204, {**GOOD, "access-control-allow-methods": "PUT"}),
    "* is no method": (FAIL, "does not allow DELETE", "preflight", 204, {**GOOD, "access-control-allow-methods": "*"}),
    "a method in small letters": (
        FAIL,
        "does not allow DELETE",
        "preflight",
        204,
        {**GOOD, "access-control-allow-methods": "get, delete"},
    ),
    "no list of headers": (
        FAIL,
        "that browsers cannot read ('content type')",
        "preflight",
        204,
        {**GOOD, "access-control-allow-headers": "authorization, content type"},
    ),
    "no header": (FAIL, "the header authorization", "preflight", 204, {**GOOD, "access-control-allow-headers": "x"}),
    "* is no Authorization": (FAIL, "authorization", "preflight", 204, {**GOOD, "access-control-allow-headers": "*"}),
}


@pytest.mark.parametrize(("outcome", "summary", "way", "status", "headers"), KNOWN.values(), ids=KNOWN)
def test_known(outcome: Outcome, summary: str, way: Way, status: int, headers: Headers) -> None:
    one = replace(asked(way, "known", APP, headers, status=status), method="DELETE")
    judged = known_origins_served(HOST, seen(one), Cors(credentials=True, headers=("Authorization",)))
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_errors_are_read_too() -> None:
    good = asked("simple", "known", APP, {ACAO: APP})
    judged = known_origins_served(HOST, seen(good, asked("simple", "known", APP, {}, path="/none", status=404)), Cors())
    assert (judged.outcome, judged.summary.startswith("an error does not serve")) == (FAIL, True)


def test_two_headers_are_one_too_many() -> None:
    reply = HttpReply("/p", 200, "HTTP/2", ((ACAO, APP), (ACAO, APP)), 1)
    assert known_origins_served(HOST, seen(Asked("simple", "known", APP, reply)), Cors()).outcome is FAIL


VARIES: Mapping[str, tuple[Outcome, tuple[Headers, Headers, Headers]]] = {
    "always": (PASS, ({VARY: "Origin"}, {VARY: "accept-encoding, ORIGIN", ACAO: APP}, {VARY: "*"})),
    "never": (FAIL, ({}, {ACAO: APP}, {})),
    "for the app alone": (FAIL, ({}, {ACAO: APP, VARY: "Origin"}, {})),
    "but nothing is kept": (WARN, tuple({"cache-control": "private, no-store", **h} for h in ({}, {ACAO: APP}, {}))),  # type: ignore[dict-item]
    "the same for all": (PASS, ({ACAO: APP}, {ACAO: APP}, {ACAO: APP})),
    "* for all": (PASS, ({ACAO: "*"}, {ACAO: "*"}, {ACAO: "*"})),
}


@pytest.mark.parametrize(("outcome", "headers"), VARIES.values(), ids=VARIES)
def test_varies(outcome: Outcome, headers: tuple[Headers, Headers, Headers]) -> None:
    forms = [("none", ""), ("known", APP), ("unrelated", STRANGER)]
    asks = [asked("simple", form, origin, sent) for (form, origin), sent in zip(forms, headers, strict=True)]
    assert varies(HOST, seen(*asks)).outcome is outcome


def test_the_foreign_forms() -> None:
    live = Environment("production", production=True)
    assert [(form, origin) for form, origin in foreign(live, Cors(), API, [APP])] == [
        ("unrelated", "https://foreign.example"),
        ("null", "null"),
        ("prefix", "https://app.shop.test.foreign.example"),
        ("suffix", "https://foreignapp.shop.test"),
        ("unescaped dot", "https://appxshop.test"),
        ("http twin", "http://app.shop.test"),
        ("unlisted subdomain", "https://unlisted.shop.test"),
        ("special character", "https://app.shop.test_.foreign.example"),
        ("special character", "https://app.shop.test`.foreign.example"),
        ("other port", "https://app.shop.test:8443"),
        ("localhost", "http://localhost:3000"),
        ("localhost", "http://localhost:5173"),
        ("localhost", "http://127.0.0.1:3000"),
        ("private network", "http://192.168.1.10"),
        ("private network", "http://10.0.0.10:8080"),
        *(("hosting provider", f"https://golive-stranger.{name}") for name in PROVIDERS),
    ]
    hosted = foreign(live, Cors(), API, ["https://shop.surge.sh"])
    assert ("hosting provider", "https://golive-stranger.surge.sh") in hosted
    assert all(provider_of(f"a.{name}") == name for name in PROVIDERS)
    assert [provider_of(name) for name in ("app.example.co.uk", "example.com", "vercel.app", "a.b.internal")] == [
        ""
    ] * 4
    test = Environment("staging")
    assert "localhost" not in {form for form, _ in foreign(test, Cors(), API, [APP])}
    assert "localhost" in {form for form, _ in foreign(test, Cors(allow_localhost=False), API, [APP])}
    dots = [o for form, o in foreign(test, Cors(), API, ["https://a.b.shop.co.test:8443"]) if form == "unescaped dot"]
    assert dots == ["https://a.bxshop.co.test:8443", "https://a.b.shopxco.test:8443"]
    assert ("http twin", "http://api.shop.test") in foreign(test, Cors(), API, [])
    twins = Cors(origins=("http://app.shop.test", "https://unlisted.shop.test"))
    assert not {"http twin", "unlisted subdomain"} & {form for form, _ in foreign(test, twins, API, [APP])}


GRANTS = {ACAO: APP, ACAC: "true", "access-control-allow-methods": "PUT"}


@pytest.mark.parametrize(
    ("allowed", "credentials", "outcome"),
    [
        ("authorization, content-type", True, PASS),
        ("*", True, FAIL),  # with credentials a star is a header of that name (Fetch, CORS-preflight fetch)
        ("*, authorization", False, PASS),
        ("*", False, FAIL),  # no star stands for Authorization
        ("authorization", False, FAIL),
    ],
)
def test_what_a_star_among_the_headers_stands_for(allowed: str, credentials, outcome: Outcome) -> None:
    there = {**GRANTS, "access-control-allow-headers": allowed, VARY: "Origin"}
    simple = asked("simple", "known", APP, there)
    ask = Cors(credentials=credentials, headers=("Authorization", "Content-Type"))
    preflight = replace(asked("preflight", "known", APP, there), method="PUT")
    assert known_origins_served(HOST, seen(simple, preflight), ask).outcome is outcome


@pytest.mark.parametrize(("status", "outcome"), [(200, PASS), (204, PASS), (299, PASS), (300, FAIL), (199, FAIL)])
def test_a_preflight_is_met_by_an_ok_status(status: int, outcome: Outcome) -> None:
    there = {**GRANTS, VARY: "Origin"}
    preflight = replace(asked("preflight", "known", APP, there, status=status), method="PUT")
    answers = seen(asked("simple", "known", APP, there), preflight)
    assert known_origins_served(HOST, answers, Cors(credentials=True, headers=())).outcome is outcome


@pytest.mark.parametrize(("method", "outcome"), [("GET", PASS), ("HEAD", PASS), ("POST", PASS), ("DELETE", FAIL)])
def test_a_method_that_needs_no_leave(method: str, outcome: Outcome) -> None:
    there = {**GRANTS, VARY: "Origin"}
    preflight = replace(asked("preflight", "known", APP, there, status=204), method=method)
    answers = seen(asked("simple", "known", APP, there), preflight)
    assert known_origins_served(HOST, answers, Cors(credentials=True, headers=())).outcome is outcome
