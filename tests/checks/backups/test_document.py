from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.checks.backups.conftest import backups

from golive import Environment, Outcome, Unavailable
from golive_checks.backups.document import documented
from golive_checks.subjects.backups import BackupSource
from golive_checks.systems.documents.recovery_document import Documented, DocumentPart, RecoveryDocument

ENV = Environment("demo")
SOURCES = {BackupSource("nightly"): backups(10)}
STEPS, CONTACTS = DocumentPart("Steps", 5, 40, 5), DocumentPart("Contacts", 20, 9, 0)
GOOD = RecoveryDocument("r.md", there=True, parts=(STEPS, CONTACTS), objectives={"RTO": "4 h", "RPO": "1 day"})


def with_parts(*parts: DocumentPart) -> RecoveryDocument:
    return replace(GOOD, parts=parts)


@pytest.mark.parametrize(
    ("seen", "outcome", "word"),
    [
        (GOOD, Outcome.PASS, "5 steps, contacts, RTO 4 h, RPO 1 day"),
        (RecoveryDocument("r.md", there=False), Outcome.FAIL, "r.md does not exist, or is empty"),
        (RecoveryDocument("", there=False), Outcome.FAIL, "names no recovery document (backups.document.path)"),
        (with_parts(CONTACTS), Outcome.FAIL, "it has no steps: no heading has any of restor"),
        (with_parts(replace(STEPS, steps=2), CONTACTS), Outcome.FAIL, "it has no steps: “Steps” has 2; at least 3"),
        (with_parts(STEPS), Outcome.FAIL, "it does not say who to call: no heading has any of contact"),
        (with_parts(STEPS, replace(CONTACTS, words=0)), Outcome.FAIL, "who to call: “Contacts” is empty"),
        (replace(GOOD, objectives={"RTO": "4 h"}), Outcome.FAIL, "it states no RPO"),
        (replace(GOOD, objectives=None), Outcome.FAIL, "it states no RTO, with a number and its unit (and 1 more)"),
        (with_parts(replace(STEPS, unfinished="TODO"), CONTACTS), Outcome.WARN, "Steps still says TODO"),
        (with_parts(replace(STEPS, title="Procédure de restauration"), CONTACTS), Outcome.PASS, "5 steps"),
        (with_parts(replace(STEPS, title="L'étapes"), replace(CONTACTS, title="Astreinte")), Outcome.PASS, "5"),
        (with_parts(replace(STEPS, title="Footsteps"), CONTACTS), Outcome.FAIL, "it has no steps"),
    ],
)
def test_documented(seen: RecoveryDocument, outcome: Outcome, word: str) -> None:
    verdict = documented(ENV, seen, SOURCES, Documented())
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_without_backups_no_document_is_asked_for() -> None:
    none: Any = Unavailable("there is none")
    assert documented(ENV, RecoveryDocument("", there=False), none, Documented()).outcome is Outcome.NA
    assert documented(ENV, RecoveryDocument("r.md", there=False), none, Documented()).outcome is Outcome.FAIL


def test_the_words_are_the_profiles() -> None:
    ask = Documented(steps=("ablauf",), contacts=("wen",), min_steps=1)
    seen = with_parts(replace(STEPS, title="Ablauf"), replace(CONTACTS, title="Wen anrufen"))
    assert documented(ENV, seen, SOURCES, ask).outcome is Outcome.PASS
    assert documented(ENV, seen, SOURCES, Documented(steps=(), contacts=())).outcome is Outcome.FAIL
