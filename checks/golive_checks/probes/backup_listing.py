"""A stream of objects or files becomes the backups that they are, of however many, in little memory. Pure."""

import datetime as dt
import heapq
from dataclasses import dataclass, field, replace
from typing import Literal

from golive_checks.probes.clients.folders import File
from golive_checks.subjects.backup_names import Stamp, compiled, stamp
from golive_checks.subjects.backups import zone_of

Origin = Literal["name", "day in the name", "day in the name, hour of the file", "time of the file", "tool"]

NEWEST = 60
"""Enough for the median of a month of dailies, whatever else a source holds."""
MAX_DAYS = 1500
"""Four years of days: more than any check looks back."""
MAX_UNFINISHED = 5
PARTS = (".tmp", ".part", ".partial", ".filepart", ".incomplete", ".inprogress", ".crdownload", ".swp", "~")
"""What dump scripts and copying tools append to a name until all of it is there."""


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

    @property
    def directory(self) -> bool:
        """True where it is a folder of files."""
        return self.files > 0


@dataclass(frozen=True)
class Listed:
    """What a listing came to."""

    newest: tuple[Backup, ...]
    days: tuple[dt.date, ...]
    count: int
    unfinished: tuple[Backup, ...]
    others: int


@dataclass
class _Newest:
    """The newest of many, no more than `keep`."""

    keep: int
    heap: list[tuple[dt.datetime, str, Backup]] = field(default_factory=list)

    def add(self, backup: Backup) -> None:
        entry = (backup.taken_at, backup.name, backup)
        (heapq.heappush if len(self.heap) < self.keep else heapq.heappushpop)(self.heap, entry)

    def in_order(self) -> tuple[Backup, ...]:
        return tuple(backup for _, _, backup in sorted(self.heap, key=lambda entry: entry[:2], reverse=True))


class Listing:
    """Takes files in the order of their names, so that those of one folder follow one another."""

    def __init__(self, pattern: str, timezone: str) -> None:
        self._pattern = compiled(pattern)
        self._depth = pattern.rstrip("/").count("/") + 1
        self._zone = zone_of(timezone)
        self._newest, self._unfinished = _Newest(NEWEST), _Newest(MAX_UNFINISHED)
        self._days: set[dt.date] = set()
        self._count = self._others = 0
        self._open: tuple[File, int] | None = None
        """The backup that further files may belong to, and how many do so far; 0 for one that is a file."""

    def add(self, file: File) -> None:
        """Take a file."""
        parts = file.name.split("/")
        whole = "/".join(parts[: self._depth])
        if len(parts) <= self._depth:
            self._close()
            if not file.name.endswith("/"):  # what S3's console makes of a folder
                self._take(file, 0)
            return
        if self._open and self._open[0].name == whole:
            so_far, files = self._open
            self._open = (File(whole, so_far.size + file.size, max(so_far.modified, file.modified)), files + 1)
        else:
            self._close()
            self._open = (replace(file, name=whole), 1)

    def done(self) -> Listed:
        """Return what all of it came to."""
        self._close()
        days = tuple(sorted(self._days, reverse=True)[:MAX_DAYS])
        return Listed(self._newest.in_order(), days, self._count, self._unfinished.in_order(), self._others)

    def _close(self) -> None:
        if self._open:
            self._take(*self._open)
            self._open = None

    def _take(self, file: File, files: int) -> None:
        bare = next((file.name.removesuffix(part) for part in PARTS if file.name.endswith(part)), "")
        found = self._stamped(replace(file, name=bare), files) if bare else None
        if found:
            self._unfinished.add(replace(found, name=file.name))
            return
        found = self._stamped(file, files)
        if not found:
            self._others += 1
        elif not file.size:
            self._unfinished.add(found)
        else:
            self._count += 1
            self._newest.add(found)
            self._keep_day(found.taken_at.astimezone(self._zone).date())

    def _stamped(self, file: File, files: int) -> Backup | None:
        """Return the backup that a file is by its name; None where the pattern does not fit."""
        match = self._pattern.fullmatch(file.name) or (self._pattern.fullmatch(f"{file.name}/") if files else None)
        found = stamp(match, self._zone) if match else None
        if not found:
            return None
        taken_at, origin = self._time(found, file.modified)
        return Backup(file.name, taken_at, file.size, origin, files)

    def _time(self, found: Stamp, modified: dt.datetime) -> tuple[dt.datetime, Origin]:
        if found.moment:
            return found.moment, "name"
        if not found.day:
            return modified, "time of the file"
        if modified.astimezone(self._zone).date() == found.day:
            return modified, "day in the name, hour of the file"
        return dt.datetime.combine(found.day, dt.time(), self._zone).astimezone(dt.UTC), "day in the name"

    def _keep_day(self, day: dt.date) -> None:
        self._days.add(day)
        if len(self._days) > 2 * MAX_DAYS:
            self._days = set(sorted(self._days, reverse=True)[:MAX_DAYS])
