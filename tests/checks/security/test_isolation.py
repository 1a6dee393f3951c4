import pytest

from golive import Outcome
from golive_checks.security.isolation import Isolation, isolation
from golive_checks.subjects import Host
from golive_checks.systems.http.answers import AnswerKind, Answers
from golive_checks.systems.http.front import HttpReply
from golive_checks.systems.page.document import Document, DocumentScript

HOST = Host("calls.example", role="app")
OPENER, EMBEDDER, RESOURCE = (f"cross-origin-{name}-policy" for name in ("opener", "embedder", "resource"))
BOTH = {OPENER: "same-origin", EMBEDDER: "require-corp"}
NA, PASS, WARN, FAIL = Outcome.NA, Outcome.PASS, Outcome.WARN, Outcome.FAIL


def seen(headers: dict[str, str]) -> Answers:
    reply = HttpReply("/", 200, "HTTP/2", (("content-type", "text/html"), *headers.items()), 9)
    return Answers("192.0.2.1", (AnswerKind("page", reply),))


CASES = {
    "nothing": ({}, None, NA, ""),
    "an opener alone, as helmet sends it": ({OPENER: "same-origin", RESOURCE: "same-origin"}, None, NA, ""),
    "both": (BOTH, None, PASS, "crossOriginIsolated is true"),
    "without credentials": ({**BOTH, EMBEDDER: "credentialless"}, None, PASS, ""),
    "an embedder alone": ({EMBEDDER: "require-corp"}, None, FAIL, "Cross-Origin-Opener-Policy is absent"),
    "popups allowed": ({**BOTH, OPENER: "same-origin-allow-popups"}, None, FAIL, "is same-origin-allow-popups"),
    "quoted": ({**BOTH, EMBEDDER: '"require-corp"'}, None, FAIL, 'Embedder-Policy is "require-corp", not'),
    "wanted": ({}, True, FAIL, "not isolated"),
    "not wanted": ({EMBEDDER: "unsafe-none"}, False, NA, ""),
    "no resource policy": ({RESOURCE: "same-orgin"}, None, WARN, "/: browsers ignore Cross-Origin-Resource-Policy"),
}


@pytest.mark.parametrize(("headers", "wanted", "outcome", "told"), CASES.values(), ids=CASES)
def test_isolation(headers: dict[str, str], wanted, outcome: Outcome, told: str) -> None:
    found = isolation(HOST, seen(headers), Document(), Isolation(wanted=wanted))
    assert (found.outcome, told in found.summary) == (outcome, True), found


def test_what_an_isolated_page_loads_from_elsewhere() -> None:
    scripts = (
        DocumentScript("https://calls.example/a.js"),
        DocumentScript("https://other.example/b.js", crossorigin=True),
        DocumentScript("https://other.example/c.js"),
    )
    found = isolation(HOST, seen(BOTH), Document(scripts=scripts), Isolation())
    assert (found.outcome, "c.js is loaded without crossorigin" in found.summary) == (WARN, True), found
    loose = isolation(HOST, seen({**BOTH, EMBEDDER: "credentialless"}), Document(scripts=scripts), Isolation())
    assert loose.outcome is PASS
