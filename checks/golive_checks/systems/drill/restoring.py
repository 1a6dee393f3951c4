"""Puts a dump back into an empty database, and tells the dump's own faults from what is missing around it."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import PurePath

from golive import Unavailable
from golive.wording import duration
from golive_checks.subjects import Recovery
from golive_checks.systems.drill.record import NotRestored, RestoreFault
from golive_checks.systems.machine.client.unpack import DamagedError, Packing, packing_of
from golive_checks.systems.postgres.client.dumps import Dump, Tell, parallel
from golive_checks.systems.postgres.client.pg_programs import PgPrograms, Program, ProgramEnd, restricted, sealed_file
from golive_checks.systems.postgres.client.scratch import ScratchServer
from golive_checks.systems.postgres.dump_format import (
    Kind,
    creates_database,
    encryption_of,
    kind_of,
    origin_of,
)
from golive_checks.systems.postgres.plain_dump import PlainDump

NEEDS_SUPERUSER = "EVENT TRIGGER"
ENTRY_KIND = re.compile(rb"^\d+; \d+ \d+ EVENT TRIGGER ", re.MULTILINE)
NOT_RESTORED = (
    "--no-owner",
    "--no-privileges",
    "--no-publications",
    "--no-subscriptions",
    "--no-security-labels",
    "--no-tablespaces",
)
"""Roles and tablespaces are the real server's; a subscription would reach another one."""

TAR_ENDS = 1024
"""The length of the zeros that end a tar archive (POSIX, pax, "ustar Interchange Format")."""

FAULTS = (
    (r"end of file|unexpected end|could not read from input|could not find entry for ID", RestoreFault.CUT_OFF),
    (
        r"could not (?:uncompress|decompress)|incorrect data check|invalid (?:block|distance|stored)",
        RestoreFault.DAMAGED,
    ),
    (r"did not find magic string|valid archive|unrecognized (?:archive|file) format", RestoreFault.NO_ARCHIVE),
    (r"backslash commands are restricted", RestoreFault.META_COMMAND),
)
"""What pg_restore and psql say of a dump that is itself at fault (pg_backup_*.c, compress_*.c, psql/mainloop.c)."""
MISSING = (
    (
        r'extension "([^"]+)" is not available|control file ".*/([^"/]+)\.control"',
        "the scratch server lacks the extension {}",
        "Install it on the scratch server.",
    ),
    (
        r'permission denied to create extension "([^"]+)"',
        "only a superuser may create the extension {} on the scratch server",
        "Mark it as trusted in its control file there, or have it in a dump of another server alone.",
    ),
    (
        r'role "([^"]+)" does not exist',
        "the scratch server lacks the role {}, which the dump names",
        "Create it there, without LOGIN.",
    ),
    (
        r"unsupported version \(([\d.]+)\) in file header",
        "its format {} is newer than pg_restore is",
        "Install the client programs of that version, or newer ones.",
    ),
    (r"No space left on device|could not extend file", "the scratch server's disk is full", "Give it more room."),
    (
        r"compression method \"?(\w+)\"? .*not supported|not built with (\w+) support",
        "pg_restore was built without {}",
        "Install a pg_restore that has it.",
    ),
    (
        r"connection to server .* failed|server closed the connection|terminating connection",
        "the connection to the scratch server was lost",
        "Try again.",
    ),
    (
        r"out of shared memory",
        "the scratch server has too few locks for so many tables",
        "Raise its max_locks_per_transaction.",
    ),
)
"""What they say where something else is missing, and how to fix it."""


class RestoreError(Exception):
    """The dump is at fault: it cannot be restored."""

    def __init__(self, fault: RestoreFault, by: str = "", said: str = "") -> None:
        super().__init__(fault)
        self.why = NotRestored(fault, by, said)


@dataclass(frozen=True)
class Restored:
    """What was restored, and what was left out of it, by kind and number."""

    format: str
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class RestoreTarget:
    """The empty database, and the variables that lead a program to it."""

    database: str
    environment: dict[str, str] = field(repr=False)


