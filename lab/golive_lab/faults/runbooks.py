"""What can be wrong with the runbooks and the release notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from golive_lab.fault import Fault
from golive_lab.faults.rollout import project
from golive_lab.world.project_texts import CHANGE, INCIDENT, NOTES, ON_CALL, ROLLBACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from golive_lab.world import World

INCIDENT_BOOK, ON_CALL_BOOK, CHANGE_BOOK = "runbook.incident", "runbook.on-call", "runbook.change"
ROLLBACK_BOOK = "runbook.rollback"


def incident(old: str, new: str) -> Callable[[World], World]:
    """Change a part of the runbook for incidents."""
    return project(incident=_changed(INCIDENT, old, new))


def on_call(old: str, new: str) -> Callable[[World], World]:
    """Change a part of the on-call runbook."""
    return project(on_call=_changed(ON_CALL, old, new))


def change(old: str, new: str) -> Callable[[World], World]:
    """Change a part of the runbook for changes."""
    return project(change=_changed(CHANGE, old, new))


def rollback(old: str, new: str) -> Callable[[World], World]:
    """Change a part of the runbook for going back."""
    return project(rollback=_changed(ROLLBACK, old, new))


def notes(old: str, new: str) -> Callable[[World], World]:
    """Change a part of the release notes."""
    return project(notes=_changed(NOTES, old, new))


def _changed(text: str, old: str, new: str) -> str:
    if old not in text:
        raise ValueError(f"the text has no {old!r}")
    return text.replace(old, new)


SECOND_AND_THIRD = ON_CALL[ON_CALL.index("| 2 |") : ON_CALL.index("\n## Escalade")]
ESCALATION = ON_CALL[ON_CALL.index("## Escalade") :]
STEPS = ROLLBACK[ROLLBACK.index("1. Lead") : ROLLBACK.index("## Who")]
ENTRY = NOTES[NOTES.index("## [2.4.0]") : NOTES.index("## [2.3.0]")]

FAULTS = (
    Fault(
        "runbook.no-incident",
        turns_red=INCIDENT_BOOK,
        title="There is no runbook for incidents",
        change=project(incident=""),
    ),
    Fault(
        "runbook.nobody",
        turns_red=INCIDENT_BOOK,
        title="The runbook for incidents does not say who",
        change=incident("## Who", "## Preface"),
    ),
    Fault(
        "runbook.placeholder",
        turns_red=INCIDENT_BOOK,
        title="The runbook for incidents still has its template's marks",
        change=incident("#incident in the team's chat", "<name of the channel>"),
    ),
    Fault(
        "runbook.todo",
        turns_red=INCIDENT_BOOK,
        title="The runbook for incidents still says TODO",
        change=incident("- Scribe: the second on call keeps the timeline.", "- TODO: find a scribe."),
    ),
    Fault(
        "runbook.stale",
        turns_red=INCIDENT_BOOK,
        title="The runbook for incidents was reviewed long ago",
        change=incident("last_reviewed: {reviewed}", "last_reviewed: 2023-05-04"),
    ),
    Fault(
        "runbook.dead-link",
        turns_red=INCIDENT_BOOK,
        title="The runbook for incidents links to a heading that was renamed",
        change=on_call("## Niveaux", "## Niveaux d'astreinte"),
    ),
    Fault(
        "runbook.one-level",
        turns_red=ON_CALL_BOOK,
        title="The on-call runbook names one person alone",
        change=on_call(SECOND_AND_THIRD, ""),
    ),
    Fault(
        "runbook.number-too-short",
        turns_red=ON_CALL_BOOK,
        title="A telephone number lacks a digit",
        change=on_call("+33 1 99 00 56 78", "+33 1 99 00 56 7"),
    ),
    Fault(
        "runbook.address-malformed",
        turns_red=ON_CALL_BOOK,
        title="An e-mail address has two dots in a row",
        change=on_call("moussa.camara@", "moussa..camara@"),
    ),
    Fault(
        "runbook.no-escalation",
        turns_red=ON_CALL_BOOK,
        title="The on-call runbook does not say when the next level is called",
        change=on_call(ESCALATION, ""),
    ),
    Fault(
        "runbook.escalation-empty",
        turns_red=ON_CALL_BOOK,
        title="The on-call runbook says nothing under its heading on escalation",
        change=on_call(ESCALATION, "## Escalade\n"),
    ),
    Fault(
        "runbook.no-notes",
        turns_red=CHANGE_BOOK,
        title="The release notes have no entry for the release",
        change=notes(ENTRY, ""),
    ),
    Fault(
        "runbook.empty-notes",
        turns_red=CHANGE_BOOK,
        title="The release notes say nothing under the release's heading",
        change=notes(ENTRY, "## [2.4.0]\n\n"),
    ),
    Fault(
        "runbook.no-rollback-plan",
        turns_red=CHANGE_BOOK,
        title="The runbook for changes has no rollback plan",
        change=change("## Rollback plan", "## Afterwards"),
    ),
    Fault(
        "runbook.unknown-review",
        turns_red=CHANGE_BOOK,
        title="The runbook for changes does not say when it was reviewed, and git last knows of it long ago",
        change=change("Last reviewed: {reviewed}\n", ""),
    ),
    Fault(
        "runbook.no-steps",
        turns_red=ROLLBACK_BOOK,
        title="The rollback has no steps",
        change=rollback(STEPS, "It is rolled back as it was rolled out.\n\n"),
    ),
    Fault(
        "runbook.no-rollback",
        turns_red=ROLLBACK_BOOK,
        title="There is no runbook for the rollback",
        change=project(rollback=""),
        also=(INCIDENT_BOOK, CHANGE_BOOK),
    ),
    Fault(
        "runbook.reviewed-tomorrow",
        turns_red=ROLLBACK_BOOK,
        title="The rollback's review is in the future",
        change=rollback("Last reviewed: {reviewed}", "Last reviewed: 2099-01-01"),
    ),
)
