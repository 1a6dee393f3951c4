"""Which server holds each database of the profile, so that a restore drill keeps off it."""

import datetime as dt
from dataclasses import dataclass

from golive import Fact, probe
from golive_checks.subjects import Database
from golive_checks.systems.postgres.client.client import Postgres

IDENTITY = "SELECT (pg_control_system()).system_identifier, pg_postmaster_start_time()"


@dataclass(frozen=True)
class ServerIdentity(Fact):
    """The identifier of a server's cluster, which a copy of its files shares, and when the server was started."""

    identifier: int
    started_at: dt.datetime


@probe("postgres.server-identity")
async def server_identity(database: Database, postgres: Postgres) -> ServerIdentity:
    """Ask a database which server holds it."""
    [(identifier, started_at)] = await postgres.rows(database.audit_url, IDENTITY)
    return ServerIdentity(identifier, started_at)
