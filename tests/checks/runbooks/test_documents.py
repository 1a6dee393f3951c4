from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from golive import Environment, Now, Outcome, Phase
from golive_checks.runbooks.documents import change, incident, on_call, rollback
from golive_checks.systems.documents.recovery_document import DocumentPart
from golive_checks.systems.documents.release_notes import NotesRead, ReleaseNotes
from golive_checks.systems.documents.runbook_settings import Change, ContactPolicy, Incident, OnCall, Review, Rollback
from golive_checks.systems.documents.runbooks import (
    BrokenLink,
    ChangeRunbook,
    IncidentRunbook,
    OnCallRunbook,
    RollbackRunbook,
)

NOW = Now(dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC))
ENV = Environment("demo", release="2.4.0", phase=Phase.AFTER)
REVIEWED = dt.date(2026, 11, 1)


def part(title: str, words: int = 20, steps: int = 3) -> DocumentPart:
    return DocumentPart(title, 1, words, steps)


GOOD = IncidentRunbook(
    "i.md", there=True, parts=(part("Who"), part("What to do"), part("Where")), reviewed=REVIEWED, reviewed_by="itself"
)


def judged(seen: IncidentRunbook, **ask: Any) -> tuple[Outcome, str]:
    verdict = incident(ENV, seen, Incident(**ask), Review(), NOW)
    return verdict.outcome, verdict.summary


@pytest.mark.parametrize(
    ("changes", "outcome", "word"),
    [
        ({}, Outcome.PASS, "who, what, where; reviewed 26 days ago"),
        ({"path": ""}, Outcome.NA, "runbooks.incident.path"),
        ({"there": False}, Outcome.FAIL, "i.md does not exist, or is empty"),
        ({"parts": (part("Who"), part("What"))}, Outcome.FAIL, "no heading says where"),
        ({"parts": (part("Qui"), part("Que faire"), part("Où"))}, Outcome.PASS, ""),
        ({"parts": (part("Who"), part("What"), part("Where", words=3))}, Outcome.FAIL, "“Where” is empty"),
        ({"parts": (part("Who", 1), part("Roles"), part("What"), part("Where"))}, Outcome.PASS, ""),
        ({"parts": (part("Somewho"), part("What"), part("Where"))}, Outcome.FAIL, "no heading says who"),
        ({"marks": ((7, "<name>"),)}, Outcome.FAIL, "line 7 still has to be filled in: <name>"),
        ({"malformed": ("+1 is no telephone number",)}, Outcome.FAIL, "+1 is no telephone number"),
        ({"broken": (BrokenLink(3, "x.md", "file"),)}, Outcome.FAIL, "a link leads nowhere: line 3: x.md"),
        ({"reviewed": dt.date(2026, 5, 31)}, Outcome.PASS, "reviewed 180 days ago"),
        ({"reviewed": dt.date(2026, 5, 30)}, Outcome.FAIL, "last reviewed 181 days ago, on 2026-05-30; at most 180"),
        ({"reviewed": dt.date(2026, 11, 28)}, Outcome.PASS, ""),
        ({"reviewed": dt.date(2026, 11, 29)}, Outcome.FAIL, "which is in the future"),
        ({"reviewed": None, "reviewed_by": ""}, Outcome.FAIL, "it does not say when it was last reviewed"),
        ({"reviewed": None, "reviewed_by": "shallow"}, Outcome.UNKNOWN, "the clone is shallow"),
        ({"reviewed": None, "reviewed_by": "shallow", "marks": ((1, "TODO"),)}, Outcome.FAIL, "TODO"),
    ],
)
def test_incident(changes: dict[str, Any], outcome: Outcome, word: str) -> None:
    found, summary = judged(replace(GOOD, **changes))
    assert found is outcome
    assert word in summary


def test_the_words_are_the_profiles() -> None:
    seen = replace(GOOD, parts=(part("Ablauf"),))
    assert judged(seen, sections={"steps": ("ablauf",)})[0] is Outcome.PASS
    assert judged(seen)[0] is Outcome.FAIL


@pytest.mark.parametrize(
    ("levels", "outcome", "word"),
    [(2, Outcome.PASS, "contacts, escalation"), (1, Outcome.FAIL, "names contacts on 1 levels, at least 2")],
)
def test_on_call(levels: int, outcome: Outcome, word: str) -> None:
    parts = (part("Niveaux"), part("Escalade"))
    seen = OnCallRunbook("o.md", there=True, parts=parts, reviewed=REVIEWED, reviewed_by="itself", levels=levels)
    verdict = on_call(ENV, seen, OnCall(), Review(), ContactPolicy(), NOW)
    assert verdict.outcome is outcome
    assert word in verdict.summary
    assert on_call(ENV, OnCallRunbook(), OnCall(), Review(), ContactPolicy(), NOW).outcome is Outcome.NA


@pytest.mark.parametrize(("steps", "outcome"), [(2, Outcome.PASS), (1, Outcome.FAIL)])
def test_rollback(steps: int, outcome: Outcome) -> None:
    parts = (part("When"), part("Steps", steps=steps), part("Who"))
    seen = RollbackRunbook("r.md", there=True, parts=parts, reviewed=REVIEWED, reviewed_by="git")
    assert rollback(ENV, seen, Rollback(), Review(), NOW).outcome is outcome


NOTES = NotesRead("CHANGELOG.md", there=True, heading="[2.4.0]", line=3, words=30)
BOOK = ChangeRunbook(
    "c.md", there=True, parts=(part("Procedure"), part("Rollback plan")), reviewed=REVIEWED, reviewed_by="git"
)


@pytest.mark.parametrize(
    ("notes", "phase", "outcome", "word"),
    [
        (NOTES, Phase.AFTER, Outcome.PASS, "CHANGELOG.md covers 2.4.0"),
        (replace(NOTES, there=False, heading="", words=0), Phase.AFTER, Outcome.FAIL, "CHANGELOG.md do not exist"),
        (replace(NOTES, words=0), Phase.AFTER, Outcome.FAIL, "says nothing under “[2.4.0]”"),
        (replace(NOTES, heading="", words=0), Phase.AFTER, Outcome.FAIL, "no entry for 2.4.0, nor has a tag"),
        (replace(NOTES, heading="", words=0, tag_words=9), Phase.AFTER, Outcome.PASS, ""),
        (replace(NOTES, heading="", words=0, unreleased_words=9), Phase.AFTER, Outcome.FAIL, "no entry"),
        (replace(NOTES, heading="", words=0, unreleased_words=9), Phase.BEFORE, Outcome.WARN, "under Unreleased"),
    ],
)
def test_change(notes: NotesRead, phase: Phase, outcome: Outcome, word: str) -> None:
    env, where = replace(ENV, phase=phase), ReleaseNotes(path="CHANGELOG.md")
    for seen, ask in ((BOOK, Change(path="c.md")), (ChangeRunbook(), Change())):
        verdict = change(env, seen, notes, ask, where, Review(), NOW)
        assert verdict.outcome is outcome
        assert word in verdict.summary


def test_change_without_notes_or_release() -> None:
    nothing = ReleaseNotes()
    assert change(ENV, BOOK, NotesRead(), Change(path="c.md"), nothing, Review(), NOW).outcome is Outcome.PASS
    assert change(ENV, ChangeRunbook(), NotesRead(), Change(), nothing, Review(), NOW).outcome is Outcome.NA
    none = Environment("demo")
    where = ReleaseNotes(path="CHANGELOG.md")
    assert (
        change(none, BOOK, NotesRead("CHANGELOG.md"), Change(path="c.md"), where, Review(), NOW).outcome is Outcome.PASS
    )
