"""Is the server's version maintained, and is there room left on it?"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from golive import Now, Settings, Severity, Unavailable, Verdict, check, failed, passed, unknown, verdict, warned
from golive_checks.subjects import Database
from golive_checks.systems.postgres.server import Connections, DatabaseState, ServerState

END_OF_LIFE = {
    11: dt.date(2023, 11, 9),
    12: dt.date(2024, 11, 21),
    13: dt.date(2025, 11, 13),
    14: dt.date(2026, 11, 12),
    15: dt.date(2027, 11, 11),
    16: dt.date(2028, 11, 9),
    17: dt.date(2029, 11, 8),
    18: dt.date(2030, 11, 14),
}
"""The last release of each major: https://www.postgresql.org/support/versioning/"""


class VersionPolicy(Settings):
    """Which versions of Postgres may go live."""

    home: ClassVar[str] = "database.version"

    at_least: int = Field(default=0, ge=0)
    """The oldest major that is good enough, besides being maintained."""
    warn_days: int = Field(default=90, ge=0)
    """How long before the end of its life a version warns."""


@check("db.version-supported", severity=Severity.HIGH)
def version_supported(database: Database, server: ServerState, ask: VersionPolicy, now: Now) -> Verdict:
    """The server's major version still gets fixes.

    Why: A version past its life gets no fix for a hole that is found tomorrow, nor for one that loses data.

    Fix: Upgrade with pg_upgrade or logical replication, or have the provider do it; try it on a restored copy first.

    Source: PostgreSQL, versioning policy
    """
    major = server.version // 10_000
    if major < ask.at_least:
        return failed(f"PostgreSQL {major}; at least {ask.at_least} is wanted")
    ends = END_OF_LIFE.get(major, dt.date.min if major < min(END_OF_LIFE) else dt.date.max)
    left = (ends - now.at.astimezone(dt.UTC).date()).days
    ended = f"PostgreSQL {major} has had no fixes since {ends}" if ends > dt.date.min else f"PostgreSQL {major}"
    if left < 0 and database.managed:
        return warned(f"{ended} but those that {database.hosting} makes: look at what its extended support covers")
    if left < 0:
        return failed(ended)
    if left <= ask.warn_days:
        return warned(f"PostgreSQL {major} gets its last fixes on {ends}, in {left} days")
    return passed(f"PostgreSQL {major}" + (f", maintained until {ends}" if ends < dt.date.max else ""))


class Limits(Settings):
    """How full a database may be. The defaults are those of check_postgres."""

    home: ClassVar[str] = "database.headroom"

    connections_warn: float = Field(default=0.90, gt=0, le=1)
    """The share of connections in use from which it warns."""
    connections_fail: float = Field(default=0.95, gt=0, le=1)
    """The share of connections in use from which it fails."""
    sequences_warn: float = Field(default=0.85, gt=0, le=1)
    """The share of a sequence's numbers used from which it warns."""
    sequences_fail: float = Field(default=0.95, gt=0, le=1)
    """The share of a sequence's numbers used from which it fails."""
    transactions_warn: int = Field(default=1_300_000_000, gt=0)
    """Transactions since a database's oldest row; at 2^31 less some millions the server refuses to write."""
    transactions_fail: int = Field(default=1_400_000_000, gt=0)
    """As above, from how many on it fails."""


@check("db.headroom", severity=Severity.HIGH)
def headroom(
    database: Database,
    held: Connections,
    server: ServerState | Unavailable,
    own: DatabaseState | Unavailable,
    ask: Limits,
) -> Verdict:
    """Connections, sequences and transaction ids are far from their ends, and every index works.

    Why: Each of them stops the application at once when it is used up: no connection, no new id, no write at all. An
    index that a failed CREATE INDEX CONCURRENTLY left invalid is kept up to date and never used, or, being unique,
    keeps nothing unique.

    Fix: Close idle connections or raise max_connections; ALTER the sequence's column to bigint; run VACUUM FREEZE and
    look for what holds it back (old transactions, slots, prepared ones); REINDEX INDEX CONCURRENTLY what is invalid.

    Source: check_postgres, actions backends, sequence, txn_wraparound; PostgreSQL, section 24.1.5
    """
    if held.kept_off:
        return failed(
            f"{held.used} of {held.usable} connections are in use: a deploy, or a second instance, finds none left",
            "golive took no more of them: sequences, indexes and transaction ids were not looked at",
        )
    if isinstance(server, Unavailable):
        return unknown(server.reason, fix=server.fix)
    if isinstance(own, Unavailable):
        return unknown(own.reason, fix=own.fix)
    fails, warns = list[str](), list[str]()
    for share, warn, fail, text in _shares(server, own, ask):
        (fails if share >= fail else warns if share >= warn else []).append(text)
    fails += [f"the index {name} is invalid" for name in own.invalid_indexes]
    used = f"{server.used} of {server.usable} connections used, {own.sequences_seen} sequences"
    judged = verdict(fails, warns, ok=used)
    if own.sequences_unseen:
        judged = replace(judged, unseen=(f"{own.sequences_unseen} sequences that the application's role may not read",))
    return judged


def _shares(server: ServerState, own: DatabaseState, ask: Limits) -> Iterator[tuple[float, float, float, str]]:
    """Yield what is used up, from when on it warns and fails, and the words for it."""
    if server.usable > 0:
        share = server.used / server.usable
        text = f"{server.used} of {server.usable} connections are in use"
        yield share, ask.connections_warn, ask.connections_fail, text
    for each in own.sequences:
        text = f"the sequence {each.name} is at {each.last} of {each.limit}, {each.share:.0%}"
        yield each.share, ask.sequences_warn, ask.sequences_fail, text
    for age in server.ages:
        for count, what in ((age.transactions, "transactions"), (age.multixacts, "multixacts")):
            text = f"the oldest row of {age.database} is {count} {what} old"
            yield count, ask.transactions_warn, ask.transactions_fail, text
