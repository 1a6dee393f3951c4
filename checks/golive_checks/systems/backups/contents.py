"""What the newest backup holds: looked into by parts, within a budget of bytes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from pydantic import Field

from golive import Fact, Settings, Unavailable, probe
from golive_checks.subjects import BackupSource
from golive_checks.systems.backups.facts import Backups
from golive_checks.systems.backups.listing import Backup
from golive_checks.systems.backups.store import BackupStore
from golive_checks.systems.machine.client.unpack import DamagedError, Unpacking
from golive_checks.systems.postgres import archive_format as pg_archive
from golive_checks.systems.postgres import base_backup
from golive_checks.systems.postgres.archive_format import Archive, CutOffError, NoArchiveError
from golive_checks.systems.postgres.dump_format import encryption_of, kind_of, packing_of

HEAD_BYTES, TAIL_BYTES = 262_144, 4096
PIECE = 4_194_304
COMPLETE = (b"-- PostgreSQL database dump complete", b"-- PostgreSQL database cluster dump complete")
"""What pg_dump and pg_dumpall write last; since 2025 an \\unrestrict follows."""
END_OF_TAR = b"\0" * 1024
"""Two blocks of zeros (POSIX.1-2017, pax)."""
MAX_FILES = 200_000
CUT_OFF = "it is cut off: "


class ReadLimits(Settings):
    """How much of a backup is read, to see that it can be."""

    home: ClassVar[str] = "backups.contents"

    max_bytes: int = Field(default=16_000_000, ge=0)
    """The budget for each source; 0: nothing is read."""


@dataclass(frozen=True)
class Contents(Fact):
    """What the newest backup is, by its own bytes."""

    backup: str
    """Its name."""
    format: str
    """What it is: `a custom archive of pg_dump`; empty where it was not looked into."""
    says: str = ""
    """What it says of itself."""
    defects: tuple[str, ...] = ()
    unseen: str = ""
    """What of it was not looked at, and why."""
    strange: bool = False
    """Its format is none that golive knows."""
    encrypted: str = ""
    """By what it is seen to be encrypted, where it lies or before it got there."""


@probe("backups.contents")
async def contents(source: BackupSource, seen: Backups, store: BackupStore, ask: ReadLimits) -> Contents:
    """Look into the newest backup of a bucket or folder, by parts."""
    backup = seen.sound
    if backup is None:
        raise Unavailable("there is no backup to look into")
    if not source.named_by_pattern:
        return Contents(backup.name, "", encrypted=backup.encrypted)
    first, files = backup.name, {backup.name: backup.size or 0}
    if backup.directory:
        files = await _files(store, source, backup)
        first = f"{backup.name}/{next(iter(files))}"
    budget = _Budget(store, source, ask.max_bytes)
    found = Contents(backup.name, "", unseen="its contents: backups.contents.max_bytes is 0")
    if ask.max_bytes:
        found = await (_of_folder(budget, backup, files) if backup.directory else _of_file(budget, backup))
    if source.must_be_encrypted and not found.encrypted:
        found = replace(found, encrypted=await store.encrypted_by(source, first))
    return found


class _Budget:
    """Reads from a source until its budget is used up."""

    def __init__(self, store: BackupStore, source: BackupSource, left: int) -> None:
        self.left = left
        self._store, self._source = store, source

    async def read(self, name: str, start: int, end: int) -> bytes:
        """Read a part of a file; less where the budget ends."""
        end = min(end, start + self.left)
        data = await self._store.read(self._source, name, start, end) if end > start else b""
        self.left -= len(data)
        return data


async def _files(store: BackupStore, source: BackupSource, backup: Backup) -> dict[str, int]:
    """Return the files of a folder that is one backup, by their names in it, with their sizes."""
    found: dict[str, int] = {}
    async for page in store.walk(source, backup.name):
        found |= {file.name.removeprefix(f"{backup.name}/"): file.size for file in page if not file.name.endswith("/")}
        if len(found) > MAX_FILES:
            raise Unavailable(f"{backup.name} holds more than {MAX_FILES:,} files")
    if not found:
        raise Unavailable(f"{backup.name} is gone again")
    return found


async def _of_folder(budget: _Budget, backup: Backup, files: dict[str, int]) -> Contents:
    """Look at pg_dump's directory format, at a base backup, or into the largest of several dumps."""
    if "toc.dat" in files:
        return await _directory_archive(budget, backup, files)
    if base_backup.MANIFEST in files:
        manifest = await budget.read(f"{backup.name}/{base_backup.MANIFEST}", 0, files[base_backup.MANIFEST])
        if len(manifest) < files[base_backup.MANIFEST]:
            return Contents(backup.name, "a base backup", unseen="its manifest, which is larger than the budget")
        says, defects = await asyncio.to_thread(base_backup.defects, manifest, files)
        return Contents(backup.name, "a base backup", says, _few(defects))
    largest = max(files, key=lambda name: files[name])
    inside = replace(backup, name=f"{backup.name}/{largest}", size=files[largest], files=0)
    found = await _of_file(budget, inside)
    others = f"the other {len(files) - 1:,} files in {backup.name}" if len(files) > 1 else ""
    return replace(found, unseen="; ".join(filter(None, (found.unseen, others))))


