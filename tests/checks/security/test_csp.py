from __future__ import annotations

from collections.abc import Mapping

import pytest

from golive import Outcome, Unavailable, Verdict
from golive_checks.security.csp import csp
from golive_checks.security.policy import parsed
from golive_checks.security.sources import allows_url
from golive_checks.subjects import Edge, Host
from golive_checks.systems.http.answers import AnswerKind, Answers
from golive_checks.systems.http.front import LONG_VALUES, HttpReply
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.http.suffixes import SharedSuffixes
from golive_checks.systems.page.bundle import Bundle
from golive_checks.systems.page.document import Document, DocumentScript
from golive_checks.systems.page.second_look import SecondLook

PASS, WARN, FAIL = Outcome.PASS, Outcome.WARN, Outcome.FAIL
HOME, API = "https://app.test", "https://api.test"
CURLY = "\u2018self\u2019"
SHARED = SharedSuffixes(frozenset({"hosting.test"}))
GOOD = "default-src 'self'; object-src 'none'; base-uri 'none'"


def judged(
    *policies: str,
    page: Document | None = None,
    named: tuple[str, ...] = (),
    edge: Edge = "nginx",
    error: tuple[str, ...] | None = None,
    again: tuple[str, ...] = (),
    metas: tuple[str, ...] = (),
) -> Verdict:
    app, api = Host("app.test", role="app", edge=edge), Host("api.test", role="api")

    def reply(status: int, values: tuple[str, ...]) -> HttpReply:
        sent = tuple(("content-security-policy", value) for value in values)
        return HttpReply("/" if status == 200 else "/no", status, "HTTP/2", (("content-type", "text/html"), *sent), 9)

    routes = [AnswerKind("page", reply(200, policies))]
    routes += [AnswerKind("error", reply(404, error))] if error is not None else []
    bundle = Bundle(("/a.js",), 9, dict.fromkeys(named, "/a.js"), (), ())
    origins = {app: Origin(HOME), api: Origin(API)}
    seen = Answers("192.0.2.1", tuple(routes))
    return csp(app, seen, {}, page or Document(), SecondLook(again, metas), bundle, origins, SHARED)


