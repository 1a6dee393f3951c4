"""Runs a migration on a scratch database, and records which locks it holds on which tables, and for how long."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from golive import shortened
from golive_checks.systems.machine.client.locks import BLOCKS_READS, BLOCKS_WRITES, Lock, Loss, Rehearsal, WrittenRows
from golive_checks.systems.postgres.client.schema_shape import SchemaShape, losses, shape_of
from golive_checks.systems.postgres.client.trouble import refusal

if TYPE_CHECKING:
    from psycopg import AsyncConnection

SAMPLE_S = 0.02
SHOWN = 80
NOT_IN_A_TRANSACTION = "25001"
ENDS_A_TRANSACTION = re.compile(r"\s*(?:commit|end|rollback)\b(?!\s+to\b)", re.IGNORECASE)
BEGINS_A_TRANSACTION = re.compile(r"\s*(?:begin|start\s+transaction)\b", re.IGNORECASE)
STRENGTH = (*reversed(BLOCKS_WRITES), BLOCKS_READS)

TABLES = """
select c.oid::bigint, n.nspname || '.' || c.relname, pg_relation_filenode(c.oid)::bigint, pg_relation_size(c.oid)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'm', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')"""
INDEXES = "select indexrelid::bigint, indrelid::bigint from pg_index"
LOCKS = """
select l.relation::bigint, l.mode from pg_locks l
 where l.locktype = 'relation' and l.granted and l.pid = %s and l.mode = any(%s)"""
FILENODES = """
select oid::bigint, pg_relation_filenode(oid)::bigint, reltuples::bigint from pg_class where oid = any(%s)"""
WRITTEN = """
select relid::bigint, coalesce(n_tup_upd, 0), coalesce(n_tup_del, 0)
  from pg_stat_xact_all_tables where relid = any(%s) and (n_tup_upd > 0 or n_tup_del > 0)"""
SIZE = "select pg_relation_size(%s::oid)"
SCANNED = "select relid::bigint, coalesce(seq_tup_read, 0) from pg_stat_xact_all_tables where relid = any(%s)"


@dataclass
class _Held:
    """A table that is locked, since when, how strongly, by which statement; and what was done to it meanwhile."""

    since: float
    mode: str
    statement: str
    scanned: int = 0
    rewritten: bool = False


@dataclass
class _Table:
    name: str
    filenode: int
    size: int
    read: int = 0
    updated: int = 0
    deleted: int = 0


@dataclass
class _Writing:
    """Rows that a statement wrote, which stay locked until its transaction ends."""

    since: float
    table: str
    statement: str
    changed: int
    deleted: int
    truncated: bool


class _NeverCommittedError(Exception):
    def __str__(self) -> str:
        return "it begins a transaction that it never commits, so that nothing of it stays"


