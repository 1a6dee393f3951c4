"""May the application's role do what it needs and no more, and does the server end what takes too long?"""

from golive import Severity, Verdict, check, verdict
from golive.wording import duration
from golive_checks.subjects import Database
from golive_checks.systems.postgres.connection import AppRole


@check("db.role-least-privilege", severity=Severity.HIGH)
def role_least_privilege(database: Database, role: AppRole) -> Verdict:
    """The application's role cannot do more than the application needs.

    Why: One injected statement runs with all of the role's privileges. A superuser reads every tenant, switches off row
    level security, reads the server's files and runs programs on its machine.

    Fix: Give the application a role of its own: CREATE ROLE app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    let another role, used only for deploys, own the tables.

    Source: PostgreSQL, role attributes and predefined roles
    """
    fails = [text for so, text in ((role.superuser, "is a superuser"), (role.bypasses_rls, "has BYPASSRLS")) if so]
    if not role.superuser:  # who is a member of all by being one
        fails += [f"is a member of {name}" for name in role.member_of]
    warns = (
        (role.creates_roles, "has CREATEROLE"),
        (role.creates_databases, "has CREATEDB"),
        (role.replicates, "has REPLICATION: it may copy the whole server"),
    )
    lines = [f"the role {role.name} {text}" for text in fails]
    return verdict(
        lines,
        [f"the role {role.name} {text}" for so, text in warns if so and not role.superuser],
        ok=f"the role {role.name} has no power beyond its own tables",
    )


@check("db.timeouts-set", severity=Severity.MEDIUM)
def timeouts_set(database: Database, role: AppRole) -> Verdict:
    """No statement, lock or transaction of the application can block the others forever.

    Why: One endless report, or one forgotten transaction, keeps its connection, its locks and every dead row since.
    Without a limit the server lets it run.

    Fix: ALTER ROLE app SET statement_timeout = '30s'; likewise idle_in_transaction_session_timeout = '60s' and
    lock_timeout = '10s'. New connections get them at once, also through pgBouncer.

    Source: PostgreSQL, client connection defaults; the session's own values by role, database, server and URL
    """
    limits = {**role.timeouts_ms} | {name: milliseconds(text) for name, text in role.url_timeouts.items()}
    fields = {name: f"{name} is 0: there is no limit" for name, limit in limits.items() if not limit}
    fails = [text for name, text in fields.items() if name != "lock_timeout"]
    warns = [text for name, text in fields.items() if name == "lock_timeout"]
    seen = ", ".join(f"{name} {duration(limit / 1000)}" for name, limit in sorted(limits.items(), reverse=True))
    return verdict(sorted(fails), warns, ok=seen)


UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "min": 60_000.0, "h": 3_600_000.0, "d": 86_400_000.0, "": 1.0}
"""https://www.postgresql.org/docs/current/config-setting.html, section 19.1.1; without a unit it is milliseconds."""


def milliseconds(text: str) -> int:
    """Read a time as Postgres does; what is none counts as no limit, for the server would refuse it."""
    number = text.strip("'").rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = text.strip("'")[len(number) :]
    try:
        return round(float(number) * UNITS_MS[unit])
    except (ValueError, KeyError):
        return 0
