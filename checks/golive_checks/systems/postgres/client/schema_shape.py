"""What a database offers those who use it: tables and views, their columns, the labels of enums; and what went missing.

All by name, as a query finds it: a table that is renamed and replaced by a view of its old name has lost nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from golive_checks.systems.machine.client.locks import Loss

if TYPE_CHECKING:
    from psycopg import AsyncConnection

COLUMNS = """
select n.nspname || '.' || c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.atthasdef or a.attidentity <> '', c.relkind in ('r', 'p')
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'"""
LABELS = """
select n.nspname || '.' || t.typname, e.enumlabel
  from pg_enum e join pg_type t on t.oid = e.enumtypid join pg_namespace n on n.oid = t.typnamespace"""
INDEXES = """
select i.indexrelid::bigint, n.nspname || '.' || c.relname, m.nspname || '.' || t.relname
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
  join pg_class t on t.oid = i.indrelid join pg_namespace m on m.oid = t.relnamespace
 where m.nspname !~ '^pg_'"""
CONSTRAINTS = """
select coalesce(n.nspname || '.' || c.relname, m.nspname || '.' || t.typname), o.conname, pg_get_constraintdef(o.oid),
       o.convalidated, case when o.contype = 'f' then 0 else o.conindid::bigint end
  from pg_constraint o
  left join pg_class c on c.oid = o.conrelid left join pg_namespace n on n.oid = c.relnamespace
  left join pg_type t on t.oid = o.contypid left join pg_namespace m on m.oid = t.typnamespace
 where o.contype in ('c', 'f', 'p', 'u', 'x') and coalesce(n.nspname, m.nspname) not in ('information_schema')
   and coalesce(n.nspname, m.nspname) !~ '^pg_'"""
DOMAINS = """
select n.nspname || '.' || t.typname from pg_type t join pg_namespace n on n.oid = t.typnamespace
 where t.typtype = 'd' and n.nspname <> 'information_schema'"""
FUNCTIONS = """
select n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
   and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)"""

UNCHECKED = " NOT VALID"
SIZED = re.compile(r"(character varying|bit varying|numeric)\((\d+)(?:,(\d+))?\)")
UNSIZED = {"character varying": {"character varying", "text"}, "bit varying": {"bit varying"}, "numeric": {"numeric"}}


@dataclass(frozen=True)
class Column:
    """A column's type as Postgres writes it, whether it refuses NULL, and whether it fills itself in."""

    type: str
    not_null: bool = False
    filled: bool = False
    stored: bool = True
    """It is a table's, and no view's."""


@dataclass(frozen=True)
class Constraint:
    """What a constraint demands, whether it was checked over all rows, and the index behind it, 0 for none."""

    definition: str
    valid: bool = True
    index: int = 0


@dataclass(frozen=True)
class SchemaShape:
    """Tables and views with their columns, and enums with their labels; indexes by oid, with their tables.

    Constraints are by their table or domain, and their own name.
    """

    tables: Mapping[str, Mapping[str, Column]] = field(default_factory=dict)
    labels: frozenset[tuple[str, str]] = frozenset()
    indexes: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    constraints: Mapping[tuple[str, str], Constraint] = field(default_factory=dict)
    domains: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()


SEARCH_PATH = "select current_setting('search_path')"
GO_TO = "select set_config('search_path', %s, false)"


async def shape_of(connection: "AsyncConnection[Any]") -> SchemaShape:
    """Read the catalogue, with names that are the same wherever the connection's search_path leads."""
    [(path,)] = await (await connection.execute(SEARCH_PATH)).fetchall()
    await connection.execute(GO_TO, ["pg_catalog"])
    shape = await _read(connection)
    await connection.execute(GO_TO, [path])
    return shape


