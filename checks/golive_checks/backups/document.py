"""Is it written down how to put the backups back?"""

import re
from collections.abc import Iterable, Mapping

from golive import (
    Environment,
    Location,
    Severity,
    Unavailable,
    Verdict,
    check,
    failed,
    not_configured,
    verdict,
)
from golive_checks.subjects import BackupSource
from golive_checks.systems.backups.facts import Backups
from golive_checks.systems.documents.recovery_document import Documented, DocumentPart, RecoveryDocument


@check("restore.documented", severity=Severity.MEDIUM)
def documented(
    env: Environment,
    seen: RecoveryDocument,
    sources: Mapping[BackupSource, Backups | Unavailable] | Unavailable,
    ask: Documented,
) -> Verdict:
    """The recovery document exists, with the steps, who to call, and the promised RTO and RPO.

    Why: Whoever restores at three in the morning has seldom done it before. What is not written down has to be worked
    out during the outage.

    Fix: Write down the steps of the last drill, commands included, who to call, how long it may take (RTO) and how much
    may be lost (RPO); name the file as `backups.document.path`.

    Source: ISO/IEC 27001, A.5.30 and A.8.13
    """
    if not seen.path:
        # A profile without any backup source leaves the line undeclared; one with backups owes a document.
        if isinstance(sources, Unavailable):
            return not_configured(
                "the profile declares no backup source and names no recovery document", "backups.document.path"
            )
        return failed("the profile names no recovery document (backups.document.path)")
    at = Location(seen.path)
    if not seen.there:
        return failed(f"{seen.path} does not exist, or is empty", at=at)
    steps, contacts = _called(seen.parts, ask.steps), _called(seen.parts, ask.contacts)
    objectives = seen.objectives or {}
    most = max((part.steps for part in steps), default=0)
    fails = []
    if most < ask.min_steps:
        text = f"{_titles(steps)} has {most}" if steps else f"no heading has any of {', '.join(ask.steps)}"
        fails.append(f"it has no steps: {text}; at least {ask.min_steps} are required")
    if not any(part.words for part in contacts):
        text = f"{_titles(contacts)} is empty" if contacts else f"no heading has any of {', '.join(ask.contacts)}"
        fails.append(f"it does not say who to call: {text}")
    fails += [f"it states no {name}, with a number and its unit" for name in ("RTO", "RPO") if name not in objectives]
    warns = [f"{part.title} still says {part.unfinished}" for part in (*steps, *contacts) if part.unfinished]
    stated = ", ".join(f"{name} {amount}" for name, amount in objectives.items())
    return verdict(fails, list(dict.fromkeys(warns)), ok=f"{most} steps, contacts, {stated}", at=at)


def _called(parts: Iterable[DocumentPart], words: Iterable[str]) -> list[DocumentPart]:
    """Return the parts in whose title one of these words is, or begins a longer one."""
    known = re.compile("|".join(rf"\b{re.escape(word)}" for word in words) or r"(?!)", re.IGNORECASE)
    return [part for part in parts if known.search(part.title)]


def _titles(parts: Iterable[DocumentPart]) -> str:
    return ", ".join(f"“{part.title}”" for part in parts)
