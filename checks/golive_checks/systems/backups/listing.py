"""Backups, however many, become their newest and their days, in little memory. Pure."""

import datetime as dt
import heapq
import re
from dataclasses import dataclass, replace
from typing import Literal

from golive_checks.subjects.backup_names import Stamp, compiled, stamp
from golive_checks.subjects.backups import zone_of
from golive_checks.systems.machine.client.folders import File

Origin = Literal["name", "day in the name", "day in the name, hour of the file", "time of the file", "tool"]

MAX_NEWEST = 60
"""Enough for the median of a month of dailies, whatever else a source holds."""
MAX_DAYS = 1500
"""Four years of days: more than any check looks back."""
MAX_UNFINISHED = 5
PARTS = (".tmp", ".part", ".partial", ".filepart", ".incomplete", ".inprogress", ".crdownload", ".swp", "~")
"""What dump scripts and copying tools append to a name until all of it is there."""
NO_BACKUP = re.compile(
    r"(?:.*/)?(?:\.[^/]*|[^/]*\.(?:log|lock|lck|pid|out|err)(?:[.-]\d+)?(?:\.(?:gz|xz|zst|bz2))?)", re.IGNORECASE
)
"""Hidden files, locks, and logs with those that were rotated: a wildcard takes them along."""
BESIDE = re.compile(
    r".*\.(?:md5|sha\d{1,3}(?:sums?)?|sig|minisig|ok|done|status|json|ya?ml|txt|md|sh|conf|ini)", re.IGNORECASE
)
"""A file next to a backup that describes it: a backup only if the pattern ends so."""


@dataclass(frozen=True)
class Backup:
    """One backup. `files` is 0 for a single file, else how many make it up."""

    name: str
    """The object's or file's below its prefix or folder, a label, or a snapshot's identifier."""
    taken_at: dt.datetime
    size: int | None
    """In bytes; None where the tool does not tell."""
    origin: Origin = "name"
    """Where the time is from: a file that was copied bears the time of the copy."""
    files: int = 0
    kind: str = ""
    """What its tool calls it: full, diff, incr; automated, manual."""
    error: str = ""
    """What its tool says is wrong with it."""
    encrypted: str = ""
    """By what its tool says that it is encrypted."""
    written_at: dt.datetime | None = None
    """When its file was last written; None if a tool reports it."""

    @property
    def directory(self) -> bool:
        """True where it is a folder of files."""
        return self.files > 0


@dataclass(frozen=True)
class BackupList:
    """The backups of a source: its newest, the days of all, and what is next to them."""

    newest: tuple[Backup, ...]
    """The newest first, those included that are known to have failed."""
    days: tuple[dt.date, ...]
    """Each day that has a backup which nothing is known against, the newest first."""
    count: int
    unfinished: tuple[Backup, ...] = ()
    """What looks like a backup that was never finished: empty, or with the name of a part. The newest first."""
    others: int = 0
    """How many names there do not fit the pattern."""
    recoverable_until: dt.datetime | None = None
    """Up to when a managed server says that it can be put back; None where it is not one, or does not say."""
    retention_days: int | None = None
    """For how long a managed server keeps its automated backups; 0: it makes none. None where it is not one."""
    complaints: tuple[str, ...] = ()
    """What the tool that keeps the backups says is wrong with its repository."""

    @property
    def sound(self) -> Backup | None:
        """The newest that nothing is known against; None where there is none."""
        return next((backup for backup in self.newest if not backup.error), None)