KEEPS_OUT: Mapping[str, tuple[Outcome, str, tuple[str, ...]]] = {
    "good": (PASS, "", (GOOD,)),
    "none": (FAIL, "no Content-Security-Policy", ()),
    "names nothing known": (FAIL, "no directive that a browser knows", ("x-src 'self'",)),
    "nothing of scripts": (FAIL, "does not restrict scripts", ("img-src 'self'; object-src 'none'; base-uri 'none'",)),
    "unsafe-inline": (FAIL, "'unsafe-inline'", (f"{GOOD}; script-src 'unsafe-inline'",)),
    "unsafe-inline in capitals": (FAIL, "'unsafe-inline'", (f"{GOOD}; SCRIPT-SRC 'UNSAFE-INLINE'",)),
    "for attributes alone": (FAIL, "'unsafe-inline'", (f"{GOOD}; script-src-attr 'unsafe-inline'",)),
    "for elements alone": (FAIL, "'unsafe-inline'", (f"{GOOD}; script-src-elem 'unsafe-inline'",)),
    "a nonce puts it out of force": (PASS, "", (f"{GOOD}; script-src 'unsafe-inline' 'nonce-aGVsbG8='",)),
    "a hash puts it out of force": (PASS, "", (f"{GOOD}; script-src 'unsafe-inline' 'sha256-abc='",)),
    "the first of two counts": (FAIL, "is twice", (f"{GOOD}; script-src 'self'; script-src 'unsafe-inline'",)),
    "two reports are fine": (PASS, "", (f"{GOOD}; report-uri /a; report-uri /b",)),
    "any https": (FAIL, "anywhere: https:", (f"{GOOD}; script-src 'self' https:",)),
    "any host": (FAIL, "anywhere: *", (f"{GOOD}; script-src *",)),
    "any host by a wildcard": (FAIL, "anywhere: https://*", (f"{GOOD}; script-src https://*",)),
    "data": (FAIL, "anywhere: data:", (f"{GOOD}; script-src 'self' data:",)),
    "blob": (FAIL, "anywhere: blob:", (f"{GOOD}; script-src 'self' blob:",)),
    "strict-dynamic makes hosts old": (
        PASS,
        "",
        (f"{GOOD}; script-src 'strict-dynamic' 'nonce-x' https: 'unsafe-inline'",),
    ),
    "strict-dynamic alone": (FAIL, "without a nonce or hash", (f"{GOOD}; script-src 'strict-dynamic' 'self'",)),
    "unsafe-eval": (FAIL, "'unsafe-eval'", (f"{GOOD}; script-src 'self' 'unsafe-eval'",)),
    "wasm alone": (PASS, "", (f"{GOOD}; script-src 'self' 'wasm-unsafe-eval'",)),
    "plugins by default": (FAIL, "object-src is missing", ("script-src 'self'; base-uri 'none'",)),
    "plugins": (FAIL, "plugins may come from anywhere", ("default-src 'self'; base-uri 'none'; object-src *",)),
    "clear frames": (FAIL, "frame-src allows what is sent in clear", (f"{GOOD}; frame-src http://a.test",)),
    "clear sockets": (FAIL, "connect-src allows what is sent in clear", (f"{GOOD}; connect-src ws:",)),
    "clear pictures": (WARN, "img-src allows what is sent in clear", (f"{GOOD}; img-src http:",)),
    "inline styles": (WARN, "inline styles are allowed", (f"{GOOD}; style-src 'self' 'unsafe-inline'",)),
    "no base-uri": (WARN, "base-uri is missing", ("default-src 'self'; object-src 'none'",)),
    "no base-uri with a nonce": (FAIL, "base-uri is missing", ("default-src 'nonce-x'; object-src 'none'",)),
    "curly quotes drop the directive": (FAIL, "does not restrict scripts", (f"script-src {CURLY}",)),
    "and the fall-back counts": (WARN, f"not ASCII (script-src {CURLY})", (f"{GOOD}; script-src {CURLY}",)),
    "and Chromium ignores the second": (
        FAIL,
        "is twice",
        (f"script-src {CURLY}; script-src 'self'; object-src 'none'; base-uri 'none'",),
    ),
    "a no-break space": (FAIL, "does not restrict scripts", ("script-src\u00a0'self'; object-src 'none'",)),
    "an empty nonce": (FAIL, "'unsafe-inline'", (f"{GOOD}; script-src 'unsafe-inline' 'nonce-'",)),
    "a template": (FAIL, "'unsafe-inline'", (f"{GOOD}; script-src 'unsafe-inline' 'nonce-{{{{nonce}}}}'",)),
    "nginx's own": (FAIL, "without a nonce", (f"{GOOD}; script-src 'strict-dynamic' 'nonce-$request_id'",)),
    "any host on a port": (FAIL, "anywhere: https://*:443", (f"{GOOD}; script-src 'self' https://*:443",)),
    "any host on another port": (FAIL, "anywhere: *:8443", (f"{GOOD}; script-src 'self' *:8443",)),
    "any host's folder": (FAIL, "anywhere: https://*/js/", (f"{GOOD}; script-src https://*/js/",)),
    "a hosting provider": (FAIL, "anywhere: *.hosting.test", (f"{GOOD}; script-src *.hosting.test",)),
    "a provider of styles": (WARN, "styles may come from anywhere (*.hosting", (f"{GOOD}; style-src *.hosting.test",)),
    "a provider of plugins": (
        FAIL,
        "object-src is missing or open (*.hosting",
        ("default-src 'self'; base-uri 'none'; object-src *.hosting.test",),
    ),
    "a provider of bases": (
        WARN,
        "base-uri is missing or open",
        ("default-src 'self'; object-src 'none'; base-uri *.hosting.test",),
    ),
    "styles in data": (WARN, "styles may come from anywhere (DATA:)", (f"{GOOD}; style-src 'self' DATA:",)),
    "a base in data": (WARN, "base-uri", ("default-src 'self'; object-src 'none'; base-uri data:",)),
    "plugins in data": (PASS, "", ("default-src 'self'; base-uri 'none'; object-src DATA:",)),
    "names nothing known, said": (FAIL, "(x-src)", ("x-src 'self'",)),
    "one's own hosts": (PASS, "", (f"{GOOD}; script-src *.app.test",)),
    "what is no source": (PASS, "", (f"{GOOD}; script-src 'self' //* https:// https://*.",)),
    "a sandbox runs none": (PASS, "", ("sandbox; default-src data: 'unsafe-inline'; style-src 'self'",)),
    "a sandbox that does": (FAIL, "does not restrict scripts", ("sandbox allow-scripts; object-src 'none'",)),
    # several policies all apply: what one of them forbids is forbidden
    "a second forbids inline": (PASS, "", (f"{GOOD}; script-src 'unsafe-inline'", "script-src 'self'")),
    "a second in the same header": (PASS, "", (f"{GOOD}; script-src 'unsafe-inline', script-src 'self'",)),
    "a second says nothing of it": (FAIL, "'unsafe-inline'", (f"{GOOD}; script-src 'unsafe-inline'", "img-src 'self'")),
    "a provider, and all": (
        FAIL,
        "anywhere: *.hosting",
        (f"{GOOD}; script-src https:", "script-src *.hosting.test:443"),
    ),
    "no site is in both": (PASS, "", (f"{GOOD}; script-src https://*:8443", "script-src https://*:443")),
    "both are wide": (FAIL, "anywhere", (f"{GOOD}; script-src http:", "script-src https:")),
}


