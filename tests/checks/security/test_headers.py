from __future__ import annotations

from collections.abc import Mapping

import pytest

from golive import Outcome
from golive_checks.hsts import HstsPolicy
from golive_checks.security.headers import HeaderPolicy, frames, hsts, nosniff, permissions, referrer
from golive_checks.subjects import Edge, Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.answers import AnswerKind, Answers, Kind
from golive_checks.systems.http.front import Front, HttpReply
from golive_checks.systems.http.suffixes import SharedSuffixes
from golive_checks.systems.page.document import Document

PASS, WARN, FAIL, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.NA
HTML, JSON = "text/html; charset=utf-8", "application/json"
Headers = tuple[tuple[str, str], ...]


def host(edge: Edge = "nginx") -> Host:
    return Host("app.test", role="app", edge=edge)


def route(kind: Kind, *headers: tuple[str, str], status: int = 200, media: str = HTML, path: str = "/") -> AnswerKind:
    return AnswerKind(kind, HttpReply(path, status, "HTTP/2", (("content-type", media), *headers), 9))


def seen(*routes: AnswerKind) -> Answers:
    return Answers("192.0.2.1", routes)


def sts(value: str) -> tuple[str, str]:
    return ("strict-transport-security", value)


YEAR = "max-age=31536000; includeSubDomains"
HSTS: Mapping[str, tuple[Outcome, str, tuple[str, ...]]] = {
    "a year": (PASS, "HSTS on page", (YEAR,)),
    "odd case and spaces": (PASS, "HSTS", ("  MAX-AGE=63072000 ;includesubdomains;",)),
    "for ever": (PASS, "HSTS", (f"max-age={'9' * 13}; includeSubDomains",)),
    "beyond what Python reads": (PASS, "HSTS", (f"max-age=0{'9' * 5000}; includeSubDomains",)),
    "in quotes": (PASS, "HSTS", ('max-age="31536000"; includeSubDomains',)),
    "an unknown directive": (PASS, "HSTS", (f"{YEAR}; future=1",)),
    "absent": (FAIL, "no Strict-Transport-Security on the page /", ()),
    "a day": (FAIL, "max-age=86400, less than 15552000", ("max-age=86400; includeSubDomains",)),
    "the floor": (WARN, "max-age=15552000; at least 31536000 is required", ("max-age=15552000; includeSubDomains",)),
    "off": (FAIL, "max-age=0, which switches it off", ("max-age=0",)),
    "no age": (FAIL, "is malformed, and ignored", ("includeSubDomains; preload",)),
    "an age twice": (FAIL, "is malformed", ("max-age=31536000; max-age=31536000",)),
    "an age that is no number": (FAIL, "is malformed", ("max-age=1y; includeSubDomains",)),
    "two in one": (FAIL, "is malformed", (f"{YEAR}, {YEAR}",)),
    "the first counts": (FAIL, "max-age=60, less than", ("max-age=60", YEAR)),
    "the second is ignored": (WARN, "a second Strict-Transport-Security that browsers ignore", (YEAR, "max-age=60")),
    "the same twice": (PASS, "HSTS", (YEAR, YEAR)),
    "no subdomains": (WARN, "without includeSubDomains", ("max-age=31536000",)),
    "preload without its conditions": (WARN, "asks for preload", ("max-age=16000000; includeSubDomains; preload",)),
}


@pytest.mark.parametrize(("outcome", "summary", "values"), HSTS.values(), ids=HSTS)
def test_hsts(outcome: Outcome, summary: str, values: tuple[str, ...]) -> None:
    judged = hsts(host(), seen(route("page", *map(sts, values))), {}, HstsPolicy())
    assert judged.outcome is outcome
    assert summary in judged.summary + " ".join(judged.evidence)


