"""The age of secrets."""

from __future__ import annotations

import datetime as dt

import pytest

from golive import Now, Outcome
from golive_checks.security.rotation import rotated
from golive_checks.subjects import Secret
from golive_checks.systems.evidence.secret_ages import SecretAge, SecretRotation

AT = dt.datetime(2026, 6, 8, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("days", "outcome", "summary"),
    [
        (30, Outcome.PASS, "changed on 2026-05-09, 30 days ago (SSM)"),
        (89.9, Outcome.PASS, ""),
        (90.5, Outcome.FAIL, "it was last changed on 2026-03-10, 90 days ago; 90 are allowed (SSM)"),
        (900, Outcome.FAIL, "900 days ago"),
        (-0.5, Outcome.PASS, ""),
        (-2, Outcome.FAIL, "in the future"),
    ],
)
def test_rotated(days: float, outcome: Outcome, summary: str) -> None:
    seen = SecretAge(AT - dt.timedelta(days=days), "SSM")
    judged = rotated(Secret("jwt"), seen, SecretRotation(max_age_days=90), Now(AT))
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged
