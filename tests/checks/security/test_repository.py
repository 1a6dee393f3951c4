"""Secrets in the repository."""

from __future__ import annotations

import pytest

from golive import Outcome
from golive_checks.security.repository import not_in_git
from golive_checks.subjects import Repository
from golive_checks.systems.git.client.secrets import FoundSecret, Scan
from golive_checks.systems.git.leaks import Allowed, GitScan, GitSecretsSeen

HERE = Repository("app", path="/app")
STILL = FoundSecret("src/a.ts", 3, "aws-access-key", "abc1234", still=True)
GONE = FoundSecret("src/b.ts", 7, "stripe-access-key", "def5678", still=False)
ALLOW = (Allowed(file="src/*", rule="aws-*", reason="made up"),)


@pytest.mark.parametrize(
    ("scan", "allow", "outcome", "summary"),
    [
        (Scan((), 9, complete=True), (), Outcome.PASS, "9 lines of all that was ever committed hold none"),
        (Scan((STILL,), 9, complete=True), ALLOW, Outcome.PASS, "hold none, but for 1 that the profile allows"),
        (
            Scan((STILL, GONE), 9, complete=True),
            ALLOW,
            Outcome.FAIL,
            "src/b.ts:7 held a secret (stripe-access-key) in commit def5678: it is removed, and still in the history",
        ),
        (
            Scan((GONE, STILL), 9, complete=True),
            (),
            Outcome.FAIL,
            "src/a.ts:3 holds a secret (aws-access-key), since commit abc1234 (and 1 more)",
        ),
        (
            Scan((FoundSecret(".env", 1, "secret-keyword", "", still=True),), 9, complete=True),
            (),
            Outcome.FAIL,
            ".env:1 holds a secret (secret-keyword), staged",
        ),
        (Scan((), 9, complete=True, cut_off="shallow"), (), Outcome.UNKNOWN, "shallow"),
        (Scan((STILL,), 9, complete=True, cut_off="shallow"), (), Outcome.FAIL, "holds a secret"),
        (Scan((), 0, complete=False, cut_off="partial"), (), Outcome.UNKNOWN, "partial"),
        (Scan((), 9, complete=False), (), Outcome.UNKNOWN, "over before the end of the history, after 9 lines"),
        (Scan((STILL,), 9, complete=False), (), Outcome.FAIL, "holds a secret"),
        (Scan((STILL,), 9, complete=False), ALLOW, Outcome.UNKNOWN, "over before the end"),
        (Scan((), 0, complete=True), (), Outcome.UNKNOWN, "no line of text"),
        (Scan((), 9, complete=True, unread=("a: git says: 1 missing",)), (), Outcome.UNKNOWN, "a: git says: 1 missing"),
        (
            Scan((FoundSecret("a.env", 1, "secret-keyword", "abc1234", still=True, sure=False),), 9, complete=True),
            (),
            Outcome.WARN,
            "a.env:1 has what may be a secret (secret-keyword) since commit abc1234",
        ),
    ],
)
def test_not_in_git(scan: Scan, allow: tuple[Allowed, ...], outcome: Outcome, summary: str) -> None:
    judged = not_in_git(HERE, GitSecretsSeen(scan), GitScan(allow=allow))
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged
    assert bool(judged.unseen) == (outcome is Outcome.FAIL and (bool(scan.cut_off) or not scan.complete))


def test_the_mend_of_a_shallow_clone_is_named() -> None:
    judged = not_in_git(HERE, GitSecretsSeen(Scan((), 9, complete=True, cut_off="shallow")), GitScan())
    assert "fetch-depth: 0" in judged.fix
