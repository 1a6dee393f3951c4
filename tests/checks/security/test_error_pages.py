"""What wrong requests are answered with."""

from dataclasses import replace

import pytest

from golive import Outcome, Unavailable
from golive_checks.security.error_pages import error_pages
from golive_checks.systems.http.error_pages import Asked, ErrorAnswer, ErrorAnswers, ErrorSite, LongHeaderAnswer
from golive_checks.systems.http.error_signs import ErrorSign, body_signs, header_signs
from golive_checks.systems.http.front import HttpReply

SITE = ErrorSite("shop", url="https://shop.example", text="Page introuvable")
PASS, WARN, FAIL, UNKNOWN = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN
NOT_PERMITTED = Unavailable("not allowed here", not_permitted=True)


def answer(
    status: int = 404, *signs: ErrorSign, asked: Asked = "unknown path", own: bool = True, to: str = ""
) -> ErrorAnswer:
    headers = (("location", to),) if to else ()
    return ErrorAnswer(asked, "/x", HttpReply("/x", status, "HTTP/2", headers, body_bytes=9), signs, own)


CASES = {
    "sound": (answer(), PASS, "unknown paths answer 404"),
    "gone": (answer(410), PASS, ""),
    "found": (answer(200), FAIL, "/x answers 200, though nothing is there"),
    "breaks": (answer(500), FAIL, "/x answers 500, where nothing is there"),
    "led away": (answer(302, to="/login"), WARN, "/x redirects (302) to /login"),
    "refused": (answer(403), WARN, "/x answers 403"),
    "trace": (answer(404, ErrorSign("trace", "a stack trace of Node's")), FAIL, "shows a stack trace of Node's"),
    "default page": (answer(404, ErrorSign("plain", "Go's default page")), WARN, "shows Go's default page"),
    "not its own": (answer(own=False), FAIL, "does not show the product's own page (Page introuvable)"),
    "malformed, refused": (answer(400, asked="bad percent-encoding", own=False), PASS, ""),
    "malformed, found": (answer(200, asked="bad percent-encoding", own=False), PASS, ""),
    "malformed, breaks": (answer(500, asked="bad percent-encoding"), WARN, "it is the request that is wrong"),
    "malformed, version": (
        answer(400, ErrorSign("version", "a server's version"), asked="overlong UTF-8"),
        FAIL,
        "/x (overlong UTF-8) shows a server's version",
    ),
}


@pytest.mark.parametrize(("got", "outcome", "summary"), CASES.values(), ids=CASES)
def test_an_answer(got: ErrorAnswer, outcome: Outcome, summary: str) -> None:
    judged = error_pages(SITE, ErrorAnswers((got,)), NOT_PERMITTED)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_what_could_not_be_sent_leaves_it_unknown_but_for_a_failure() -> None:
    late = Unavailable("no answer in time")
    assert error_pages(SITE, ErrorAnswers((answer(),)), late).outcome is UNKNOWN
    assert error_pages(SITE, ErrorAnswers((answer(200),)), late).outcome is FAIL


def test_a_server_that_closes_the_connection_shows_nothing() -> None:
    assert error_pages(SITE, ErrorAnswers((answer(),), ("/%",)), LongHeaderAnswer(None)).outcome is PASS


def test_an_over_long_header_is_judged_where_it_may_be_sent() -> None:
    told = LongHeaderAnswer(answer(431, ErrorSign("version", "a server's version"), asked="over-long header"))
    judged = error_pages(SITE, ErrorAnswers((answer(),)), told)
    assert (judged.outcome, "/x (over-long header) shows a server's version" in judged.summary) == (FAIL, True)


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        (b"<h1>Page introuvable</h1><p>Version 2.4 de l'application, Express 24.5</p>", []),
        (b'{"error":"not found","at":"2026-11-29T10:00:00Z"}', []),
        (b"<center><h1>404 Not Found</h1></center><hr><center>nginx</center>", []),
        (b"<hr><center>nginx/1.27.0</center>", ["version"]),
        (b"<address>Apache/2.4.58 (Ubuntu) Server at shop.example Port 443</address>", ["version"]),
        (b"<h3>Apache Tomcat/10.1.8</h3>", ["version"]),
        (b"<h1>HTTP Status 404 &ndash; Not Found</h1>", ["framework"]),
        (b"<b>Fatal error</b>: Uncaught in <b>/srv/a.php</b> on line <b>12</b>", ["trace"]),
        (b"java.lang.NullPointerException\n\tat com.shop.Cart.total(Cart.java:41)", ["trace"]),
        (b"   at Shop.Cart.Total() in C:\\src\\Cart.cs:line 41", ["trace"]),
        (b"/srv/app/cart.rb:12:in `total'", ["trace"]),
        (b"panic: oh\n\ngoroutine 7 [running]:\nmain.total()", ["trace"]),
        (b'{"message":"SQLSTATE[42P01]: Undefined table"}', ["trace"]),
        (b"404 page not found\n", ["plain"]),
    ],
)
def test_what_a_body_shows(body: bytes, kinds: list[str]) -> None:
    assert [sign.kind for sign in body_signs(body)] == kinds


def test_what_headers_show() -> None:
    told = header_signs([("server", "nginx/1.27.0"), ("x-powered-by", "PHP/8.3.1"), ("date", "x/1.2")])
    assert [sign.what for sign in told] == ["a version in Server", "a version in X-Powered-By"]
    assert not list(header_signs([("server", "cloudflare"), ("x-powered-by", "Express")]))


def test_an_error_of_the_proxys_own_with_some_headers_warns() -> None:
    every = (("strict-transport-security", "max-age=1"), ("x-content-type-options", "nosniff"))
    own = answer(400, asked="bad percent-encoding")

    def judged(headers: tuple[tuple[str, str], ...]) -> tuple[Outcome, str]:
        absent = replace(answer(), reply=replace(answer().reply, headers=every))
        broken = replace(own, reply=replace(own.reply, headers=headers))
        found = error_pages(SITE, ErrorAnswers((absent, broken)), NOT_PERMITTED)
        return found.outcome, found.summary

    assert judged(every)[0] is PASS
    assert judged(())[0] is PASS  # the app adds them, the proxy none
    outcome, told = judged(every[:1])
    assert (outcome, "/x (bad percent-encoding) answers 400 without x-content-type-options" in told) == (WARN, True)
