"""What the newest backup holds: read to its end as far as a budget of bytes goes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from pydantic import Field

from golive import Fact, Settings, Unavailable, probe
from golive_checks.subjects import BackupSource
from golive_checks.subjects.backups import InFolder, InPgBackRest
from golive_checks.systems.backups import repository
from golive_checks.systems.backups.facts import Backups
from golive_checks.systems.backups.folders import look_into
from golive_checks.systems.backups.listing import Backup
from golive_checks.systems.backups.looking import Look, look_at
from golive_checks.systems.backups.reading import SourceReading
from golive_checks.systems.backups.store import BackupStore
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.postgres.damage import Damage, DamageKind
from golive_checks.systems.postgres.dump_format import encryption_of

MAX_FILES = 200_000
MAX_NAMED = 5
AT_ONCE = 8
CIPHER_BYTES = 1024
"""By which a cipher's format is known."""


class ReadLimits(Settings):
    """How much of a backup is read, to see that it can be."""

    home: ClassVar[str] = "backups.contents"

    max_bytes: int = Field(default=16_000_000, ge=0)
    """The budget for each source in a bucket; 0: nothing is read."""
    max_local_bytes: int = Field(default=256_000_000, ge=0)
    """The budget for each source on this machine, and how large a repository may be for `pgbackrest verify`."""


@dataclass(frozen=True)
class Contents(Fact):
    """What the newest backup is, by its own bytes."""

    backup: str
    """Its name."""
    format: str
    """What it is: `a custom archive of pg_dump`; empty where it was not looked into."""
    says: str = ""
    """What it says of itself."""
    damages: tuple[Damage, ...] = ()
    doubts: tuple[Damage, ...] = ()
    """What does not keep it from being restored, and is not as it should be."""
    unseen: str = ""
    """What of it was not looked at, and why."""
    strange: bool = False
    """Its format is none that golive knows."""
    encrypted: str = ""
    """By what it is seen to be encrypted, where it lies or before it got there."""
    bare: tuple[str, ...] = ()
    """Those before it, of a bucket or folder, that nothing is seen to encrypt, where each must be."""


@probe("backups.contents")
async def contents(
    source: BackupSource, seen: Backups, store: BackupStore, command: CommandRunner, ask: ReadLimits
) -> Contents:
    """Read the newest backup of a bucket or folder, or let pgBackRest read its repository."""
    backup = seen.sound
    if backup is None:
        raise Unavailable("there is no backup to look into")
    if isinstance(source.where, InPgBackRest):
        look = await repository.look_into(command, source.where, backup.name, ask.max_local_bytes)
        return _contents(backup, replace(look, encrypted=backup.encrypted))
    if not source.named_by_pattern:
        word = "its contents: there is only the word of the tool that keeps it"
        return Contents(backup.name, "", unseen=word, encrypted=backup.encrypted)
    budget = ask.max_local_bytes if isinstance(source.where, InFolder) else ask.max_bytes
    first, files = backup.name, {backup.name: backup.size or 0}
    if backup.directory:
        files = await files_of(store, source, backup)
        first = f"{backup.name}/{next(iter(files))}"
    found = Contents(backup.name, "", unseen="its contents: the profile does not let golive read any of it")
    if budget:
        found = await _read(SourceReading(store, source, budget), backup, files)
    if source.must_be_encrypted:
        encrypted = found.encrypted or await store.encrypted_by(source, first)
        found = replace(found, encrypted=encrypted, bare=await _bare(store, source, seen, backup))
    return found


async def _bare(store: BackupStore, source: BackupSource, seen: Backups, newest: Backup) -> tuple[str, ...]:
    """Name those of the other listed backups whose first file nothing is seen to encrypt."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def is_bare(backup: Backup) -> bool:
        async with turns:
            first = await _first_file(store, source, backup)
            head = await store.read(source, first, 0, CIPHER_BYTES)
            return not (encryption_of(head) or await store.encrypted_by(source, first))

    others = [each for each in seen.newest if not each.error and each is not newest]
    return tuple(
        each.name for each, bare in zip(others, await asyncio.gather(*map(is_bare, others)), strict=True) if bare
    )


async def _first_file(store: BackupStore, source: BackupSource, backup: Backup) -> str:
    if not backup.directory:
        return backup.name
    async for page in store.walk(source, backup.name):
        for file in page:
            if file.size:
                return file.name
    raise Unavailable(f"{backup.name} is gone again")


async def _read(reading: SourceReading, backup: Backup, files: dict[str, int]) -> Contents:
    """Read in a thread, which ends where nobody waits for it any more."""
    try:
        if backup.directory:
            look = await asyncio.to_thread(look_into, reading, backup.name, files)
        else:
            look = await asyncio.to_thread(look_at, reading, backup.name, backup.size or 0)
    finally:
        reading.stopped = True
    return _contents(backup, look)


def _contents(backup: Backup, look: Look) -> Contents:
    return Contents(
        backup.name,
        look.format,
        "; ".join(look.says),
        _few(look.damages),
        _few(look.doubts),
        "; ".join(look.unseen),
        strange=look.strange,
        encrypted=look.encrypted,
    )


async def files_of(store: BackupStore, source: BackupSource, backup: Backup) -> dict[str, int]:
    """Return the files of a folder that is one backup, by their names in it, with their sizes."""
    found: dict[str, int] = {}
    async for page in store.walk(source, backup.name):
        found |= {file.name.removeprefix(f"{backup.name}/"): file.size for file in page if not file.name.endswith("/")}
        if len(found) > MAX_FILES:
            raise Unavailable(f"{backup.name} holds more than {MAX_FILES:,} files")
    if not found:
        raise Unavailable(f"{backup.name} is gone again")
    return found


def _few(damages: Sequence[Damage]) -> tuple[Damage, ...]:
    """Keep the first of many."""
    more = len(damages) - MAX_NAMED
    return (*damages[:MAX_NAMED], *([Damage(DamageKind.MORE, (more,))] if more > 0 else []))