def test_every_kind_of_answer_is_judged_but_not_what_comes_in_clear() -> None:
    good = sts(YEAR)
    kinds: list[Kind] = ["page", "data", "static", "error", "redirect", "session", "other"]
    for bare in kinds:
        routes = [route(kind, *(() if kind == bare else (good,)), media=JSON) for kind in kinds]
        assert hsts(host(), seen(*routes, route("clear")), {}, HstsPolicy()).outcome is FAIL
    routes = [route(kind, good, media=JSON) for kind in kinds]
    assert hsts(host(), seen(*routes, route("clear")), {}, HstsPolicy()).outcome is PASS


def test_another_address_is_judged_too_and_named() -> None:
    subject = host()
    others = {Address("app.test@192.0.2.2", subject, "192.0.2.2"): Front(route("page").reply)}
    judged = hsts(subject, seen(route("page", sts(YEAR))), others, HstsPolicy())
    assert (judged.outcome, judged.summary) == (FAIL, "no Strict-Transport-Security on the page / at 192.0.2.2")


def test_what_a_managed_edge_answers_by_itself_warns_and_what_the_app_answers_fails() -> None:
    for kind, outcome in {"error": WARN, "redirect": WARN, "page": FAIL, "data": FAIL}.items():
        routes = seen(route("static", sts(YEAR)), route(kind, status=404))  # type: ignore[arg-type]
        assert hsts(host("vercel"), routes, {}, HstsPolicy()).outcome is outcome
        assert hsts(host("nginx"), routes, {}, HstsPolicy()).outcome is FAIL


NOSNIFF: Mapping[str, tuple[Outcome, tuple[str, ...]]] = {
    "it": (PASS, ("NoSniff",)),
    "absent": (FAIL, ()),
    "another": (FAIL, ("none",)),
    "twice": (WARN, ("nosniff", "nosniff")),
    "second": (FAIL, ("none", "nosniff")),
}


@pytest.mark.parametrize(("outcome", "values"), NOSNIFF.values(), ids=NOSNIFF)
def test_nosniff(outcome: Outcome, values: tuple[str, ...]) -> None:
    routes = seen(route("data", *(("x-content-type-options", v) for v in values), media=JSON))
    assert nosniff(host(), routes, {}).outcome is outcome


SHARED = SharedSuffixes(frozenset({"hosting.test"}))
CSP, XFO = "content-security-policy", "x-frame-options"
FRAMES: Mapping[str, tuple[Outcome, Headers]] = {
    "none": (PASS, ((CSP, "frame-ancestors 'none'"),)),
    "an empty list is none": (PASS, ((CSP, "frame-ancestors"),)),
    "a partner": (PASS, ((CSP, "default-src 'self'; Frame-Ancestors https://partner.test"),)),
    "any": (FAIL, ((CSP, "frame-ancestors *"),)),
    "any over https": (FAIL, ((CSP, "frame-ancestors 'self' HTTPS:"),)),
    "any, whatever the old header says": (FAIL, ((CSP, "frame-ancestors *"), (XFO, "DENY"))),
    "two policies, and the stricter counts": (PASS, ((CSP, "frame-ancestors *"), (CSP, "frame-ancestors 'self'"))),
    "two policies in one header": (PASS, ((CSP, "frame-ancestors *, frame-ancestors 'self'"),)),
    "the old header alone": (PASS, ((XFO, "SameOrigin"),)),
    "the old header twice": (WARN, ((XFO, "DENY"), (XFO, "DENY"))),
    "the old header at odds with itself": (WARN, ((XFO, "DENY, SAMEORIGIN"),)),
    "allow-from": (FAIL, ((XFO, "ALLOW-FROM https://partner.test"),)),
    "any host's usual port": (FAIL, ((CSP, "frame-ancestors https://*:443"),)),
    "a hosting provider": (FAIL, ((CSP, "frame-ancestors 'self' *.hosting.test"),)),
    "one's own hosts": (PASS, ((CSP, "frame-ancestors *.partner.test"),)),
    "a path, which no origin has": (PASS, ((CSP, "frame-ancestors https://*/path"),)),
    "curly quotes, and nothing else": (FAIL, ((CSP, "frame-ancestors \u2018none\u2019"),)),
    "curly quotes, and DENY": (WARN, ((CSP, "frame-ancestors \u2018none\u2019"), (XFO, "DENY"))),
    "ALLOWALL beside another, which refuses": (WARN, ((XFO, "ALLOWALL"), (XFO, "whimsy"))),
    "ALLOW-FROM before DENY": (WARN, ((XFO, "ALLOW-FROM https://partner.test, DENY"),)),
    "nonsense": (FAIL, ((XFO, "ALLOWALL"),)),
    "neither": (FAIL, ()),
    "reported only": (FAIL, ((f"{CSP}-report-only", "frame-ancestors 'none'"),)),
}


