"""What backups there are at each place: the newest ones whole, of all others the day."""

import datetime as dt
from dataclasses import dataclass

from golive import Fact, Unavailable, probe
from golive_checks.probes.backup_listing import Backup, Listed, Listing
from golive_checks.probes.clients.folders import Folders
from golive_checks.subjects import BackupSource
from golive_checks.subjects.backups import InFolder

__all__ = ["Backup", "Backups"]


@dataclass(frozen=True)
class Backups(Fact):
    """The backups of a source: its newest, the days of all, and what lies beside them."""

    newest: tuple[Backup, ...]
    """The newest first, those included that are known to have failed."""
    days: tuple[dt.date, ...]
    """Each day that has a backup, the newest first."""
    count: int
    unfinished: tuple[Backup, ...] = ()
    """What looks like a backup that was never finished: empty, or with the name of a part. The newest first."""
    others: int = 0
    """How many names there do not fit the pattern."""
    recoverable_until: dt.datetime | None = None
    """Up to when a managed server says that it can be put back; None where it is not one, or does not say."""
    complaints: tuple[str, ...] = ()
    """What the tool that keeps the backups says is wrong with its repository."""

    @property
    def sound(self) -> Backup | None:
        """The newest that nothing is known against; None where there is none."""
        return next((backup for backup in self.newest if not backup.error), None)


@probe
async def backups(source: BackupSource, folders: Folders) -> Backups:
    """List the backups of a source."""
    listing = Listing(source.pattern, source.timezone)
    if isinstance(source.where, InFolder):
        async for files in folders.walk(source.where.path):
            for file in files:
                listing.add(file)
    else:
        raise Unavailable("golive cannot look at this kind of source")
    return _fact(listing.done())


def _fact(listed: Listed) -> Backups:
    return Backups(listed.newest, listed.days, listed.count, listed.unfinished, listed.others)
