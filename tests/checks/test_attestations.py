from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from golive import Now, Outcome
from golive_checks.attestations import current, evidenced, signed
from golive_checks.probes.evidence import Attestation, Evidence

DAY = dt.date(2026, 6, 1)
NOW = Now(dt.datetime(2026, 6, 1, 23, 30, tzinfo=dt.UTC))
GOOD = Attestation("logs.centralised", statement="so it is", who="Awa", when=DAY, evidence="x.md", expires=DAY)


@pytest.mark.parametrize(
    ("change", "outcome", "summary"),
    [
        ({}, Outcome.PASS, "Awa, 2026-06-01"),
        ({"who": ""}, Outcome.FAIL, "logs.centralised has no who"),
        ({"statement": ""}, Outcome.FAIL, "logs.centralised has no statement"),
        ({"when": None, "who": ""}, Outcome.FAIL, "logs.centralised has no who (and 1 more)"),
    ],
)
def test_signed(change: dict[str, str], outcome: Outcome, summary: str) -> None:
    verdict = signed(replace(GOOD, **change))
    assert (verdict.outcome, verdict.summary) == (outcome, summary)


@pytest.mark.parametrize(
    ("change", "outcome", "word"),
    [
        ({}, Outcome.PASS, "until 2026-06-01"),
        ({"expires": DAY - dt.timedelta(1)}, Outcome.FAIL, "1 day ago"),
        ({"expires": None}, Outcome.FAIL, "no last day"),
        ({"when": DAY + dt.timedelta(2), "expires": DAY + dt.timedelta(9)}, Outcome.FAIL, "yet to come"),
        ({"when": DAY + dt.timedelta(1)}, Outcome.PASS, ""),
    ],
)
def test_current(change: dict[str, dt.date | None], outcome: Outcome, word: str) -> None:
    verdict = current(replace(GOOD, **change), NOW)
    assert verdict.outcome is outcome
    assert word in verdict.summary


@pytest.mark.parametrize(
    ("evidence", "seen", "outcome", "word"),
    [
        ("x.md", Evidence(there=True), Outcome.PASS, "x.md is there"),
        ("x.md", Evidence(there=False), Outcome.FAIL, "does not exist, or is empty"),
        ("https://x.test/", Evidence(there=False, status=404), Outcome.FAIL, "answers 404"),
        ("", Evidence(there=False), Outcome.FAIL, "names no evidence"),
    ],
)
def test_evidenced(evidence: str, seen: Evidence, outcome: Outcome, word: str) -> None:
    verdict = evidenced(replace(GOOD, evidence=evidence), seen)
    assert verdict.outcome is outcome
    assert word in verdict.summary