@pytest.mark.parametrize(("outcome", "headers"), FRAMES.values(), ids=FRAMES)
def test_frames(outcome: Outcome, headers: Headers) -> None:
    assert frames(host(), seen(route("page", *headers)), {}, SHARED).outcome is outcome


def test_frames_are_judged_on_error_pages_and_not_on_data_or_redirects() -> None:
    good = ("content-security-policy", "frame-ancestors 'none'")
    for bare in (route("data", media=JSON), route("redirect", status=301), route("static", media="text/css")):
        assert frames(host(), seen(route("page", good), bare), {}, SHARED).outcome is PASS
        assert frames(host(), seen(bare), {}, SHARED).outcome is NA
    assert frames(host(), seen(route("page", good), route("error", status=404)), {}, SHARED).outcome is FAIL


REFERRER: Mapping[str, tuple[Outcome, str, str]] = {
    "strict": (PASS, "strict-origin-when-cross-origin", ""),
    "the last that is known": (PASS, "unsafe-url, no-referrer, future-policy", ""),
    "the last is lax": (FAIL, "no-referrer, origin-when-cross-origin", ""),
    "unsafe": (FAIL, "unsafe-url", ""),
    "unknown": (FAIL, "whimsy", ""),
    "absent": (FAIL, "", ""),
    "the page's own counts": (PASS, "unsafe-url", "no-referrer"),
    "the page's own is lax": (FAIL, "no-referrer", "unsafe-url"),
}


@pytest.mark.parametrize(("outcome", "value", "own"), REFERRER.values(), ids=REFERRER)
def test_referrer(outcome: Outcome, value: str, own: str) -> None:
    routes = seen(route("page", *([("referrer-policy", value)] if value else [])))
    assert referrer(host(), routes, {}, Document(referrer=own), HeaderPolicy()).outcome is outcome


def test_a_redirect_has_a_referrer_policy_of_its_own() -> None:
    good = route("page", ("referrer-policy", "no-referrer"))
    judged = referrer(host(), seen(good, route("redirect", status=302)), {}, Document(), HeaderPolicy())
    assert (judged.outcome, judged.summary) == (FAIL, "no Referrer-Policy on the redirect /")


PERMISSIONS: Mapping[str, tuple[Outcome, str]] = {
    "closed": (PASS, "camera=(), microphone=(), geolocation=()"),
    "to some": (PASS, 'geolocation=(self "https://maps.test"), payment=self, fullscreen=*'),
    "to all": (FAIL, "camera=*"),
    "to all in a list": (FAIL, "camera=(self *)"),
    "as Feature-Policy was": (FAIL, "camera 'none'; microphone 'none'"),
    "quoted as in CSP": (FAIL, "camera='none'"),
    "absent": (FAIL, ""),
}


@pytest.mark.parametrize(("outcome", "value"), PERMISSIONS.values(), ids=PERMISSIONS)
def test_permissions(outcome: Outcome, value: str) -> None:
    routes = seen(route("page", *([("permissions-policy", value)] if value else [])))
    assert permissions(host(), routes, {}, HeaderPolicy()).outcome is outcome


def test_permissions_may_be_left_out_where_the_profile_says_so() -> None:
    assert permissions(host(), seen(route("page")), {}, HeaderPolicy(require_permissions=False)).outcome is PASS