async def _directory_archive(budget: _Budget, backup: Backup, files: dict[str, int]) -> Contents:
    kind = "a directory archive of pg_dump"
    seen = await _table_of_contents(budget, f"{backup.name}/toc.dat", files["toc.dat"], b"")
    if isinstance(seen, Contents):
        return replace(seen, backup=backup.name, format=kind)
    packed = ("", ".gz", ".lz4", ".zst")
    absent = [name for name in seen.files if not any(files.get(name + suffix) for suffix in packed)]
    defects = [f"{name}, which its table of contents names, is not there or is empty" for name in absent]
    return Contents(backup.name, kind, _said(seen), (*_few(defects), *_without_data(seen)))


async def _of_file(budget: _Budget, backup: Backup) -> Contents:
    head = await budget.read(backup.name, 0, HEAD_BYTES)
    if not head:
        raise Unavailable(f"{backup.name} is gone again, or is empty by now")
    size = backup.size or 0
    if packing := packing_of(head):
        return await _packed(budget, backup, head, Unpacking(packing))
    kind = kind_of(head)
    if kind == "custom":
        return await _custom_archive(budget, backup, head)
    tail = await _tail(budget, backup.name, size, head)
    return _of_ends(backup.name, head, tail, whole=True)


async def _tail(budget: _Budget, name: str, size: int, head: bytes) -> bytes:
    """Return the end of a file, of which the head may be all there is."""
    if size <= len(head):
        return head[-TAIL_BYTES:]
    return await budget.read(name, size - TAIL_BYTES, size)


async def _custom_archive(budget: _Budget, backup: Backup, head: bytes) -> Contents:
    kind, size = "a custom archive of pg_dump", backup.size or 0
    tail = await _tail(budget, backup.name, size, head)
    seen = await _table_of_contents(budget, backup.name, size, head)
    if isinstance(seen, Contents):
        return replace(seen, format=kind)
    return Contents(backup.name, kind, _said(seen), (*_truncated(seen, size, tail), *_without_data(seen)))


async def _table_of_contents(budget: _Budget, name: str, size: int, head: bytes) -> Archive | Contents:
    """Read the head of an archive, fetching as much of it as it turns out to need."""
    while True:
        try:
            return await asyncio.to_thread(pg_archive.archive, head)
        except NoArchiveError as error:
            return Contents(name, "", defects=(str(error),))
        except CutOffError:
            if len(head) >= size:
                return Contents(name, "", defects=(f"{CUT_OFF}it ends within its table of contents",))
        more = await budget.read(name, len(head), min(size, len(head) + max(len(head), HEAD_BYTES)))
        if not more:
            return Contents(name, "", unseen="its table of contents, which is larger than the budget")
        head += more


