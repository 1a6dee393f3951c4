from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from pydantic import ValidationError

from golive import Environment, Now, Outcome, Unavailable
from golive_checks.attestations import current, evidenced, none_missing, signed
from golive_checks.systems.evidence.evidence import Attestation, DemandedAttestations, Evidence

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
        ({"expires": None}, Outcome.FAIL, "no expiry date"),
        ({"when": DAY + dt.timedelta(2), "expires": DAY + dt.timedelta(9)}, Outcome.FAIL, "in the future"),
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


ALL = ("logs.centralised", "secrets.stored", "privacy.law")


@pytest.mark.parametrize(
    ("production", "there", "ask", "outcome", "word"),
    [
        (True, ALL, {}, Outcome.PASS, "there is one for logs.centralised, secrets.stored, privacy.law"),
        (True, ALL[:1], {}, Outcome.FAIL, "no attestation covers secrets.stored (and 1 more)"),
        (True, ALL[:2], {"do_not_apply": {"privacy.law": "it holds no one's data"}}, Outcome.PASS, "secrets.stored"),
        (True, (), {"do_not_apply": dict.fromkeys(ALL, "a demo")}, Outcome.NA, "privacy.law does not apply: a demo"),
        (True, (), {"names": []}, Outcome.NA, "demands none"),
        (True, (), {}, Outcome.NA, "no attestation covers logs.centralised, secrets.stored, "),
        (True, (), {"names": ["privacy.law"]}, Outcome.UNKNOWN, "no attestation covers privacy.law"),
        (True, ALL, {"names": ["insurance.cyber"]}, Outcome.FAIL, "no attestation covers insurance.cyber"),
        (False, (), {}, Outcome.NA, "x is not production"),
        (False, ALL[:1], {"names": ["privacy.law"]}, Outcome.FAIL, "no attestation covers privacy.law"),
    ],
)
def test_none_missing(
    production: bool,  # noqa: FBT001 - a column of the table
    there: tuple[str, ...],
    ask: dict[str, object],
    outcome: Outcome,
    word: str,
) -> None:
    attested = {Attestation(name): Evidence(there=True) for name in there} or Unavailable("there is no attestation")
    env = Environment("x", production=production)
    judged = none_missing(env, attested, DemandedAttestations.model_validate(ask))
    assert (judged.outcome, word in judged.summary) == (outcome, True), judged


def test_a_reason_is_wanted_for_what_does_not_apply() -> None:
    with pytest.raises(ValidationError):
        DemandedAttestations.model_validate({"do_not_apply": {"privacy.law": ""}})
