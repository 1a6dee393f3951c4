"""Where an environment is looked at from: which checks each place is for, and what several places saw, as one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from golive.model import CheckInfo, Finding, Outcome
from golive.select import UsageError, chosen

HARM = (Outcome.NA, Outcome.PASS, Outcome.WARN, Outcome.UNKNOWN, Outcome.FAIL)
"""Of two verdicts on one subject, the later one counts."""
Places = Mapping[str, Sequence[str]]
"""The profile's `vantages`: what is looked at from each place, as for `--only`."""
Owners = Mapping[str, frozenset[str]]
"""The places that a check is for, by its id; of a check that is not among them, every place is."""


def owners(known: Sequence[CheckInfo], places: Places) -> Owners:
    """Return which checks are for some places alone.

    Raises:
        UsageError: a pattern matches nothing.
    """
    found: dict[str, frozenset[str]] = {}
    for place, patterns in places.items():
        for check in chosen(known, tuple(patterns), ()) if patterns else ():
            found[check.id] = found.get(check.id, frozenset()) | {place}
    return found


def is_for(check: str, place: str, of: Owners) -> bool:
    """Return whether a check is looked at from a place; every check is where no place is named."""
    return not place or place in of.get(check, {place})


def demand(place: str, places: Places) -> None:
    """Raise UsageError where the profile names no such place."""
    if place and place not in places:
        there = f"it names {', '.join(places)}" if places else "it has no vantages"
        raise UsageError(f"--vantage {place}: the profile names no such vantage: {there}")


def together(found: Mapping[str, Sequence[Finding]], of: Owners) -> list[Finding]:
    """Return what several places found, as one: of each check what the places say that it is for.

    What one of them could not see is no gap where another one saw it. Where they saw different things, the worse
    verdict counts, and the evidence has what each saw, also a place that the check is not for.
    """
    by_id: dict[str, dict[str, Finding]] = {}
    for place, findings in found.items():
        for finding in findings:
            by_id.setdefault(finding.id, {})[place] = finding
    joined = []
    for seen in by_id.values():
        check = next(iter(seen.values())).check.id
        own = {place: finding for place, finding in seen.items() if is_for(check, place, of)}
        if own and not _seen_elsewhere(own, found, of):
            joined.append(_one(own, seen))
    return joined


def _seen_elsewhere(own: Mapping[str, Finding], found: Mapping[str, Sequence[Finding]], of: Owners) -> bool:
    """Return whether nobody saw it, and another place saw what lies below, as the addresses of a host."""
    finding = next(iter(own.values()))
    if any(map(_is_seen, own.values())):
        return False
    return any(
        other.check.id == finding.check.id and _is_seen(other) and finding.subject in other.subject
        for place, findings in found.items()
        if place not in own and is_for(finding.check.id, place, of)
        for other in findings
    )


def _is_seen(finding: Finding) -> bool:
    return finding.outcome is not Outcome.UNKNOWN and not finding.not_permitted


def _one(own: Mapping[str, Finding], seen: Mapping[str, Finding]) -> Finding:
    counts = {place: finding for place, finding in own.items() if _is_seen(finding)} or own
    worst = max(counts.values(), key=lambda finding: HARM.index(finding.outcome))
    places = [place for place, finding in counts.items() if finding.verdict.summary == worst.verdict.summary]
    others = {
        place: finding.verdict.summary
        for place, finding in seen.items()
        if _is_seen(finding) and finding.verdict.summary != worst.verdict.summary
    }
    shown = {", ".join(places): worst.verdict.summary, **others}
    beside = [f"from {place}: {text}" for place, text in shown.items()]
    verdict = replace(worst.verdict, evidence=(*worst.verdict.evidence, *beside)) if others else worst.verdict
    return replace(worst, verdict=verdict, seen_from=", ".join(places))
