"""Are backups taken, and kept for as long as they should be?"""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

from pydantic import Field

from golive import Now, Settings, Severity, Verdict, check, failed, not_applicable, not_configured, verdict
from golive.wording import counted, duration, listed
from golive_checks.backups.words import DAY, HOUR, at, complaints
from golive_checks.subjects import BackupSource
from golive_checks.systems.backups.facts import Backup, Backups

FUTURE = HOUR
"""Clocks differ; a time zone that the profile does not name makes a backup of later today."""
CLOCKS = dt.timedelta(minutes=15)
"""A file's server and the script that names it may differ by as much."""
IN_ANOTHER_ZONE = "Name the time zone of the names under `timezone:`, such as Africa/Dakar."
MAX_NAMED = 3
MAX_LOOKED_AT, MAX_ZONE_H = 7, 14


class Freshness(Settings):
    """How old the newest backup may be."""

    home: ClassVar[str] = "backups.freshness"

    max_age_h: float = Field(default=26, gt=0)
    """A day, and two hours for a backup that takes longer than yesterday's."""


class Retention(Settings):
    """For how long backups are kept: grandfathers, fathers, sons."""

    home: ClassVar[str] = "backups.retention"

    daily: int = Field(default=7, ge=0, le=366)
    """The newest days that each have a backup."""
    monthly: int = Field(default=12, ge=0, le=48)
    """The newest calendar months that each have a backup, this one included."""


@check("backup.fresh", severity=Severity.CRITICAL)
def fresh(source: BackupSource, seen: Backups, now: Now, ask: Freshness) -> Verdict:
    """The newest backup is recent.

    Why: What was written since the newest backup is lost with the server. Backups stop silently: a full disk, a changed
    password, a cron job on a machine that is gone.

    Fix: Run the backup by hand and read its output; then make its failures alert someone.
    """
    newest = seen.sound
    if newest is None:
        return failed(_nothing(seen), *complaints(seen), *(f"{b.name}: {b.error}" for b in seen.newest[:3]))
    zone = _another_zone(newest)
    old = now.at - (newest.written_at if zone and newest.written_at else newest.taken_at)
    limit = dt.timedelta(hours=ask.max_age_h)
    text = f"the newest, {newest.name}, was taken {at(newest.taken_at)}, {duration(old)} ago"
    evidence = [_origin(newest), f"{seen.count:,} backups in all"]
    if -old > FUTURE:
        fix = "Name the time zone of the names under `timezone:`, or set the clock of the machine that makes them."
        return failed(f"the newest, {newest.name}, was taken {at(newest.taken_at)}, which is in the future", fix=fix)
    until = seen.recoverable_until
    if old > limit and until and now.at - until <= limit:
        return verdict(ok=f"it can be restored up to {at(until)}, {duration(now.at - until)} ago", evidence=[text])
    stale = [f"{text}; at most {duration(limit)} is allowed"] if old > limit else []
    fix = IN_ANOTHER_ZONE if zone and not stale else ""
    return verdict(stale, zone, ok=text, evidence=[*evidence, *_written_later(seen)], fix=fix)


def _another_zone(newest: Backup) -> list[str]:
    """Say where a name's time is later than its file: nothing is written before it is begun."""
    written = newest.written_at
    if newest.origin != "name" or not written or newest.taken_at - written <= CLOCKS:
        return []
    ahead = duration(newest.taken_at - written)
    return [f"the name of {newest.name} is {ahead} ahead of its file, which was last written {at(written)}"]


def _written_later(seen: Backups) -> list[str]:
    """Say where files were last written hours after the times in their names, and always as many."""
    late = [b.written_at - b.taken_at for b in seen.newest if b.origin == "name" and b.written_at][:MAX_LOOKED_AT]
    hours = {round(each / HOUR) for each in late}
    if len(late) < MAX_NAMED or len(hours) != 1 or not 0 < min(hours) <= MAX_ZONE_H:
        return []
    (ahead,) = hours
    return [
        f"each file was last written {duration(ahead * HOUR)} after the time in its name: is that of another time zone?"
    ]


