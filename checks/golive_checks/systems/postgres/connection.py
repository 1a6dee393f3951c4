"""What the application's own login meets: whether it works, how it is encrypted, what its role may do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from golive import Fact, probe, shortened
from golive_checks.subjects import Database
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.connect import PostgresLimits
from golive_checks.systems.postgres.client.trouble import NOT_SEEN, PostgresTrouble, TroubleKind
from golive_checks.systems.postgres.client.url import Demand, read

POWERS = ("pg_execute_server_program", "pg_write_server_files", "rds_superuser")
"""Roles whose members are as good as superusers, and Amazon's own superuser
(https://www.postgresql.org/docs/current/predefined-roles.html)."""

TIMEOUTS = ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")

GIVEN = re.compile(r"(?:-c\s*|--)(?P<name>[a-z_]+)=(?P<value>\S+)")
"""A setting in the `options` of a URL: `-c statement_timeout=30s`."""


@dataclass(frozen=True)
class AppLogin(Fact):
    """How a connection with the application's URL went: `refusal` is why the server refused it, and its kind.

    `demand` is what the URL asks of TLS; `secure` that the connection is encrypted and `verified` that its certificate
    was held against a CA, both as the client saw it: pg_stat_ssl describes the pooler's connection where there is one.
    """

    demand: Demand
    by_socket: bool = False
    refusal: str = ""
    kind: str = ""
    fix: str = ""
    secure: bool = False
    verified: bool = False
    standby: bool = False
    """The server is in recovery: it takes no writes."""


@dataclass(frozen=True)
class AppRole(Fact):
    """What the application's role may do, and the timeouts that a session of it begins with, in milliseconds.

    `url_timeouts` are those that the URL's own `options` set, as they stand there.
    """

    name: str
    superuser: bool
    bypasses_rls: bool
    creates_roles: bool
    creates_databases: bool
    replicates: bool
    member_of: tuple[str, ...]
    timeouts_ms: Mapping[str, int]
    url_timeouts: Mapping[str, str]


@probe("postgres.app-login")
async def app_login(database: Database, postgres: Postgres, limits: PostgresLimits) -> AppLogin:
    """Connect as the application does."""
    url = read(database.url)
    demand = url.demand(limits.reader)
    try:
        async with postgres.reading(database.url) as reading:
            ((standby,),) = await reading.rows("SELECT pg_is_in_recovery()")
            return AppLogin(demand, url.by_socket, secure=reading.secure, verified=reading.verified, standby=standby)
    except PostgresTrouble as trouble:
        if trouble.kind in NOT_SEEN or trouble.transient:
            raise
        return AppLogin(demand, url.by_socket, trouble.reason, trouble.kind.value, trouble.fix)


ROLE = """\
SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
       ARRAY(SELECT rolname::text FROM pg_roles WHERE rolname = ANY(%s) AND pg_has_role(current_user, oid, 'MEMBER'))
  FROM pg_roles WHERE rolname = current_user"""

SESSION = "SELECT name, reset_val FROM pg_settings WHERE name = ANY(%s)"
"""What the session began with, by role, database and server: golive's own SET LOCAL does not show there."""


@probe("postgres.app-role")
async def app_role(database: Database, postgres: Postgres) -> AppRole:
    """Ask what the application's role may do, and which timeouts it has."""
    async with postgres.reading(database.url) as reading:
        ((name, superuser, bypasses, roles, databases, replicates, member_of),) = await reading.rows(
            ROLE, [list(POWERS)]
        )
        timeouts = {setting: int(value) for setting, value in await reading.rows(SESSION, [list(TIMEOUTS)])}
    options = read(database.url).parameters.get("options", "")
    given = {
        found["name"]: shortened(found["value"], 20) for found in GIVEN.finditer(options) if found["name"] in TIMEOUTS
    }
    powers = tuple(sorted(member_of))
    return AppRole(name, superuser, bypasses, roles, databases, replicates, powers, timeouts, given)


CERTIFICATE = frozenset({TroubleKind.UNTRUSTED.value, TroubleKind.WRONG_NAME.value, TroubleKind.EXPIRED.value})
TLS = CERTIFICATE | {
    TroubleKind.NO_TLS.value,
    TroubleKind.TLS_FAILED.value,
    TroubleKind.TLS_SILENT.value,
    TroubleKind.TLS_DEMANDED.value,
}
"""Refusals that are about TLS."""