async def _read(connection: "AsyncConnection[Any]") -> SchemaShape:
    tables: dict[str, dict[str, Column]] = {}

    async def rows(query: str) -> list[tuple[Any, ...]]:
        return list(await (await connection.execute(query.encode())).fetchall())

    for table, name, *column in await rows(COLUMNS):
        columns = tables.setdefault(table, {})
        if name is not None:
            columns[name] = Column(*column)
    return SchemaShape(
        tables,
        frozenset((enum, label) for enum, label in await rows(LABELS)),
        {oid: (name, table) for oid, name, table in await rows(INDEXES)},
        {(of, name): Constraint(*rest) for of, name, *rest in await rows(CONSTRAINTS)},
        frozenset(name for (name,) in await rows(DOMAINS)),
        frozenset(name for (name,) in await rows(FUNCTIONS)),
    )


def losses(before: SchemaShape, after: SchemaShape) -> Iterator[Loss]:
    """Yield what those who use the earlier shape no longer find, or no longer find as it was."""
    for table, columns in before.tables.items():
        now = after.tables.get(table)
        if now is None:
            yield Loss("table", table)
            continue
        for name, column in columns.items():
            if name not in now:
                yield Loss("column", f"{table}.{name}")
            else:
                yield from _narrowed(f"{table}.{name}", column, now[name])
        # The earlier release does not name the column in its INSERTs, and each of them fails.
        for name in now.keys() - columns.keys():
            if now[name].not_null and not now[name].filled:
                yield Loss("demanded", f"{table}.{name}")
    for enum, label in sorted(before.labels - after.labels):
        yield Loss("label", enum, was=label)
    for name in sorted((before.functions - after.functions) | (before.domains - after.domains)):
        yield Loss("object", name)
    yield from _lost_indexes(before, after)
    yield from _new_constraints(before, after)
    yield from _lost_constraints(before, after)


def _lost_indexes(before: SchemaShape, after: SchemaShape) -> Iterator[Loss]:
    """Yield the indexes that are gone, where it is not because their table or a column of it is."""
    names = {name for name, _ in after.indexes.values()}
    for oid, (name, table) in before.indexes.items():
        kept = before.tables.get(table, {}).keys() <= after.tables.get(table, {}).keys()
        if oid not in after.indexes and name not in names and table in after.tables and kept:
            yield Loss("index", name, was=table)


def _new_constraints(before: SchemaShape, after: SchemaShape) -> Iterator[Loss]:
    """Yield the constraints that what was there before is held to since."""
    known = _demands(before)
    for (of, name), constraint in after.constraints.items():
        if (
            constraint.valid
            and (of, constraint.definition) not in known
            and (of in before.tables or of in before.domains)
        ):
            yield Loss("constraint", f"{of}.{name}", now=constraint.definition)


def _demands(shape: SchemaShape) -> set[tuple[str, str]]:
    """Return what each table and domain is held to, under whatever name, checked or not."""
    return {(of, each.definition.removesuffix(UNCHECKED)) for (of, _), each in shape.constraints.items()}


def _lost_constraints(before: SchemaShape, after: SchemaShape) -> Iterator[Loss]:
    """Yield the constraints without an index that are gone, under whatever name, while their table is whole."""
    held = _demands(after)
    for (of, name), was in before.constraints.items():
        now = after.tables.get(of, {})
        kept = bool(now) and before.tables.get(of, {}).keys() <= now.keys() and all(c.stored for c in now.values())
        if not was.index and (kept or of in after.domains) and (of, was.definition.removesuffix(UNCHECKED)) not in held:
            yield Loss("unchecked", f"{of}.{name}", was=was.definition)


def _narrowed(name: str, was: Column, now: Column) -> Iterator[Loss]:
    if was.type != now.type and not _wider(was.type, now.type):
        yield Loss("type", name, was=was.type, now=now.type)
    if now.not_null and not was.not_null:
        yield Loss("not null", name)
    elif now.not_null and was.filled and not now.filled:
        yield Loss("default", name)
    elif was.not_null and not now.not_null and now.stored:
        yield Loss("nullable", name)
    elif was.filled and not now.filled and now.stored:
        yield Loss("unfilled", name)


def _wider(was: str, now: str) -> bool:
    """Return whether a type takes all that the other did, and gives it back as it was."""
    old, new = SIZED.fullmatch(was), SIZED.fullmatch(now)
    if old and new:
        return old[1] == new[1] and old[3] == new[3] and int(new[2]) >= int(old[2])
    return now in UNSIZED.get(old[1] if old else was, set())