@dataclass
class Recorder:
    """Runs the statements of one script as Prisma does: in one transaction, or by itself where there is only one.

    `second` is another connection, which looks at the locks of what cannot run in a transaction.
    """

    connection: "AsyncConnection[Any]"
    second: "AsyncConnection[Any]"
    before: SchemaShape
    """What there was before any pending migration."""
    _last: SchemaShape = field(default_factory=SchemaShape)
    _excused: set[Loss] = field(default_factory=set)
    _lost: dict[Loss, str] = field(default_factory=dict)
    _rows_written: list[_Writing] = field(default_factory=list)
    _written: list[WrittenRows] = field(default_factory=list)
    _tables: dict[int, _Table] = field(default_factory=dict)
    _indexes: dict[int, int] = field(default_factory=dict)
    _held: dict[int, _Held] = field(default_factory=dict)
    _locks: list[Lock] = field(default_factory=list)

    async def run(self, name: str, statements: Sequence[str], *, apart: bool = False) -> Rehearsal:
        """Run a migration, all in one transaction or each statement apart from the others, and say what it did."""
        import psycopg

        began = time.monotonic()
        trouble = ""
        try:
            await self._note_tables()
            self._last = await shape_of(self.connection)
            if apart or len(statements) == 1:
                for statement in statements:
                    await self._one(statement)
            else:
                await self._transaction(statements)
        except (psycopg.Error, _NeverCommittedError) as error:
            trouble = str(error) if isinstance(error, _NeverCommittedError) else refusal(error, "the copy").reason
            await self.connection.execute("rollback")
        locks = tuple(self._strongest())
        lost = tuple(replace(loss, statement=by) for loss, by in self._lost.items())
        return Rehearsal(name, time.monotonic() - began, locks, trouble, lost, tuple(self._written))

    async def _one(self, statement: str) -> None:
        """Run a statement in a transaction, or outside of any where it cannot be in one."""
        import psycopg

        try:
            await self._transaction([statement])
        except psycopg.Error as error:
            if error.sqlstate != NOT_IN_A_TRANSACTION:
                raise
            await self.connection.execute("rollback")
            self._held.clear()
            await self._outside(statement)

    async def _transaction(self, statements: Sequence[str]) -> None:
        await self.connection.execute("begin")
        begun = False
        for statement in statements:
            if BEGINS_A_TRANSACTION.match(statement):
                begun = True
                continue  # we are in one
            if ENDS_A_TRANSACTION.match(statement):
                begun = False
                await self.connection.execute(statement.encode())
                self._release()
                await self.connection.execute("begin")
                continue
            began = time.monotonic()
            await self.connection.execute(statement.encode())
            await self._look(statement, began)
        if begun:
            raise _NeverCommittedError
        await self.connection.execute("commit")
        self._release()

    async def _look(self, statement: str, began: float) -> None:
        """Note what the transaction holds now, and what the statement read and rewrote under it."""
        for table, mode in await self._rows(self.connection, LOCKS, self.connection.info.backend_pid, [*STRENGTH]):
            self._note(table, mode, statement, began)
        for table, filenode, _ in await self._rows(self.connection, FILENODES, [*self._held]):
            known = self._tables[table]
            if (filenode or 0) != known.filenode:
                self._held[table].rewritten = True
                known.filenode = filenode or 0
                await self._look_for_truncation(table, statement, began)
        await self._look_at_rows(statement, began)
        await self._look_at_shape(statement)
        for table, read in await self._rows(self.connection, SCANNED, [*self._held]):
            known = self._tables[table]
            more = read - known.read
            known.read = read
            held = self._held[table]
            if more > held.scanned:
                held.scanned, held.statement = more, statement

    async def _look_for_truncation(self, table: int, statement: str, began: float) -> None:
        """Note that a table which had rows has none: its new file is empty, and no row counts as deleted."""
        known = self._tables[table]
        ((size,),) = await self._rows(self.connection, SIZE, table)
        if known.size and not size:
            self._rows_written.append(_Writing(began, known.name, statement, 0, 0, truncated=True))
            known.size = 0

    async def _look_at_rows(self, statement: str, began: float) -> None:
        """Note which rows a statement has changed and deleted."""
        for table, updated, deleted in await self._rows(self.connection, WRITTEN, [*self._tables]):
            known = self._tables[table]
            changed, gone = updated - known.updated, deleted - known.deleted
            known.updated, known.deleted = updated, deleted
            if changed > 0 or gone > 0:
                self._rows_written.append(_Writing(began, known.name, statement, changed, gone, truncated=False))

    async def _look_at_shape(self, statement: str, *, concurrently: bool = False) -> None:
        """Note what is missing since this statement; what another brings back was not lost."""
        shape = await shape_of(self.connection)
        now = dict.fromkeys(losses(self.before, shape), _shown(statement))
        self._excused |= {
            loss
            for loss in now.keys() - self._lost.keys()
            if (loss.kind == "index" and concurrently) or (loss.kind == "constraint" and self._prepared(loss, shape))
        }
        self._lost = {loss: self._lost.get(loss, by) for loss, by in now.items() if loss not in self._excused}
        self._last = shape

    def _prepared(self, loss: Loss, shape: SchemaShape) -> bool:
        """Return whether a constraint, or the index behind it, was there before this statement made it count."""
        at = next((key for key in shape.constraints if ".".join(key) == loss.name), ("", ""))
        return at in self._last.constraints or shape.constraints[at].index in self._last.indexes

    async def _outside(self, statement: str) -> None:
        """Run a statement by itself, and look at its locks from the other connection."""
        began = time.monotonic()
        pid = self.connection.info.backend_pid
        running = asyncio.ensure_future(self.connection.execute(statement.encode()))
        try:
            # A statement such as CREATE INDEX CONCURRENTLY commits by itself: once it has ended, its locks are gone.
            while not running.done():
                for table, mode in await self._rows(self.second, LOCKS, pid, [*STRENGTH]):
                    self._note(table, mode, statement, began)
                await asyncio.wait([running], timeout=SAMPLE_S)
        finally:
            if not running.done():
                running.cancel()
        await running
        for table, filenode, rows in await self._rows(self.connection, FILENODES, [*self._tables]):
            if (filenode or 0) != self._tables[table].filenode:
                self._note(table, BLOCKS_READS, statement, began)
                self._held[table].rewritten, self._held[table].scanned = True, rows
        await self._look_at_shape(statement, concurrently=True)
        self._release()

    def _note(self, relation: int, mode: str, statement: str, began: float) -> None:
        """Note a lock on a table, or on an index of one: no query of a table goes past a lock on one of its indexes.

        What is new in this migration blocks nobody.
        """
        table = self._indexes.get(relation, relation)
        if table not in self._tables:
            return
        held = self._held.get(table)
        if held is None:
            self._held[table] = _Held(began, mode, statement)
        elif STRENGTH.index(mode) > STRENGTH.index(held.mode):
            held.mode, held.statement = mode, statement

    def _release(self) -> None:
        """Note what is released as a transaction ends."""
        now = time.monotonic()
        for oid, held in self._held.items():
            table = self._tables[oid]
            lock = Lock(
                table.name,
                held.mode,
                _shown(held.statement),
                now - held.since,
                held.scanned,
                table.size,
                held.rewritten,
            )
            self._locks.append(lock)
        self._held.clear()
        self._written += [
            WrittenRows(w.table, _shown(w.statement), w.changed, w.deleted, now - w.since, w.truncated)
            for w in self._rows_written
        ]
        self._rows_written.clear()
        for table in self._tables.values():
            table.read = table.updated = table.deleted = 0

    def _strongest(self) -> list[Lock]:
        self._release()
        return sorted(self._locks, key=lambda lock: (-STRENGTH.index(lock.mode), -lock.held_s, lock.table))

    async def _note_tables(self) -> None:
        rows = await self._rows(self.connection, TABLES)
        self._indexes = dict(await self._rows(self.connection, INDEXES))
        self._tables = {oid: _Table(name, filenode or 0, size) for oid, name, filenode, size in rows}

    @staticmethod
    async def _rows(connection: "AsyncConnection[Any]", query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        cursor = await connection.execute(query.encode(), parameters)
        return list(await cursor.fetchall())


def _shown(statement: str) -> str:
    return shortened(" ".join(statement.split()), SHOWN)
