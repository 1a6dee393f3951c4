"""Is the server's version maintained, and is there room left on it?"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from pydantic import Field

from golive import Now, Settings, Severity, Unavailable, Verdict, check, failed, unknown, verdict, warned
from golive.wording import percent
from golive_checks.dated import table
from golive_checks.subjects import Database
from golive_checks.systems.postgres.server import DatabaseState, PostgresConnections, ServerState

_RELEASES = table("postgres").facts
END_OF_LIFE: Mapping[int, dt.date] = {int(major): ends for major, ends in _RELEASES["ends"].items()}
"""The last release of each major."""
PUBLISHED: Mapping[tuple[int, int], dt.date] = {
    (int(major), int(minor)): dt.date.fromisoformat(day)
    for day, versions in _RELEASES["releases"].items()
    for major, minor in (version.split(".") for version in versions)
}
"""When each minor came out, of the majors that are alive."""


class VersionPolicy(Settings):
    """Which versions of Postgres may go live."""

    home: ClassVar[str] = "database.version"

    at_least: int = Field(default=0, ge=0)
    """The oldest major that is good enough, besides being maintained."""
    warn_days: int = Field(default=90, ge=0)
    """How long before the end of its life a version warns."""
    minor_warn_days: int = Field(default=30, ge=0)
    """How many days after the next minor release a server may stay behind it."""
    minor_fail_days: int = Field(default=365, ge=0)
    """As above, from when on it fails."""


@check("db.version-supported", severity=Severity.HIGH)
def version_supported(database: Database, server: ServerState, ask: VersionPolicy, now: Now) -> Verdict:
    """The server's major version is still supported, and the server has its latest fixes.

    Why: A version past its end of life gets no fix for a hole that is found tomorrow, nor for a bug that loses data.
    Supported versions get fixes as minor releases, and a server that was never updated has none of them.

    Fix: For a minor release, install it and restart; no migration is needed. For a major one, upgrade with pg_upgrade
    or logical replication, or have the provider do it; try it on a restored copy first.

    Source: PostgreSQL, versioning policy
    """
    major, minor = divmod(server.version, 10_000)
    if major < ask.at_least:
        return failed(f"PostgreSQL {major}; at least {ask.at_least} is required")
    ends = END_OF_LIFE.get(major, dt.date.min if major < min(END_OF_LIFE) else dt.date.max)
    today = now.at.astimezone(dt.UTC).date()
    left = (ends - today).days
    ended = f"PostgreSQL {major} has had no fixes since {ends}" if ends > dt.date.min else f"PostgreSQL {major}"
    if left < 0 and database.managed:
        return warned(f"{ended} but those that {database.hosting} makes: look at what its extended support covers")
    if left < 0:
        return failed(ended)
    behind = _behind(major, minor, today)
    ending = [f"PostgreSQL {major} gets its last fixes on {ends}, in {left} days"] if left <= ask.warn_days else []
    if behind and behind.days >= ask.minor_fail_days and not database.managed:
        return verdict([str(behind)], ending, ok="")
    if behind and behind.days >= ask.minor_warn_days:
        return verdict([], [str(behind), *ending], ok="")
    shown = f"PostgreSQL {major}.{minor}" if major >= FIRST_OF_TWO_NUMBERS else f"PostgreSQL {major}"
    return verdict([], ending, ok=shown + (f", maintained until {ends}" if ends < dt.date.max else ""))


FIRST_OF_TWO_NUMBERS = 10
"""Before it a major version had two numbers: 9.6 is 90600."""


@dataclass(frozen=True)
class Behind:
    """A server that lacks minor releases: for how many days it has lacked the first of them."""

    version: str
    newest: str
    missed: str
    since: dt.date
    days: int

    def __str__(self) -> str:
        """Put it into words."""
        newest = f"; {self.newest} is the newest" if self.newest != self.missed else ""
        return f"PostgreSQL {self.version} lacks the fixes of {self.missed}, published on {self.since}{newest}"


def _behind(major: int, minor: int, today: dt.date) -> Behind | None:
    """Tell which minor release was the first that a server missed; None where it has all that the table knows."""
    later = sorted((n, day) for (of, n), day in PUBLISHED.items() if of == major and n > minor and day <= today)
    if not later:
        return None
    (missed, since), (newest, _) = later[0], later[-1]
    return Behind(f"{major}.{minor}", f"{major}.{newest}", f"{major}.{missed}", since, (today - since).days)


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
    held: PostgresConnections,
    server: ServerState | Unavailable,
    own: DatabaseState | Unavailable,
    ask: Limits,
) -> Verdict:
    """Connections, sequences and transaction ids are far from running out, and every index works.

    Why: Each stops the application at once when it runs out: no connection, no new id, no write at all. An index that a
    failed CREATE INDEX CONCURRENTLY left invalid costs writes and serves no query; a unique one enforces nothing.

    Fix: Close idle connections or raise max_connections; ALTER the sequence's column to bigint; run VACUUM FREEZE and
    look for what holds it back (old transactions, replication slots, prepared transactions); REINDEX INDEX CONCURRENTLY
    what is invalid.

    Source: check_postgres, actions backends, sequence, txn_wraparound; PostgreSQL, section 24.1.5
    """
    if held.kept_off:
        return failed(
            f"{held.used} of {held.usable} connections are in use: a deploy, or a second instance, finds none left",
            "golive opened no more of them: sequences, indexes and transaction ids were not looked at",
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
        text = f"the sequence {each.name} is at {each.last} of {each.limit}, {percent(each.share)}"
        yield each.share, ask.sequences_warn, ask.sequences_fail, text
    for age in server.ages:
        for count, what in ((age.transactions, "transactions"), (age.multixacts, "multixacts")):
            text = f"the oldest row of {age.database} is {count} {what} old"
            yield count, ask.transactions_warn, ask.transactions_fail, text