@pytest.mark.parametrize(("outcome", "summary", "policies"), KEEPS_OUT.values(), ids=KEEPS_OUT)
def test_what_a_policy_keeps_out(outcome: Outcome, summary: str, policies: tuple[str, ...]) -> None:
    verdict = judged(*policies)
    assert verdict.outcome is outcome, verdict
    assert summary in verdict.summary + " ".join(verdict.evidence)


def test_a_policy_in_the_page_counts_and_one_that_only_reports_does_not() -> None:
    assert judged(page=Document(policies=(GOOD,))).outcome is PASS
    app = Host("app.test", role="app")
    reply = HttpReply(
        "/", 200, "HTTP/2", (("content-type", "text/html"), ("content-security-policy-report-only", GOOD)), 9
    )
    seen = Answers("192.0.2.1", (AnswerKind("page", reply),))
    verdict = csp(app, seen, {}, Document(), SecondLook(), Unavailable("x"), {app: Origin(HOME)}, SHARED)
    assert (verdict.outcome, "only reports" in verdict.summary) == (FAIL, True)


def test_what_is_read_beside_the_header() -> None:
    needy = judged(page=Document(policies=(GOOD,)), named=(API,))
    assert (needy.outcome, "connect-src" in needy.summary) == (FAIL, True)
    bare = judged(page=Document(policies=(GOOD,)), error=())
    assert (bare.outcome, "no Content-Security-Policy on" in bare.summary) == (FAIL, True)
    assert "only reports" not in bare.summary
    nonce = f"{GOOD}; script-src 'nonce-b25l'"
    assert judged(nonce, metas=(nonce,)).summary.startswith("two answers have the same nonce")
    assert "b25l" in judged(nonce, metas=(nonce,)).summary


def test_a_policy_that_may_have_been_cut_is_unknown() -> None:
    long = LONG_VALUES["content-security-policy"]
    assert judged(f"{GOOD}; img-src".ljust(long, "x")).outcome is Outcome.UNKNOWN
    assert judged(f"{GOOD}; img-src ".ljust(long - 1, "x")).outcome is PASS