def _nothing(seen: Backups) -> str:
    if seen.newest:
        return f"all of the {len(seen.newest)} newest backups have failed"
    if seen.unfinished:
        return f"there is no backup: {seen.unfinished[0].name} and the like are empty or unfinished"
    beside = f"; {seen.others:,} other names there do not fit the pattern" if seen.others else ""
    return f"there is no backup{beside}"


def _origin(backup: Backup) -> str:
    return f"its time is from: {backup.origin}" + (
        ", which a copy changes" if backup.origin == "time of the file" else ""
    )


@check("backup.retained")
def retained(source: BackupSource, seen: Backups, ask: Retention) -> Verdict:
    """There are as many daily and monthly backups as the profile requires, or as the service's age allows.

    Why: Damage is often noticed weeks later: by then the newest backups hold it too. Nobody can go back to a day or a
    month that is missing.

    Fix: Keep each day's backup for a week and one of each month for a year, and have the clean-up job count what is
    left before it deletes. For a young service, give its first day under `since:`.

    Source: 3-2-1 with grandfather, father and son: 7 daily, 12 monthly
    """
    if not ask.daily and not ask.monthly:
        return not_configured("the profile requires no daily or monthly backups of it", "backups.retention")
    if not seen.days:
        return failed("there is no backup")
    days = _days(seen.days[0], ask.daily, source.since)
    months = _months(seen.days[0], ask.monthly, source.since)
    if not days and not months:
        return not_applicable(f"it begins on {source.since}, after its newest backup")
    have, with_one = set(seen.days), {_month(day) for day in seen.days}
    fails = [
        *_lacking("daily", [str(day) for day in days if day not in have], len(days)),
        *_lacking("monthly", [f"{y}-{m:02}" for y, m in months if (y, m) not in with_one], len(months)),
    ]
    # A gap further back than anything required is no concern: what is kept beyond that may be thinner.
    oldest = min([*days, *(dt.date(*month, 1) for month in months)])
    evidence = [_largest_gap([day for day in seen.days if day >= oldest]), f"the oldest was taken on {seen.days[-1]}"]
    if source.since:
        evidence.append(f"it began on {source.since}")
    gap = [f"{fail}; {evidence[0]}" for fail in fails]
    ok = f"{len(days)} of {ask.daily} daily and {len(months)} of {ask.monthly} monthly backups"
    young = "; it is too young for more" if (len(days), len(months)) != (ask.daily, ask.monthly) else ""
    return verdict(gap, ok=ok + young, evidence=evidence)


def _days(newest: dt.date, count: int, since: dt.date | None) -> list[dt.date]:
    """Return the days that should each have a backup, back from the newest: how old that is, `backup.fresh` judges."""
    days = [newest - number * DAY for number in range(count)]
    return [day for day in days if since is None or day >= since]


def _months(newest: dt.date, count: int, since: dt.date | None) -> list[tuple[int, int]]:
    """Return the months, back from the newest backup's; only those that the service saw from their first day."""
    latest = newest.year * 12 + newest.month - 1
    months = [((latest - number) // 12, (latest - number) % 12 + 1) for number in range(count)]
    return [month for month in months if since is None or dt.date(*month, 1) >= since]


def _month(day: dt.date) -> tuple[int, int]:
    return day.year, day.month


def _lacking(kind: str, missing: Sequence[str], count: int) -> list[str]:
    """Say how many there are and which are missing, the newest first."""
    if not missing:
        return []
    return [f"{count - len(missing)} of {count} {kind} backups: none of {listed(missing, MAX_NAMED)}"]


def _largest_gap(days: Sequence[dt.date]) -> str:
    """Say how long the largest gap between two consecutive backups is, and its two ends."""
    gaps = [((later - earlier).days, earlier, later) for later, earlier in pairwise(days)]
    if not gaps:
        return "there is only one"
    length, earlier, later = max(gaps)
    return f"the largest gap is {counted(length, 'day')}, from {earlier} to {later}"
