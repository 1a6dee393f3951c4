"""Is there a copy of the backups elsewhere, and is it one?"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from golive import Now, Settings, Severity, Unavailable, Verdict, check, failed, not_applicable, unknown, verdict
from golive.wording import duration, listed
from golive_checks.backups.words import HOUR, at
from golive_checks.subjects import BackupSource
from golive_checks.subjects.backup_places import same_place
from golive_checks.subjects.backups import Medium
from golive_checks.systems.backups.facts import Backup, Backups

COMPARED = 3
"""The newest of them: older ones were compared when they were the newest."""


class Offsite(Settings):
    """How many copies there must be, and where: 3-2-1."""

    home: ClassVar[str] = "backups.offsite"

    copies: int = Field(default=3, ge=1)
    """Of the data, the live database included."""
    places: int = Field(default=2, ge=1)
    """The least number of providers, or of media."""
    max_lag_h: float = Field(default=6, gt=0)
    """How long a backup may take to reach the copy."""
    live_provider: str = ""
    """Who runs the live database; empty: not known, and not counted."""
    live_medium: Medium = "disk"
    """What the live database is kept on."""


@check("backup.offsite", severity=Severity.CRITICAL)
def offsite(
    source: BackupSource,
    seen: Backups,
    everywhere: Mapping[BackupSource, Backups | Unavailable],
    now: Now,
    ask: Offsite,
) -> Verdict:
    """There are three copies of the data, on two providers or media, and the off-site copy has the newest backups.

    Why: Fire, a provider's mistake, an attacker with the server's keys: each destroys the backups together with the
    data if both are in one place. A copy job that stopped weeks ago goes unnoticed until the copy is needed.

    Fix: Copy each backup to another provider with keys that cannot delete there, and name that place as a source with
    `copy_of:`. If it is encrypted on its way, set `compare_by: time`.

    Source: 3-2-1: three copies, two media, one elsewhere
    """
    # A copy is judged with its source, so that one lacking copy is one finding.
    if source.copy_of:
        return _judged_elsewhere(source, everywhere)
    copies = {other: found for other, found in everywhere.items() if other.copy_of == source.name}
    same_data = {other: found for other, found in everywhere.items() if other in copies or _beside(source, other)}
    blind = [f"{other.name}: {gap.reason}" for other, gap in same_data.items() if isinstance(gap, Unavailable)]
    there = {other: found for other, found in same_data.items() if isinstance(found, Backups)}
    fails = [
        defect
        for other, found in there.items()
        if other in copies
        for defect in _defects(source, seen, other, found, now, ask)
    ]
    counted = _apart([(source, seen), *there.items()])
    few = _too_few(counted, ask)
    # What could not be looked at may be the very copy that is lacking, so too few is then unknown.
    if not fails and few and blind:
        return unknown(f"a copy could not be looked at: {blind[0]}", *few, *blind)
    ok = f"{len(counted) + 1} copies, the live database included: {_drawn(counted)}"
    if not fails and not few and blind:
        return unknown(f"a copy could not be looked at: {blind[0]}", ok, *blind)
    return verdict([*fails, *few], ok=ok, evidence=[ok] if fails or few else [])


def _judged_elsewhere(source: BackupSource, others: Iterable[BackupSource]) -> Verdict:
    """Refuse a copy of nothing, and one of a copy, which nobody would compare it with."""
    original = next((other for other in others if other.name == source.copy_of and other != source), None)
    if original is None:
        return failed(f"copy_of names {source.copy_of!r}, which is not another backup source of the profile")
    if original.copy_of:
        return failed(f"copy_of names {original.name}, which is itself a copy; name {original.copy_of}")
    return not_applicable(f"it is the copy of {source.copy_of}, and judged there")


def _apart(found: Iterable[tuple[BackupSource, Backups]]) -> list[BackupSource]:
    """Return the sources that hold a backup, each place once: what is in one place is lost together."""
    counted: list[BackupSource] = []
    for each, backups in found:
        if backups.sound and not any(same_place(each.where, other.where) for other in counted):
            counted.append(each)
    return counted


def _beside(source: BackupSource, other: BackupSource) -> bool:
    """Return whether another source holds backups of the same database, made for themselves."""
    return other.name != source.name and bool(source.of) and other.of == source.of and not other.copy_of


def _too_few(counted: Sequence[BackupSource], ask: Offsite) -> list[str]:
    copies = len(counted) + 1
    providers = {ask.live_provider, *(each.provider for each in counted)} - {""}
    media = {ask.live_medium, *(each.medium for each in counted)}
    fails = []
    if copies < ask.copies:
        fails.append(f"{copies} copies of the data, including the live database; {ask.copies} are required")
    if max(len(providers), len(media)) < ask.places:
        fails.append(f"all of it is on {_and(media)}, with {_and(providers) or 'a provider that is not named'}")
    return fails


def _and(words: Iterable[str]) -> str:
    return " and ".join(sorted(words))


def _drawn(counted: Sequence[BackupSource]) -> str:
    return ", ".join(
        f"{each.name} ({each.medium}{f' of {each.provider}' if each.provider else ''})" for each in counted
    )


def _defects(
    source: BackupSource, seen: Backups, copy: BackupSource, found: Backups, now: Now, ask: Offsite
) -> list[str]:
    """List how a copy differs from its original."""
    lag = ask.max_lag_h * HOUR
    wanted = [b for b in seen.newest if not b.error and now.at - b.taken_at >= lag][:COMPARED]
    if shared := same_place(source.where, copy.where):
        return [f"{copy.name} is in the same {shared} as {source.name}"]
    if copy.compare_by == "time":
        return _behind(copy, found, wanted[:1], lag)
    theirs = {backup.name: backup for backup in found.newest}
    absent = [backup for backup in wanted if backup.name not in theirs]
    if absent:
        lacks = listed([f"{backup.name}, of {at(backup.taken_at)}" for backup in absent], 1)
        return [f"{copy.name} lacks {lacks}; {_newest(found)}"]
    return [
        f"{other.name} has {other.size:,} bytes in {copy.name} and {backup.size:,} in {source.name}"
        for backup in wanted
        if (other := theirs[backup.name]).size is not None and backup.size is not None and other.size != backup.size
    ]


def _behind(copy: BackupSource, found: Backups, wanted: Sequence[Backup], lag: dt.timedelta) -> list[str]:
    newest = found.sound
    if newest is None:
        return [f"there is no backup in {copy.name}"] if wanted else []
    return [
        f"the newest in {copy.name} is {duration(backup.taken_at - newest.taken_at)} behind: {at(newest.taken_at)}"
        for backup in wanted
        if backup.taken_at - newest.taken_at > lag
    ]


def _newest(found: Backups) -> str:
    return f"its newest is {found.newest[0].name}" if found.newest else "it has none"
