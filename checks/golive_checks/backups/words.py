"""How moments and complaints are written."""

import datetime as dt

from golive_checks.systems.backups.facts import Backups

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def complaints(seen: Backups) -> list[str]:
    """Say what is wrong with the place where backups are kept, as its own tool says."""
    off = ["automated backups are off: BackupRetentionPeriod is 0"] if seen.retention_days == 0 else []
    return [*seen.complaints, *off]


def at(moment: dt.datetime) -> str:
    """Write a moment in UTC, to the minute."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
