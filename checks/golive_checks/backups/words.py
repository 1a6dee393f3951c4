"""How times, sizes and complaints are told."""

import datetime as dt

from golive_checks.systems.backups.facts import Backups

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def complaints(seen: Backups) -> list[str]:
    """Tell what is wrong with the place where backups are kept, as its own tool says."""
    off = ["automated backups are off: BackupRetentionPeriod is 0"] if seen.retention_days == 0 else []
    return [*seen.complaints, *off]


def age(time: dt.timedelta) -> str:
    """Tell how long something is, in the unit that a person would choose."""
    if time < 2 * HOUR:
        return f"{time / MINUTE:.0f} min"
    return f"{time / HOUR:.0f} h" if time < 2 * DAY else f"{time / DAY:.1f} days"


def at(moment: dt.datetime) -> str:
    """Write a moment in UTC, to the minute."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def size(count: int) -> str:
    """Write a number of bytes as a person would."""
    amount, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):  # noqa: B007 - the last one is wanted
        if amount < 1000:  # noqa: PLR2004 - SI
            break
        amount /= 1000
    return f"{amount:.3g} {unit}"
