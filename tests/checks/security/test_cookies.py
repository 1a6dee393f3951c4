from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest

from golive import Outcome
from golive_checks.security.cookies import CookiePolicy, flagged
from golive_checks.subjects import Host, Role
from golive_checks.systems.http.answers import AnswerKind, Answers, Kind
from golive_checks.systems.http.client.suffixes import is_public_suffix
from golive_checks.systems.http.cookies import Cookie, cookies
from golive_checks.systems.http.front import HttpReply

assert not is_public_suffix("app.test"), "the list is read before the tests, which may open nothing"

NOW = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
SESSION = CookiePolicy(session=("sid", "__Host-sid"))


def seen(*lines: str, kind: Kind = "session") -> Answers:
    return Answers("192.0.2.1", (AnswerKind(kind, HttpReply("/s", 200, "HTTP/2", (), 9), tuple(cookies(lines, NOW))),))


CASES: Mapping[str, tuple[Outcome, str, str]] = {
    "all": (PASS, "sid: as it should be", "sid=1; Path=/; Secure; HttpOnly; SameSite=Lax"),
    "by its prefix": (PASS, "__Host-sid", "__Host-sid=1; path=/; secure; httponly; samesite=strict"),
    "for other sites' frames": (WARN, "has SameSite=None", "sid=1; Secure; HttpOnly; SameSite=None"),
    "scripts": (FAIL, "is not HttpOnly", "sid=1; Secure; SameSite=Lax"),
    "clear": (FAIL, "is not Secure", "sid=1; HttpOnly; SameSite=Lax"),
    "other sites without Secure": (FAIL, "SameSite=None needs Secure", "sid=1; HttpOnly; SameSite=None"),
    "an odd word": (FAIL, "SameSite=yes", "sid=1; Secure; HttpOnly; SameSite=Yes"),
    "no word": (FAIL, "SameSite=nothing", "sid=1; Secure; HttpOnly; SameSite="),
    "no SameSite": (WARN, "has no SameSite", "sid=1; Secure; HttpOnly"),
    "a domain": (WARN, "every host below api.test", "sid=1; Secure; HttpOnly; SameSite=Lax; Domain=.api.test"),
    "another's domain": (
        FAIL,
        "Domain=app.test is not a domain of api.test",
        "sid=1; Secure; HttpOnly; Domain=app.test",
    ),
    "everybody's domain": (FAIL, "Domain=test is a public suffix", "sid=1; Secure; HttpOnly; Domain=test"),
    "in parts, in clear": (FAIL, "Partitioned needs Secure", "sid=1; HttpOnly; SameSite=Lax; Partitioned"),
    "for frames of a site each": (PASS, "sid", "sid=1; Secure; HttpOnly; SameSite=None; Partitioned"),
    "deleted, as PHP does": (PASS, "sid", "sid=deleted; Expires=Thu, 01-Jan-1970 00:00:01 GMT; Path=/"),
    "host with a domain": (
        FAIL,
        "__Host- needs",
        "__Host-sid=1; Path=/; Secure; HttpOnly; SameSite=Lax; Domain=app.test",
    ),
    "host below a path": (FAIL, "__Host- needs", "__Host-sid=1; Path=/a; Secure; HttpOnly; SameSite=Lax"),
    "host without a path": (FAIL, "__Host- needs", "__Host-sid=1; Secure; HttpOnly; SameSite=Lax"),
    "taken back": (PASS, "sid", "sid=; Max-Age=0"),
    "another's": (UNKNOWN, "no answer that was looked at sets sid", "lang=fr"),
}


@pytest.mark.parametrize(("outcome", "summary", "line"), CASES.values(), ids=CASES)
def test_a_session(outcome: Outcome, summary: str, line: str) -> None:
    name = line.partition("=")[0]
    policy = CookiePolicy(session=(name if name in SESSION.session else "sid",))
    judged = flagged(Host("api.test", role="api"), seen(line), policy)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


@pytest.mark.parametrize("line", ["lang=fr; Path=/", "x=1; SameSite=None", "__Secure-x=1", "x=1; Secure; SameSite=No"])
def test_a_cookie_that_nobody_named_warns_at_most(line: str) -> None:
    assert flagged(Host("app.test", role="app"), seen(line), CookiePolicy()).outcome is WARN
    assert flagged(Host("app.test", role="app"), seen("SESSIONID=1; Secure"), CookiePolicy()).outcome is PASS


def test_a_session_over_clear_http_fails() -> None:
    line = "sid=1; Secure; HttpOnly; SameSite=Lax"
    assert (
        flagged(Host("api.test", role="api"), seen(line, kind="clear"), CookiePolicy(session=("sid",))).outcome is FAIL
    )


@pytest.mark.parametrize(("role", "outcome"), [("api", UNKNOWN), ("app", NA)])
def test_a_session_that_nothing_sets(role: Role, outcome: Outcome) -> None:
    assert flagged(Host("x.test", role=role), seen(), CookiePolicy(session=("sid",))).outcome is outcome


def test_parsing_as_browsers_do() -> None:
    odd = [
        " sid = a=b ; HTTPONLY ; Secure=yes; SameSite = Strict; samesite=Lax",
        "nameless",
        "=__Host-sid; Secure; Path=/",
        "; Secure",
        "=",
        "bad=\x01; Secure",
        f"long={'x' * 5000}",
        "gone=1; Max-Age=-1",
    ]
    assert list(cookies(odd, NOW)) == [
        Cookie("sid", secure=True, http_only=True, same_site="lax"),
        Cookie(""),
        Cookie("gone", empty=True),
    ]
    assert "secret" not in repr(list(cookies(["sid=secret; Path=/"], NOW)))


@pytest.mark.parametrize(
    ("age", "over"),
    [("0", True), ("-1", True), ("00", True), ("0600", False), ("600", False), ("0x", False), ("", False)],
)
def test_when_a_cookie_is_over_at_once(age: str, over) -> None:
    assert next(cookies([f"sid=1; Max-Age={age}"], NOW)).empty is over


@pytest.mark.parametrize(
    ("expires", "over"),
    [
        ("Thu, 01 Jan 1970 00:00:01 GMT", True),
        ("Thursday, 01-Jan-70 00:00:01 GMT", True),
        ("Tue, 01-Jan-30 00:00:00 GMT", False),
        ("Tue Dec 01 00:00:00 2026", True),
        ("Tue, 01 Dec 2026 00:00:01 GMT", False),
        ("2020-01-01T00:00:00Z", False),  # which browsers cannot read
        ("Mon, 32 Jan 2020 00:00:00 GMT", False),
        ("0", False),
        ("", False),
    ],
)
def test_when_a_cookie_has_ended(expires: str, over) -> None:
    assert next(cookies([f"sid=1; Expires={expires}"], NOW)).empty is over
    assert not next(cookies([f"sid=1; Max-Age=60; Expires={expires}"], NOW)).empty
