"""What a database server and a database have left: connections, transaction ids, sequences."""

from dataclasses import dataclass

from golive import Fact, probe
from golive_checks.subjects import Database
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.slots import SLOTS
from golive_checks.systems.postgres.client.trouble import PostgresTrouble
from golive_checks.systems.postgres.client.url import read

WORST = 50
"""How many sequences, databases and indexes a fact holds: the worst ones."""


@dataclass(frozen=True)
class Age:
    """How many transactions, and multixacts, lie between a database's oldest row and now."""

    database: str
    transactions: int
    multixacts: int


@dataclass(frozen=True)
class ServerState(Fact):
    """A server's version (`server_version_num`), its connections, and the ages of its databases, oldest first.

    `usable` are the connections that are not kept for superusers, `used` those that clients have now.
    """

    version: int
    usable: int
    used: int
    ages: tuple[Age, ...]


@dataclass(frozen=True)
class PostgresConnections(Fact):
    """A server's connections: `usable` are not kept for superusers, `used` are those that clients have now.

    `kept_off`: so few are free that golive leaves them to the application and asks nothing else.
    """

    usable: int
    used: int
    kept_off: bool = False


@dataclass(frozen=True)
class Sequence:
    """A sequence and how far it has come: `limit` is its own, or that of the column that it fills.

    `share` is how much of it is used up, from 0 to 1; one that counts down has a `limit` below it.
    """

    name: str
    last: int
    limit: int
    share: float


@dataclass(frozen=True)
class DatabaseState(Fact):
    """The sequences of a database, fullest first, and its invalid indexes.

    `sequences_unseen` counts those that the application's role may not read, and so cannot use either.
    """

    sequences: tuple[Sequence, ...]
    sequences_seen: int
    sequences_unseen: int
    invalid_indexes: tuple[str, ...]


@dataclass(frozen=True)
class AppPool(Fact):
    """What the application's URL says of its pool: how many connections, and whether a pooler is in between."""

    connection_limit: int | None
    through_pooler: bool


AGES = """\
SELECT datname::text, age(datfrozenxid), mxid_age(datminmxid) FROM pg_database
 WHERE datallowconn ORDER BY greatest(age(datfrozenxid), mxid_age(datminmxid)) DESC LIMIT %s"""

SEQUENCES = """\
WITH RECURSIVE base AS (
  SELECT oid AS domain, oid AS type, typbasetype AS below FROM pg_type WHERE typtype IN ('b', 'd')
  UNION ALL
  SELECT b.domain, t.oid, t.typbasetype
    FROM base b JOIN pg_type t ON t.oid = b.below WHERE b.below <> 0
), filled AS (
  SELECT d.objid AS seq, d.refobjid AS tab, d.refobjsubid AS col
    FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
                       AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
  UNION
  SELECT d.refobjid, ad.adrelid, ad.adnum
    FROM pg_depend d JOIN pg_attrdef ad ON ad.oid = d.objid
   WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass
), widest AS (
  SELECT f.seq, min(CASE b.type WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 END) AS top
    FROM filled f JOIN pg_attribute a ON a.attrelid = f.tab AND a.attnum = f.col
    JOIN base b ON b.domain = a.atttypid AND b.below = 0
   GROUP BY f.seq
), sequence AS (
  SELECT n.nspname || '.' || c.relname AS name, s.seqincrement > 0 AS up, s.seqstart AS start, c.oid,
         CASE WHEN s.seqincrement > 0 THEN least(s.seqmax, w.top) ELSE greatest(s.seqmin, -w.top - 1) END AS top,
         has_sequence_privilege(c.oid, 'SELECT') OR has_sequence_privilege(c.oid, 'USAGE') AS readable
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN widest w ON w.seq = c.oid
   WHERE NOT s.seqcycle AND c.relpersistence <> 't'
), seen AS (
  SELECT name, up, top, start, readable, CASE WHEN readable THEN pg_sequence_last_value(oid) END AS last FROM sequence
), used AS (
  SELECT name, readable, top, coalesce(last, 0) AS last,
         CASE WHEN last IS NULL THEN 0
              WHEN up AND top > 0 THEN greatest(last, 0) / top::numeric
              WHEN NOT up AND top < 0 THEN least(last, 0) / top::numeric
              WHEN top = start THEN 1
              ELSE (last - start) / (top - start)::numeric END AS share
    FROM seen
)
SELECT name, last::bigint, top::bigint, share::float8,
       count(*) FILTER (WHERE readable) OVER (), count(*) FILTER (WHERE NOT readable) OVER ()
  FROM used ORDER BY share DESC, name LIMIT %s"""
"""A column of 32 bits, or of a domain over such a type or over another such domain, may be filled by a sequence of 64:
the column is full first. It is filled by the sequence that it owns, and by any that its default names. One that counts
down ends at its least value.
pg_sequence_last_value is what the view pg_sequences calls."""

INVALID = """\
SELECT n.nspname || '.' || c.relname
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT i.indisvalid AND c.relkind IN ('i', 'I')
   AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p
                    WHERE p.datname = current_database() AND coalesce(p.index_relid, i.indexrelid) = i.indexrelid)
 ORDER BY 1 LIMIT %s"""
"""One that is being built is invalid until it is ready; on a partitioned table, until all partitions have theirs."""


@probe("postgres.connections")
async def connections(database: Database, postgres: Postgres) -> PostgresConnections:
    """Count the server's connections, and see whether golive is to take another."""
    try:
        async with postgres.reading(database.audit_url) as reading:
            ((usable, used),) = await reading.rows(SLOTS)
    except PostgresTrouble as trouble:
        if trouble.slots is None:
            raise
        return PostgresConnections(*trouble.slots, kept_off=True)
    return PostgresConnections(usable, used)


@probe("postgres.server-state")
async def server_state(database: Database, postgres: Postgres) -> ServerState:
    """Ask the server for its version, its connections and the ages of its databases."""
    async with postgres.reading(database.audit_url) as reading:
        ((version,),) = await reading.rows("SELECT current_setting('server_version_num')::int")
        ((usable, used),) = await reading.rows(SLOTS)
        ages = tuple(Age(*row) for row in await reading.rows(AGES, [WORST]))
    return ServerState(version, usable, used, ages)


@probe("postgres.database-state")
async def database_state(database: Database, postgres: Postgres) -> DatabaseState:
    """Look at the database's sequences and indexes, as the application, which may read its own."""
    async with postgres.reading(database.url) as reading:
        rows = await reading.rows(SEQUENCES, [WORST])
        invalid = await reading.rows(INVALID, [WORST])
    seen, unseen = rows[0][4:] if rows else (0, 0)
    return DatabaseState(tuple(Sequence(*row[:4]) for row in rows), seen, unseen, tuple(name for (name,) in invalid))


@probe("postgres.app-pool")
async def app_pool(database: Database) -> AppPool:
    """Read what the application's URL says of its pool."""
    url = read(database.url)
    return AppPool(url.whole("connection_limit"), url.parameters.get("pgbouncer") == "true")
