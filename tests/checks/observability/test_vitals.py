from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from golive import Outcome
from golive_checks.observability.vitals import VitalLimits, web_vitals
from golive_checks.subjects.visits import Visit
from golive_checks.systems.page.vitals import Opened, WebVitals

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
PAGE, ASK = Visit("app/", host="app"), VitalLimits()


def run(lcp_ms: float | None = 1300, cls: float = 0.0, **changes: Any) -> Opened:
    usual = {"status": 200, "media_type": "text/html", "lcp_of": "h1", "shifted": "", "finished": True}
    return Opened(lcp_ms=lcp_ms, cls=cls, **(usual | changes))


CASES: Mapping[str, tuple[Outcome, str, tuple[Opened, ...]]] = {
    "soon and still": (PASS, "LCP 1.3 s of 2.5 s, CLS 0.00 of 0.1", (run(), run(), run())),
    "at both limits": (PASS, "LCP 2.5 s", (run(2500, 0.1),)),
    "late": (FAIL, "LCP is 2.51 s, more than 2.5 s: h1", (run(2510),)),
    "it moves": (
        FAIL,
        "CLS is 0.11, more than 0.1: div#ad moves",
        (run(cls=0.11, shifted="div#ad"), run(cls=0.11), run(cls=0.2)),
    ),
    "both": (FAIL, "LCP is 4 s, more than 2.5 s: h1 (and 1 more)", (run(4000, 0.3),)),
    "one late run of three": (PASS, "LCP 1.4 s", (run(9000), run(1400), run(1300))),
    "two late runs of three": (FAIL, "LCP is 3 s", (run(9000), run(3000), run(1300))),
    "two runs that move": (FAIL, "CLS is 0.20", (run(cls=0.2), run(), run(cls=0.3))),
    "nothing painted": (UNKNOWN, "in 1 of 3 runs it painted no text", (run(), run(None), run())),
    "an error's page": (FAIL, "answers 503", (run(), run(status=503))),
    "not found, of no page": (FAIL, "answers 404", (run(None, status=404, media_type=""),)),
    "a wall": (UNKNOWN, "answers 403 to the browser", (run(status=403),)),
    "too often": (UNKNOWN, "answers 429 to the browser", (run(), run(None, status=429))),
    "another host": (UNKNOWN, "redirects to another host, https://login.test", (run(elsewhere="https://login.test"),)),
    "an error of another host": (
        UNKNOWN,
        "redirects to another host, https://x.test",
        (run(elsewhere="https://x.test", status=500),),
    ),
    "data": (UNKNOWN, "is no page: application/json", (run(media_type="application/json"),)),
    "of no type": (UNKNOWN, "is no page: of no type", (run(media_type=""),)),
    "a script goes on": (UNKNOWN, "navigates to https://app.test/login", (run(moved_to="https://app.test/login"),)),
    "still loading": (UNKNOWN, "had not loaded in 1 of 2 runs", (run(), run(finished=False))),
    "still loading, and late already": (FAIL, "LCP is 3 s", (run(3000, finished=False),)),
    "no run": (UNKNOWN, "in 0 of 0 runs", ()),
}


@pytest.mark.parametrize(("outcome", "summary", "runs"), CASES.values(), ids=CASES)
def test_the_vitals(outcome: Outcome, summary: str, runs: tuple[Opened, ...]) -> None:
    judged = web_vitals(PAGE, WebVitals("HeadlessChrome/156", sandboxed=True, runs=runs), ASK)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_every_run_and_the_throttle_are_evidence() -> None:
    seen = WebVitals("HeadlessChrome/156", sandboxed=True, runs=(run(1200), run(1300), run(1400, 0.05, shifted="ul")))
    evidence = web_vitals(PAGE, seen, ASK).evidence
    assert evidence[:3] == (
        "run 1: LCP 1.2 s (h1), CLS 0.000",
        "run 2: LCP 1.3 s (h1), CLS 0.000",
        "run 3: LCP 1.4 s (h1), CLS 0.050 (ul)",
    )
    assert "slow 4G" in evidence[3]
    assert "sandbox" not in evidence[3]


def test_a_browser_without_its_sandbox_is_told_of() -> None:
    seen = WebVitals("HeadlessChrome/156", sandboxed=False, runs=(run(),))
    assert "without its sandbox as golive runs as root" in web_vitals(PAGE, seen, ASK).evidence[-1]


def test_what_the_page_did_not_get_is_told_of_as_not_seen() -> None:
    runs = (run(), run(failures=4, failed=("https://api.test/products",)))
    judged = web_vitals(PAGE, WebVitals("HeadlessChrome/156", sandboxed=True, runs=runs), ASK)
    assert judged.outcome is PASS
    assert judged.unseen == ("what 4 requests of the page would have brought (https://api.test/products)",)


def test_a_page_may_have_limits_of_its_own() -> None:
    seen = WebVitals("HeadlessChrome/156", sandboxed=True, runs=(run(3000, 0.15),))
    assert web_vitals(PAGE, seen, VitalLimits(lcp_s=4, cls=0.2)).outcome is PASS
