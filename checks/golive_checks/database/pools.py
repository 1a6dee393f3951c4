"""Do all the connections that the application may open at once fit on the server?"""

from typing import ClassVar

from pydantic import Field

from golive import Outcome, Settings, Severity, Verdict, check, failed, passed, unknown, verdict
from golive_checks.subjects import Database
from golive_checks.systems.postgres.server import AppPool, ServerState


class Pools(Settings):
    """Who opens how many connections. The pool of each client is read from the URL where it says so."""

    home: ClassVar[str] = "database.pools"

    instances: int | None = Field(default=None, ge=1)
    """Processes of the application that run at once, its workers and, during a deploy, the old release's included."""
    open_tenants: int | None = Field(default=None, ge=1)
    """Database clients that one instance keeps open at a time: one for each tenant it serves, and the master's."""
    pool_size: int | None = Field(default=None, ge=1)
    """Connections of one client, where the URL has no connection_limit that counts: `max` of Prisma 7's adapter."""
    cores: int | None = Field(default=None, ge=1)
    """Cores of an instance: Prisma 5 and 6 open cores x 2 + 1 connections unless told otherwise."""
    others: int = Field(default=0, ge=0)
    """Connections of others: migrations, reports, backups, monitoring."""
    pooler_clients: int | None = Field(default=None, ge=1)
    """How many clients the pooler takes: pgBouncer's max_client_conn."""
    pooler_pools: int = Field(default=1, ge=1)
    """Pools of the pooler: one for each pair of user and database."""
    pooler_pool_size: int | None = Field(default=None, ge=1)
    """Connections of each to the server: pgBouncer's default_pool_size."""
    pooler_reserve: int = Field(default=0, ge=0)
    """Connections more that each may take: pgBouncer's reserve_pool_size."""


@check("db.pool-fits", severity=Severity.HIGH)
def pool_fits(database: Database, server: ServerState, pool: AppPool, ask: Pools) -> Verdict:
    """The server has room for all connections that the application's pools may open at once.

    Why: Each instance opens a pool, and each tenant's client one more. They fit on a quiet day; on a busy one, or while
    the old and the new release run side by side, the server says "too many clients" to everyone.

    Fix: Lower connection_limit, keep fewer tenants' clients open, put pgBouncer in between, or raise max_connections
    (which costs memory).

    Source: Prisma, connection pool; pgBouncer, max_client_conn and default_pool_size
    """
    lacking = _lacking(database, pool, ask)
    if lacking:
        return unknown(f"the profile does not say {lacking[0]}", fix=f"Set database.pools.{lacking[1]}.")
    size = ask.pool_size or pool.connection_limit or (ask.cores or 0) * 2 + 1
    instances, clients = ask.instances or 1, ask.open_tenants or 1
    asked = instances * clients * size
    sum_ = f"{instances} instances x {clients} clients x {size} connections"
    if not (pool.through_pooler or ask.pooler_clients):
        return _fits(asked + ask.others, server.usable, f"{sum_} + {ask.others} others", "the server")
    taken = ask.pooler_pools * ((ask.pooler_pool_size or 0) + ask.pooler_reserve) + ask.others
    pools = f"{ask.pooler_pools} pools x ({ask.pooler_pool_size} + {ask.pooler_reserve}) + {ask.others} others"
    both = [_fits(asked, ask.pooler_clients or 0, sum_, "the pooler"), _fits(taken, server.usable, pools, "the server")]
    fails = [each.summary for each in both if each.outcome is Outcome.FAIL]
    return verdict(fails, ok="; ".join(each.summary for each in both))


def _lacking(database: Database, pool: AppPool, ask: Pools) -> tuple[str, str] | None:
    """Return what the sum cannot be made without, in words and as the setting's name."""
    pooled = pool.through_pooler or ask.pooler_clients
    wanted = (
        (ask.instances, "how many instances of the application run", "instances"),
        (ask.open_tenants or not database.tenants, "how many tenants' clients an instance keeps open", "open_tenants"),
        (ask.pool_size or pool.connection_limit or ask.cores, "how large a client's pool is", "pool_size"),
        (ask.pooler_clients or not pooled, "how many clients the pooler allows", "pooler_clients"),
        (ask.pooler_pool_size or not pooled, "how many connections the pooler opens", "pooler_pool_size"),
    )
    return next(((words, name) for given, words, name in wanted if not given), None)


def _fits(asked: int, there: int, sum_: str, whose: str) -> Verdict:
    if asked > there:
        return failed(f"{sum_} = {asked}, and {whose} has {there}")
    return passed(f"{sum_} = {asked} of {there} that {whose} has")