class Newest:
    """Keeps the newest of many."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._heap: list[tuple[dt.datetime, str, Backup]] = []

    def add(self, backup: Backup) -> None:
        """Take a backup, and let go of the oldest where there are too many."""
        entry = (backup.taken_at, backup.name, backup)
        if len(self._heap) < self._keep:
            heapq.heappush(self._heap, entry)
        elif entry[:2] > self._heap[0][:2]:
            heapq.heapreplace(self._heap, entry)

    def in_order(self) -> tuple[Backup, ...]:
        """Return them, the newest first."""
        return tuple(backup for _, _, backup in sorted(self._heap, key=lambda entry: entry[:2], reverse=True))


class BackupTally:
    """Takes backups one by one."""

    def __init__(self, timezone: str) -> None:
        self.zone = zone_of(timezone)
        self.unfinished = Newest(MAX_UNFINISHED)
        self.others = 0
        self._newest = Newest(MAX_NEWEST)
        self._days: set[dt.date] = set()
        self._count = 0

    def add(self, backup: Backup) -> None:
        """Take a backup."""
        self._count += 1
        self._newest.add(backup)
        if backup.error:
            return
        self._days.add(backup.taken_at.astimezone(self.zone).date())
        if len(self._days) > 2 * MAX_DAYS:
            self._days = set(self._in_order())

    def done(self, **more: object) -> BackupList:
        """Return what all of them come to, with what else is known of their source."""
        newest, days = self._newest.in_order(), self._in_order()
        listed = BackupList(newest, days, self._count, self.unfinished.in_order(), self.others)
        return replace(listed, **more) if more else listed  # type: ignore[arg-type]  # fields of Listed, by name

    def _in_order(self) -> tuple[dt.date, ...]:
        return tuple(sorted(self._days, reverse=True)[:MAX_DAYS])


class Listing:
    """Takes files, those of one folder one after another, and finds the backups among them by a pattern."""

    def __init__(self, pattern: str, timezone: str) -> None:
        self._pattern = compiled(pattern)
        self._besides = bool(BESIDE.fullmatch(pattern.rstrip("/")))
        self._depth = pattern.rstrip("/").count("/") + 1
        self._tally = BackupTally(timezone)
        self._open: tuple[File, int] | None = None
        """The folder that further files may belong to, and how many do so far."""

    def add(self, file: File) -> None:
        """Take a file."""
        parts = file.name.split("/", self._depth)
        if len(parts) <= self._depth:
            self._close()
            self._take(file, 0)
            return
        folder = "/".join(parts[: self._depth])
        if not parts[-1]:
            return  # the empty object that S3's console makes of a folder
        if self._open and self._open[0].name == folder:
            so_far, files = self._open
            self._open = (File(folder, so_far.size + file.size, max(so_far.modified, file.modified)), files + 1)
        else:
            self._close()
            self._open = (replace(file, name=folder), 1)

    def done(self) -> BackupList:
        """Return what all of them come to."""
        self._close()
        return self._tally.done()

    def _close(self) -> None:
        if self._open:
            self._take(*self._open)
            self._open = None

    def _take(self, file: File, files: int) -> None:
        if file.name.endswith(PARTS) and (part := self._part(file, files)):
            self._tally.unfinished.add(part)
        elif self._lies_beside(file, files) or not (backup := self._stamped(file, files)):
            self._tally.others += 1
        elif not file.size:
            self._tally.unfinished.add(backup)
        else:
            self._tally.add(backup)

    def _lies_beside(self, file: File, files: int) -> bool:
        """Say that a file is not a backup, whatever the pattern matches."""
        if files:
            return False
        return bool(NO_BACKUP.fullmatch(file.name) or (not self._besides and BESIDE.fullmatch(file.name)))

    def _part(self, file: File, files: int) -> Backup | None:
        """Return what a file would be, were it finished; None where nothing it could become fits the pattern."""
        whole = next(file.name.removesuffix(part) for part in PARTS if file.name.endswith(part))
        found = self._stamped(replace(file, name=whole), files)
        return replace(found, name=file.name) if found else None

    def _stamped(self, file: File, files: int) -> Backup | None:
        """Return the backup that a file is by its name; None where the pattern does not fit."""
        match = self._pattern.fullmatch(file.name) or (self._pattern.fullmatch(f"{file.name}/") if files else None)
        found = stamp(match, self._tally.zone) if match else None
        if not found:
            return None
        taken_at, origin = self._time(found, file.modified)
        return Backup(file.name, taken_at, file.size, origin, files, written_at=file.modified)

    def _time(self, found: Stamp, modified: dt.datetime) -> tuple[dt.datetime, Origin]:
        if found.moment:
            return found.moment, "name"
        if not found.day:
            return modified, "time of the file"
        if modified.astimezone(self._tally.zone).date() == found.day:
            return modified, "day in the name, hour of the file"
        return dt.datetime.combine(found.day, dt.time(), self._tally.zone).astimezone(dt.UTC), "day in the name"
