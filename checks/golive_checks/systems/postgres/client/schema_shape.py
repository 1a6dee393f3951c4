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
       a.atthasdef or a.attidentity <> ''
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'"""
LABELS = """
select n.nspname || '.' || t.typname, e.enumlabel
  from pg_enum e join pg_type t on t.oid = e.enumtypid join pg_namespace n on n.oid = t.typnamespace"""

SIZED = re.compile(r"(character varying|bit varying|numeric)\((\d+)(?:,(\d+))?\)")
UNSIZED = {"character varying": {"character varying", "text"}, "bit varying": {"bit varying"}, "numeric": {"numeric"}}


@dataclass(frozen=True)
class Column:
    """A column's type as Postgres writes it, whether it refuses NULL, and whether it fills itself in."""

    type: str
    not_null: bool = False
    filled: bool = False


@dataclass(frozen=True)
class SchemaShape:
    """Tables and views with their columns, and enums with their labels."""

    tables: Mapping[str, Mapping[str, Column]] = field(default_factory=dict)
    labels: frozenset[tuple[str, str]] = frozenset()


async def shape_of(connection: "AsyncConnection[Any]") -> SchemaShape:
    """Read the catalogue."""
    tables: dict[str, dict[str, Column]] = {}
    for table, name, kind, not_null, filled in await (await connection.execute(COLUMNS.encode())).fetchall():
        columns = tables.setdefault(table, {})
        if name is not None:
            columns[name] = Column(kind, not_null, filled)
    labels = await (await connection.execute(LABELS.encode())).fetchall()
    return SchemaShape(tables, frozenset((enum, label) for enum, label in labels))


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
        for name in now.keys() - columns.keys():
            if now[name].not_null and not now[name].filled:
                yield Loss("demanded", f"{table}.{name}")
    for enum, label in sorted(before.labels - after.labels):
        yield Loss("label", enum, was=label)


def _narrowed(name: str, was: Column, now: Column) -> Iterator[Loss]:
    if was.type != now.type and not _wider(was.type, now.type):
        yield Loss("type", name, was=was.type, now=now.type)
    if now.not_null and not was.not_null:
        yield Loss("not null", name)
    elif now.not_null and was.filled and not now.filled:
        yield Loss("default", name)


def _wider(was: str, now: str) -> bool:
    """Tell whether a type takes all that the other did, and gives it back as it was."""
    old, new = SIZED.fullmatch(was), SIZED.fullmatch(now)
    if old and new:
        return old[1] == new[1] and old[3] == new[3] and int(new[2]) >= int(old[2])
    return now in UNSIZED.get(old[1] if old else was, set())
