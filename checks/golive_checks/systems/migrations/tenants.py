"""The tenants of a master database: subjects of their own, named by the profile or found on the server."""

from collections.abc import Iterable
from dataclasses import dataclass

from golive import Subject, Unavailable, probe
from golive_checks.subjects import Database
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind
from golive_checks.systems.postgres.client.url import read

MAX_TENANTS = 10_000
MAX_NAME_BYTES = 63
"""NAMEDATALEN - 1: no schema and no database has a longer name; longer ones are cut as they are made."""

BY_PATTERN = {
    "schema": """\
SELECT nspname::text FROM pg_namespace
WHERE nspname::text LIKE %s AND nspname::text <> %s AND nspname::text !~ '^pg_' AND nspname <> 'information_schema'
ORDER BY nspname::text COLLATE "C" """,
    "database": """\
SELECT datname::text FROM pg_database
WHERE datname::text LIKE %s AND datname::text <> %s AND datallowconn AND NOT datistemplate
ORDER BY datname::text COLLATE "C" """,
}
"""Their names by a pattern, without the master's own."""


@dataclass(frozen=True)
class Tenant(Subject):
    """A tenant by its master and its own schema or database: `master/tenant_a`."""

    database: Database
    own_name: str
    """The name of its schema or database, as the server has it."""


@probe("prisma.tenant")
async def tenants(database: Database, postgres: Postgres) -> tuple[Tenant, ...]:
    """List the tenants of a master."""
    names = await _names(database, postgres)
    if len(names) > MAX_TENANTS:
        raise Unavailable(f"{database.name} has more than {MAX_TENANTS:,} tenants")
    return tuple(Tenant(f"{database.name}/{name}", database, name, at=database.at) for name in names)


async def _names(database: Database, postgres: Postgres) -> list[str]:
    """Return the tenants' names, each once."""
    where = database.tenants
    if where is None:
        return []
    if where.names:
        return _checked(where.names)
    query: str = where.query
    parameters: tuple[str, ...] = ()
    if where.pattern:
        url = read(database.url)
        query = BY_PATTERN[where.kept_as]
        parameters = (_like(where.pattern), url.schema if where.kept_as == "schema" else url.database)
    try:
        rows = await postgres.rows(database.url, query, parameters)
    except PostgresTrouble as trouble:
        fix = "Fix tenants.query in the profile." if trouble.kind is TroubleKind.QUERY and where.query else trouble.fix
        reason = f"its tenants could not be listed: {trouble.reason}"
        raise Unavailable(reason, transient=trouble.transient, fix=fix) from None
    return _checked(row[0] if row else None for row in rows)


def _checked(values: Iterable[object]) -> list[str]:
    """Refuse what is no name of a schema or a database: it comes from a server."""
    names = list(dict.fromkeys("" if value is None else str(value) for value in values))
    for name in names:
        if not name or "\0" in name:
            raise Unavailable(
                "its tenants could not be listed: one of them has no name", fix="Fix tenants in the profile."
            )
        if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
            raise Unavailable(f"its tenants could not be listed: {name[:20]!r}... is longer than a name can be")
    return names


def _like(pattern: str) -> str:
    """Write a pattern with * and ? as one of LIKE."""
    for special in "\\%_":
        pattern = pattern.replace(special, "\\" + special)
    return pattern.replace("*", "%").replace("?", "_")