def test_what_the_scripts_call_is_evidence_where_it_could_not_be_read() -> None:
    app, sent = Host("app.test", role="app"), (("content-type", "text/html"), ("content-security-policy", GOOD))
    seen = Answers("192.0.2.1", (AnswerKind("page", HttpReply("/", 200, "HTTP/2", sent, 9)),))
    verdict = csp(app, seen, {}, Document(), SecondLook(), Unavailable("it is cut"), {app: Origin(HOME)}, SHARED)
    assert verdict.evidence == (
        "what its scripts call could not be read: it is cut",
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
    )
    assert judged(GOOD).evidence == verdict.evidence[1:]


def test_a_nonce_is_new_with_each_answer() -> None:
    first, second = (f"{GOOD}; script-src 'nonce-{nonce}'" for nonce in ("b25l", "dHdv"))
    assert judged(first, again=(second,)).outcome is PASS
    told = judged(first, again=(first,))
    assert (told.outcome, "two answers have the same nonce" in told.summary) == (FAIL, True)


def test_a_sandbox_that_stops_the_pages_own_scripts() -> None:
    told = judged(f"sandbox; {GOOD}", page=Document(scripts=(DocumentScript(f"{HOME}/a.js"),)))
    assert (told.outcome, "lets none of its scripts run" in told.summary) == (FAIL, True)


def test_error_pages_need_one_too() -> None:
    assert judged(GOOD, error=()).outcome is FAIL
    assert judged(GOOD, error=(GOOD,)).outcome is PASS
    assert judged(GOOD, error=(), edge="cloudflare").outcome is WARN


STRIPE = (
    "script-src 'self' https://js.stripe.com; frame-src https://js.stripe.com https://hooks.stripe.com; "
    "connect-src 'self' https://api.stripe.com"
)
INLINE = DocumentScript(hashes=("'sha256-abc='", "'sha384-def='"))
LETS_IN: Mapping[str, tuple[str, str, Document, tuple[str, ...]]] = {
    "its own": ("", GOOD, Document(scripts=(DocumentScript(f"{HOME}/a.js"),), styles=(f"{HOME}/a.css",)), ()),
    "a script from elsewhere": (
        "https://cdn.test/a.js",
        GOOD,
        Document(scripts=(DocumentScript("https://cdn.test/a.js"),)),
        (),
    ),
    "it is named": (
        "",
        f"{GOOD}; script-src https://cdn.test/",
        Document(scripts=(DocumentScript("https://cdn.test/a.js"),)),
        (),
    ),
    "an inline script": ("its hash: 'sha256-abc='", GOOD, Document(scripts=(INLINE,)), ()),
    "by its hash": ("", f"{GOOD}; script-src 'sha384-def='", Document(scripts=(INLINE,)), ()),
    "by its nonce": ("", f"{GOOD}; script-src 'nonce-n1'", Document(scripts=(DocumentScript(nonce="n1"),)), ()),
    "by another nonce": (
        "inline script",
        f"{GOOD}; script-src 'nonce-n2'",
        Document(scripts=(DocumentScript(nonce="n1"),)),
        (),
    ),
    "by no one's word": (
        f"{HOME}/a.js",
        f"{GOOD}; script-src 'strict-dynamic' 'nonce-n1' 'self'",
        Document(scripts=(DocumentScript(f"{HOME}/a.js"),)),
        (),
    ),
    "handlers": ("event handlers (onclick)", GOOD, Document(handlers=("onclick",)), ()),
    "a style": (
        "style-src-elem does not allow https://x.test/a.css",
        GOOD,
        Document(styles=("https://x.test/a.css",)),
        (),
    ),
    "a picture": ("img-src does not allow", GOOD, Document(images=("https://x.test/a.png",)), ()),
    "the API": (f"connect-src does not allow {API}/", GOOD, Document(), (API,)),
    "the API is named": ("", f"{GOOD}; connect-src {API}", Document(), (API,)),
    "the WebSocket": (
        "connect-src does not allow wss://api.test/",
        f"{GOOD}; connect-src {API}",
        Document(),
        (API, "wss://api.test"),
    ),
    "the WebSocket is named": ("", f"{GOOD}; connect-src {API} wss://api.test", Document(), (API, "wss://api.test")),
    "another API is not asked for": ("", GOOD, Document(), ("https://react.dev",)),
    "Stripe": (
        "script-src-elem does not allow https://js.stripe.com/v3/",
        GOOD,
        Document(),
        ("https://js.stripe.com",),
    ),
    "Stripe is named": ("", f"{GOOD}; {STRIPE}", Document(), ("https://js.stripe.com",)),
    "Stripe's frames": (
        "frame-src does not allow https://hooks.stripe.com/",
        f"{GOOD}; {STRIPE}".replace(" https://hooks.stripe.com", ""),
        Document(),
        ("https://js.stripe.com",),
    ),
    "Stripe by strict-dynamic": (
        "",
        f"{GOOD}; {STRIPE}".replace("script-src 'self' https://js.stripe.com", "script-src 'strict-dynamic' 'nonce-n'"),
        Document(),
        ("https://js.stripe.com",),
    ),
    "fonts": (
        "font-src does not allow",
        f"{GOOD}; style-src https://fonts.googleapis.com",
        Document(styles=("https://fonts.googleapis.com/css2?x",)),
        (),
    ),
}


