"""Prisma's folder of migrations, as Prisma reads it: a folder for each migration, with a migration.sql in it."""

import asyncio
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass

from golive import Unavailable, shortened
from golive_checks.systems.machine.client.files import read_file
from golive_checks.systems.migrations.client.order import SortedBy, key_of

SCRIPT, LOCK = "migration.sql", "migration_lock.toml"
MAX_FOLDERS = 5_000
MAX_SCRIPT_BYTES = 16_000_000
"""A migration that brings its data along has megabytes; none seen has more."""
ASSIGNED = "provider = "


@dataclass(frozen=True)
class LocalMigration:
    """A migration of the repository, and every checksum by which Prisma knows its script again."""

    name: str
    checksums: tuple[str, ...]


@dataclass(frozen=True)
class MigrationFolder:
    """A folder of migrations, in the order in which they are applied."""

    path: str
    migrations: tuple[LocalMigration, ...] = ()
    without_script: tuple[str, ...] = ()
    """Folders without a migration.sql that can be read: `prisma migrate deploy` stops at them (P3015)."""
    passed_over: tuple[str, ...] = ()
    """Symbolic links to folders: Prisma does not follow them, and applies nothing of what is behind them."""
    provider: str | None = None
    """What Prisma reads in migration_lock.toml; None where there is no such file."""
    tool: str = "prisma"
    """What applies them."""
    sorted_by: SortedBy = "prisma"
    """What tells by the names alone which of two is older."""
    ordered: bool = True
    """Whether their order here is the one in which they must be applied; in Django's it is only within an app."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the migrations' names."""
        return tuple(migration.name for migration in self.migrations)

    def older_than_all(self, names: Iterable[str]) -> set[str]:
        """Return which names come before all that the folder has, where names tell."""
        key = key_of(self.sorted_by)
        if key is None or not self.migrations:
            return set()
        oldest = min(key(name) for name in self.names)
        return {name for name in names if key(name) < oldest}


async def read_folder(path: str) -> MigrationFolder:
    """Read a folder of migrations.

    Raises:
        Unavailable: it cannot be read, or holds more than golive reads.
    """
    return await asyncio.to_thread(_read, path)


def _read(path: str) -> MigrationFolder:
    folders, links = _below(path)
    found, without = [], []
    for name in folders:
        try:
            script = read_file(os.path.join(path, name, SCRIPT), MAX_SCRIPT_BYTES).data  # noqa: PTH118 - a text
        except Unavailable:
            without.append(name)
        else:
            found.append(LocalMigration(name, checksums(script)))
    return MigrationFolder(path, tuple(found), tuple(without), links, _provider(path))


def _below(path: str) -> tuple[list[str], tuple[str, ...]]:
    """Return the folders of a folder and the links to folders, each sorted."""
    folders: list[str] = []
    links: list[str] = []
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif entry.is_dir():
                    links.append(entry.name)
                if len(folders) + len(links) > MAX_FOLDERS:
                    raise Unavailable(
                        f"{path} has more than {MAX_FOLDERS} folders", fix="Is it the one that was meant?"
                    )
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        fix = "Name the folder that prisma migrate deploy reads, under the database's migrations."
        raise Unavailable(f"the migrations in {path} could not be read: {reason}", fix=fix) from None
    return sorted(folders, key=key_of("prisma")), tuple(sorted(links))


def checksums(script: bytes) -> tuple[str, ...]:
    """Return the checksums that Prisma takes for those of a script, its own first.

    The engine also knows the twins with other line ends, and the hex digits as its first versions wrote them: each
    byte without its leading zero (prisma-engines, schema-connector/src/checksum.rs). Its CLI reads the file as UTF-8.
    """
    text = script.decode("utf-8", "replace").encode()
    twins = dict.fromkeys([script, text, text.replace(b"\r\n", b"\n"), text.replace(b"\n", b"\r\n")])
    digests = [hashlib.sha256(twin).digest() for twin in twins]
    return (*(digest.hex() for digest in digests), *("".join(f"{byte:x}" for byte in digest) for digest in digests))


def _provider(path: str) -> str | None:
    """Read migration_lock.toml as Prisma does, which is no reader of TOML: one line, letter by letter.

    prisma-engines, schema-core's migrations_directory.rs; golive's tests compare with the CLI.
    """
    try:
        lock = read_file(os.path.join(path, LOCK), 10_000).data  # noqa: PTH118 - a text
    except Unavailable:
        return None
    lines = lock.decode("utf-8", "replace").split("\n")
    line = next((line.removesuffix("\r") for line in lines if line.startswith("provider")), "")
    while line.startswith(ASSIGNED):
        line = line.removeprefix(ASSIGNED)
    return shortened(line.strip('"'), 40)