def _truncated(seen: Archive, size: int, tail: bytes) -> list[str]:
    """Tell whether a custom archive ends where it should: pg_restore --list does not notice."""
    if seen.last_offset >= size:
        return [f"{CUT_OFF}its table of contents tells of data at byte {seen.last_offset:,}, and it has {size:,}"]
    if seen.has_data and not tail.endswith(pg_archive.END):
        return [f"{CUT_OFF}its last block of data has no end"]
    return []


def _without_data(seen: Archive) -> list[str]:
    return [] if seen.tables else ["it holds no table's data"]


def _said(seen: Archive) -> str:
    server = seen.server.split(" ")[0] or "?"
    return f"{seen.tables:,} tables with data, of {seen.database or '?'} on PostgreSQL {server}"


async def _packed(budget: _Budget, backup: Backup, head: bytes, unpacking: Unpacking) -> Contents:
    """Unpack as much as the budget allows; the whole of it shows that it is whole."""
    kind, size, at, data = f"packed with {unpacking.packing}", backup.size or 0, len(head), head
    try:
        while data and not unpacking.too_much:
            await asyncio.to_thread(unpacking.take, data)
            data = await budget.read(backup.name, at, min(size, at + PIECE)) if at < size else b""
            at += len(data)
    except DamagedError as error:
        return Contents(backup.name, kind, defects=(str(error),))
    whole = at >= size and not unpacking.too_much
    if whole and not unpacking.ended:
        return Contents(backup.name, kind, defects=(f"{CUT_OFF}what {unpacking.packing} made of it has no end",))
    if whole and not unpacking.size:
        return Contents(backup.name, kind, defects=("there is nothing in it once it is unpacked",))
    inside = _of_ends(backup.name, bytes(unpacking.head), unpacking.tail, whole=whole)
    unseen = "" if whole else f"all but its first {at:,} of {size:,} bytes"
    return replace(inside, format=f"{inside.format}, {kind}", unseen="; ".join(filter(None, (inside.unseen, unseen))))


def _of_ends(name: str, head: bytes, tail: bytes, *, whole: bool) -> Contents:
    """Judge what a backup is by its beginning and, where it is `whole`, by its end."""
    kind = kind_of(head)
    if kind == "encrypted":
        how = encryption_of(head)
        return Contents(name, f"encrypted with {how}", unseen=f"its contents, which {how} hides", encrypted=how)
    if kind in {"plain", "cluster"}:
        done = not whole or any(line.strip() in COMPLETE for line in tail.splitlines())
        defects = () if done else (f"{CUT_OFF}it does not end in `-- PostgreSQL database dump complete`",)
        return Contents(name, "a plain dump" if kind == "plain" else "a dump of pg_dumpall", defects=defects)
    if kind == "tar":
        defects = () if not whole or tail.endswith(END_OF_TAR) else (f"{CUT_OFF}the tar archive has no end",)
        return Contents(name, "a tar archive", defects=defects)
    if kind == "custom":
        defects = () if not whole or tail.endswith(pg_archive.END) else (f"{CUT_OFF}its last block has no end",)
        return Contents(name, "a custom archive of pg_dump", defects=defects)
    if head.isascii():
        return Contents(name, "text", defects=(f"it is no dump: it begins with {_first_words(head)!r}",))
    return Contents(name, "", strange=True)


def _first_words(head: bytes) -> str:
    line = head.decode("ascii", "replace").strip()[:40]
    return "".join(c if c.isprintable() else " " for c in line)


def _few(defects: Sequence[str]) -> tuple[str, ...]:
    """Keep the first of many."""
    return (*defects[:5], *([f"and {len(defects) - 5:,} more"] if len(defects) > 5 else []))  # noqa: PLR2004 - the five