@pytest.mark.parametrize(("told", "policy", "page", "named"), LETS_IN.values(), ids=LETS_IN)
def test_what_the_page_needs_is_let_in(told: str, policy: str, page: Document, named: tuple[str, ...]) -> None:
    verdict = judged(policy, page=page, named=named)
    assert verdict.outcome is (FAIL if told else PASS), verdict
    assert told in verdict.summary + " ".join(verdict.evidence)
    assert not told or "the policy breaks the page" in verdict.summary


MATCHES = [
    ("'self'", "https://app.test/a", True),
    ("'self'", "wss://app.test/ws", True),
    ("'self'", "https://app.test:8443/a", False),
    ("'none'", "https://app.test/a", False),
    ("*", "https://x.test/", True),
    ("*", "data:x", False),
    ("https:", "https://x.test/", True),
    ("http:", "https://x.test/", True),
    ("https:", "http://x.test/", False),
    ("wss:", "wss://x.test/", True),
    ("x.test", "https://x.test/", True),
    ("x.test", "http://x.test/", False),
    ("x.test", "https://x.test:8443/", False),
    ("x.test:*", "https://x.test:8443/", True),
    ("x.test:8443", "https://x.test:8443/", True),
    ("http://x.test:80", "https://x.test/", True),
    ("*.x.test", "https://a.b.x.test/", True),
    ("*.x.test", "https://x.test/", False),
    ("*.x.test", "https://notx.test/", False),
    ("HTTPS://X.TEST", "https://x.test/", True),
    ("https://x.test/v3/", "https://x.test/v3/a.js", True),
    ("https://x.test/v3", "https://x.test/v3/a.js", False),
    ("https://x.test/v3/a.js", "https://x.test/v3/a.js?q", True),
    ("https://x.test", "wss://x.test/", False),
]


@pytest.mark.parametrize(("source", "url", "matches"), MATCHES)
def test_sources_match_urls_as_in_browsers(source: str, url: str, matches) -> None:
    assert allows_url((source,), url, HOME) is matches


def test_fall_backs() -> None:
    policy = parsed(["default-src a; script-src b; child-src c"])[0]
    found = {
        name: policy.sources(name) for name in ("script-src-elem", "worker-src", "frame-src", "img-src", "base-uri")
    }
    assert found == {
        "script-src-elem": ("b",),
        "worker-src": ("c",),
        "frame-src": ("c",),
        "img-src": ("a",),
        "base-uri": None,
    }


def test_a_meta_element_cannot_forbid_frames() -> None:
    assert parsed([], ["frame-ancestors 'none'; sandbox; default-src 'self'"])[0].directives == {
        "default-src": ("'self'",)
    }
