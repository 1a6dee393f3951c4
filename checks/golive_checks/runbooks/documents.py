"""Can somebody who has never done it find out at night what to do, who to call, and how to go back?"""

import re
from collections.abc import Iterator, Mapping

from golive import Environment, Location, Now, Phase, Severity, Verdict, check, not_configured, unknown, verdict
from golive_checks.systems.documents.recovery_document import DocumentPart
from golive_checks.systems.documents.release_notes import NotesRead, ReleaseNotes
from golive_checks.systems.documents.runbook_settings import Change, ContactPolicy, Incident, OnCall, Review, Rollback
from golive_checks.systems.documents.runbooks import (
    BrokenLink,
    ChangeRunbook,
    IncidentRunbook,
    OnCallRunbook,
    RollbackRunbook,
    RunbookRead,
)

MIN_WORDS = 4
"""Under a heading: fewer say nothing."""
MIN_TAG_WORDS = 2
"""Of one word, a tag's message is its name."""


@check("runbook.incident", severity=Severity.MEDIUM)
def incident(env: Environment, seen: IncidentRunbook, ask: Incident, review: Review, now: Now) -> Verdict:
    """The incident runbook says who does what and where, is complete, and was recently reviewed.

    Why: In an incident nobody has time to find out who leads, which channel to use, which dashboard to look at. A
    runbook with gaps, dead links or last year's names costs the minutes that it should save.

    Fix: Fill in who, what and where, fix its links, have whoever is on call read it, and write the date into it:
    `last_reviewed: 2026-11-27`.

    Source: https://sre.google/sre-book/managing-incidents/
    """
    return _judged("incident", seen, ask.sections, review, now, [])


@check("runbook.on-call", severity=Severity.MEDIUM)
def on_call(
    env: Environment, seen: OnCallRunbook, ask: OnCall, review: Review, contacts: ContactPolicy, now: Now
) -> Verdict:
    """The on-call runbook has plausible contacts on at least two levels, and says when to call the next.

    Why: The person on call is asleep, on a train, or has left. A number with a missing digit is noticed when it is
    first dialled.

    Fix: A table or a list with a telephone number (as +221 …) or an e-mail address on each level, and after how many
    minutes the next one is called.

    Source: https://sre.google/sre-book/being-on-call/; ITU-T E.164; RFC 5321
    """
    few = seen.there and seen.levels < contacts.levels
    more = [f"it names contacts on {seen.levels} levels, at least {contacts.levels}"] if few else []
    return _judged("on_call", seen, ask.sections, review, now, more)


@check("runbook.change", severity=Severity.MEDIUM)
def change(
    env: Environment,
    seen: ChangeRunbook,
    notes: NotesRead,
    ask: Change,
    where: ReleaseNotes,
    review: Review,
    now: Now,
) -> Verdict:
    """The change procedure is written down, rollback included, and the release notes cover this release.

    Why: Whoever is called at night first asks what changed. Support and shops ask the same in the morning.

    Fix: Write an entry under a heading with the version, in the style of Keep a Changelog (`## [2.4.0] - 2026-11-27`),
    and name the file in runbooks.release_notes.path.

    Source: https://keepachangelog.com; ISO/IEC 20000-1, 8.5.1
    """
    fails, warns = list[str](), list[str]()
    if where.path and env.release:
        fails, warns = _notes(notes, env)
    if not ask.path and where.path and env.release:
        return verdict(fails, warns, ok=f"{notes.path} covers {env.release}", at=Location(notes.path, notes.line))
    text = f"; {notes.path} covers {env.release}" if where.path and env.release else ""
    return _judged("change", seen, ask.sections, review, now, fails, warns, text)


@check("runbook.rollback", severity=Severity.HIGH)
def rollback(env: Environment, seen: RollbackRunbook, ask: Rollback, review: Review, now: Now) -> Verdict:
    """The rollback is written down: when, step by step, and who decides.

    Why: Those who know how roll a bad release back within minutes; those who must find out first take hours, and the
    database has moved on.

    Fix: Write down the commands as they were last run, what happens to migrations, and who decides.

    Source: https://sre.google/sre-book/release-engineering/
    """
    steps = max((part.steps for part in _called(seen.parts, ask.sections.get("steps", ()))), default=0)
    few = seen.there and steps < ask.min_steps
    more = [f"it has {steps} steps, at least {ask.min_steps} are required"] if few else []
    return _judged("rollback", seen, ask.sections, review, now, more)


def _judged(
    key: str,
    seen: RunbookRead,
    sections: Mapping[str, tuple[str, ...]],
    review: Review,
    now: Now,
    more: list[str],
    warns: list[str] | None = None,
    note: str = "",
) -> Verdict:
    """Judge what every runbook must have, and `more` that is wrong with this one."""
    if not seen.path:
        return not_configured("the profile names no such runbook", f"runbooks.{key}.path")
    at = Location(seen.path)
    if not seen.there:
        return verdict([f"{seen.path} does not exist, or is empty", *more], ok="", at=at)
    fails = [*_lacking(seen.parts, sections), *more]
    fails += [f"line {line} still has to be filled in: {mark}" for line, mark in seen.marks]
    fails += [*seen.malformed, *(f"a link leads nowhere: {_nowhere(link)}" for link in seen.broken)]
    age = (now.at.date() - seen.reviewed).days if seen.reviewed else None
    if age is not None and age > review.max_age_days:
        fails.append(f"it was last reviewed {age} days ago, on {seen.reviewed}; at most {review.max_age_days}")
    elif age is not None and age < -1:  # a day ahead of UTC it may be tomorrow
        fails.append(f"it was reviewed on {seen.reviewed}, which is in the future")
    elif age is None and seen.reviewed_by != "shallow":
        fails.append("it does not say when it was last reviewed")
    if not fails and seen.reviewed_by == "shallow":
        return unknown(
            "it does not say when it was reviewed, and the clone is shallow, so git does not either",
            fix="Write last_reviewed into it, or fetch all of the history (fetch-depth: 0).",
            at=at,
        )
    return verdict(fails, warns or [], ok=f"{', '.join(sections)}; reviewed {age} days ago{note}", at=at)


def _lacking(parts: tuple[DocumentPart, ...], sections: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for name, words in sections.items():
        found = _called(parts, words)
        if not found:
            yield f"no heading says {name}: none has any of {', '.join(words)}"
        elif not any(part.words >= MIN_WORDS for part in found):
            yield f"“{found[0].title}” is empty"


def _called(parts: tuple[DocumentPart, ...], words: tuple[str, ...]) -> list[DocumentPart]:
    """Return the parts in whose title one of these words is, or begins a longer one."""
    known = re.compile("|".join(rf"\b{re.escape(word)}" for word in words) or r"(?!)", re.IGNORECASE)
    return [part for part in parts if known.search(part.title)]


def _notes(notes: NotesRead, env: Environment) -> tuple[list[str], list[str]]:
    if notes.words or notes.tag_words >= MIN_TAG_WORDS:
        return [], []
    if not notes.there and not notes.tag_words:
        return [f"the release notes {notes.path} do not exist"], []
    if notes.heading:
        return [f"{notes.path} says nothing under “{notes.heading}”"], []
    if notes.unreleased_words and env.phase == Phase.BEFORE:
        return [], [f"{notes.path} still has {env.release} under Unreleased"]
    return [f"{notes.path} has no entry for {env.release}, nor has a tag"], []


def _nowhere(link: BrokenLink) -> str:
    why = {"address": "is gone", "file": "is not there", "heading": f"names no heading of {link.document or 'it'}"}
    return f"line {link.line}: {link.text} {why[link.lacks]}"