class Restorer:
    """Restores one dump into one database of one server."""

    def __init__(
        self, dump: Dump, to: Recovery, server: ScratchServer, target: RestoreTarget, programs: PgPrograms, tell: Tell
    ) -> None:
        self._dump = dump
        self._to = to
        self._server = server
        self._database = target.database
        self._environment = target.environment
        self._programs = programs
        self._tell = tell

    async def restore(self) -> Restored:
        """Restore it.

        Raises:
            RestoreError: the dump is at fault.
            Unavailable: something around it is missing, so that nothing is known of the dump.
        """
        try:
            packing: Packing = "" if self._dump.directory else packing_of(self._dump.head)
            head = await self._dump.unpacked_head(packing) if packing else self._dump.head
            kind: Kind = "directory" if self._dump.directory else kind_of(head)
            _refuse(kind, head)
            if kind == "tar":
                await self._whole_tar(packing)
            left_out = await (self._plain(head, packing) if kind == "plain" else self._archive(kind, packing))
        except DamagedError as damage:
            raise RestoreError(RestoreFault.REPORTED, said=str(damage)) from None
        except TimeoutError:
            raise Unavailable(
                f"the dump was not restored within {duration(self._to.timeout_s)}", fix="Set drill.timeout_s higher."
            ) from None
        return Restored(f"{kind}, {packing}" if packing else kind, left_out)

    async def _whole_tar(self, packing: Packing) -> None:
        """Look at a tar archive's end: pg_restore reads one that is cut off forever, or until it is stopped."""
        if packing:
            raise Unavailable(
                "the dump is a tar archive that was packed as a whole, whose end golive cannot see",
                fix="Dump in the custom format, which packs itself.",
            )
        if any(await self._dump.tail(TAR_ENDS)):
            raise RestoreError(RestoreFault.NO_TAR_END)

    async def _archive(self, kind: Kind, packing: Packing) -> dict[str, int]:
        """Restore a dump with pg_restore."""
        program = await self._programs.find("pg_restore", self._to.bin_dir)
        place = [] if packing else [self._dump.path]
        listed = await self._run([program.path, "--list", *place], packing)
        self._judge(listed, program)
        self._compare(listed.stdout, program)
        unwanted = Counter(NEEDS_SUPERUSER.lower() for _ in ENTRY_KIND.finditer(listed.stdout))
        # pg_restore runs jobs side by side only from a file in which it can seek, and not from a tar archive.
        jobs = 1 if packing or kind == "tar" else parallel(self._dump, self._to.jobs)
        argv = [program.path, "--exit-on-error", "--no-password", *NOT_RESTORED, "--dbname", self._database]
        argv += ["--jobs", str(jobs)] if jobs > 1 else []
        self._tell(f"restoring {self._dump.size:,} bytes with pg_restore {program.version}")
        if not unwanted:
            self._judge(await self._run([*argv, *place], packing), program)
            return {}
        wanted = b"\n".join(line for line in listed.stdout.splitlines() if not ENTRY_KIND.match(line))
        with sealed_file(wanted) as (path, descriptor):
            self._judge(await self._run([*argv, "--use-list", path, *place], packing, descriptor), program)
        return dict(unwanted)

    async def _plain(self, head: bytes, packing: Packing) -> dict[str, int]:
        """Restore a dump with psql, which is kept from obeying any meta-command in it."""
        program = await self._programs.find("psql", self._to.bin_dir)
        if not program.restricts:
            raise Unavailable(
                f"psql {program.version} does not know \\restrict: it can neither read a dump of today nor be kept "
                "from running commands that one holds",
                fix="Install psql 18, or at least 17.6, 16.10, 15.14, 14.19 or 13.22.",
            )
        self._compare(head, program)
        self._tell(f"restoring {self._dump.size:,} bytes with psql {program.version}")
        plain = PlainDump()
        # Without ON_ERROR_STOP psql goes on after an error and ends with 0; a ~/.psqlrc could undo the options.
        argv = [program.path, "--no-psqlrc", "--quiet", "--no-password", "--set", "ON_ERROR_STOP=1", "--file", "-"]
        ended = await self._programs.run(
            [*argv, "--dbname", self._database],
            environment=self._environment,
            timeout_s=self._to.timeout_s,
            feed=restricted(_filtered(self._dump.unpacked(packing), plain)),
        )
        if plain.ended and not plain.complete:
            raise RestoreError(RestoreFault.NO_DUMP_END)
        self._judge(ended, program)
        return plain.left_out

    async def _run(self, argv: list[str], packing: Packing, *keep: int) -> ProgramEnd:
        return await self._programs.run(
            argv,
            environment=self._environment,
            timeout_s=self._to.timeout_s,
            feed=self._dump.unpacked(packing) if packing else None,
            keep=(*self._dump.keep, *keep),
        )

    def _compare(self, text: bytes, program: Program) -> None:
        """Refuse a dump that is newer than what it is to be restored with."""
        origin, here = origin_of(text), self._server.major
        newest = max(origin.server, origin.pg_dump) if PurePath(program.path).name == "psql" else origin.server
        if newest > here:
            raise Unavailable(
                f"the dump is from PostgreSQL {newest}, the scratch server is {self._server.version}: too old for it",
                fix=f"Drill on a server of version {newest} or newer.",
            )

    def _judge(self, ended: ProgramEnd, program: Program) -> None:
        """Tell whose fault it is where a program failed."""
        if not ended.code:
            return
        name = f"{PurePath(program.path).name} {program.version}"
        for pattern, words, fix in MISSING:
            if found := re.search(pattern, ended.stderr):
                what = next((group for group in found.groups() if group), "")
                raise Unavailable(f"the dump cannot be restored here: {words.format(what)} ({name})", fix=fix)
        for pattern, fault in FAULTS:
            if re.search(pattern, ended.stderr):
                raise RestoreError(fault, name)
        raise RestoreError(RestoreFault.REPORTED, name, ended.complaint())


def _refuse(kind: Kind, head: bytes) -> None:
    """Refuse what is no dump of one database that can be read."""
    if kind == "encrypted":
        raise Unavailable(
            f"the dump is encrypted ({encryption_of(head)}), and the drill has no key",
            fix="Drill where the key is, on a copy that was decrypted there.",
        )
    if kind == "cluster":
        raise Unavailable(
            "the dump holds a whole cluster (pg_dumpall): its roles and databases would be made beside the copy",
            fix="Let pg_dump dump each database for itself.",
        )
    if kind == "plain" and creates_database(head):
        raise Unavailable(
            "the dump was made with --create: it would make a database of the real one's name",
            fix="Dump without --create, or in the custom format.",
        )
    if kind == "unknown" or (kind == "directory" and not head):
        raise RestoreError(RestoreFault.NO_DUMP if head else RestoreFault.EMPTY)


async def _filtered(pieces: AsyncIterator[bytes], plain: PlainDump) -> AsyncIterator[bytes]:
    async for piece in pieces:
        yield await asyncio.to_thread(plain.feed, piece)
    yield plain.end()
