"""What can be wrong with the database server and the application's way to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.world.env_texts import made_up
from golive_lab.world.postgres import APP, HOST
from golive_lab.world.tls import Chain

if TYPE_CHECKING:
    from golive_lab.world import World

REACHABLE, ENCRYPTED, VERSION, ROLE = "db.reachable", "db.encrypted", "db.version-supported", "db.role-least-privilege"
ARCHIVING, POOL, TIMEOUTS, HEADROOM = "db.archiving-works", "db.pool-fits", "db.timeouts-set", "db.headroom"
SEEDED = "db.demo-tenant-seeded"
OF_PAYMENTS = (
    "*.forgery-refused",
    "payments.ledger-agrees",
    "payments.none-stuck",
    "stripe.amount-asked",
    "stripe.reconciles",
)
ALL = ("db.*", *OF_PAYMENTS, "audit.domains-covered")
"""Where nobody gets in, nothing else can be seen."""


def server(**changes: Any) -> Callable[[World], World]:
    """Change how the server is set up, and nothing else."""
    return lambda world: replace(
        world, postgres=replace(world.postgres, server=replace(world.postgres.server, **changes))
    )


def content(**changes: Any) -> Callable[[World], World]:
    """Change what is in the server, and nothing else."""
    return lambda world: replace(
        world, postgres=replace(world.postgres, content=replace(world.postgres.content, **changes))
    )


def app_role(**changes: Any) -> Callable[[World], World]:
    """Change the application's role."""

    def change(world: World) -> World:
        roles = world.postgres.content.roles
        return content(roles={**roles, APP: replace(roles[APP], **changes)})(world)

    return change


def certificate(**chain: Any) -> Callable[[World], World]:
    """Give the server another certificate."""
    return server(certificate=Chain(**{"names": (HOST, "127.0.0.1"), **chain}))


def profile(**changes: Any) -> Callable[[World], World]:
    """Change what the profile says of the databases."""
    return lambda world: replace(
        world, postgres=replace(world.postgres, profile=replace(world.postgres.profile, **changes))
    )


LIMITS = {"statement_timeout": "30s", "idle_in_transaction_session_timeout": "60s"}
NEARLY_FULL = "SELECT setval('tenant_demo.sales_id_seq', 2061584302)"
UNFINISHED = "CREATE UNIQUE INDEX CONCURRENTLY sales_once ON tenant_demo.sales (product_id)"
"""Every sale there is of one product."""

FAULTS = (
    Fault("db.down", REACHABLE, "The database server is down", server(up=False), also=ALL),
    Fault(
        "db.password",
        REACHABLE,
        "The application has an old password",
        app_role(password=made_up("a new password", 32)),
        also=ALL,
    ),
    Fault(
        "db.role-full",
        REACHABLE,
        "All the role's connections are taken",
        app_role(attributes="CONNECTION LIMIT 0"),
        ALL,
    ),
    Fault("db.plain", ENCRYPTED, "The database server has no TLS", server(certificate=None), also=ALL),
    Fault("db.stranger", ENCRYPTED, "The server's certificate is untrusted", certificate(issuer="stranger"), also=ALL),
    Fault("db.other-name", ENCRYPTED, "The certificate is for another server", certificate(names=(HOST,)), also=ALL),
    Fault("db.expired", ENCRYPTED, "The server's certificate has expired", certificate(age_days=91), also=ALL),
    Fault(
        "db.tls-unverified",
        ENCRYPTED,
        "The URL accepts any certificate",
        profile(tls="sslmode=require"),
        outcome="warn",
    ),
    Fault("db.tls-optional", ENCRYPTED, "The URL goes on without TLS", profile(tls="sslmode=prefer"), outcome="warn"),
    Fault("db.old", VERSION, "The version is older than the profile requires", profile(version_at_least=99)),
    Fault("db.superuser", ROLE, "The application is a superuser", app_role(attributes="SUPERUSER")),
    Fault("db.bypasses-rls", ROLE, "The application bypasses row level security", app_role(attributes="BYPASSRLS")),
    Fault(
        "db.runs-programs", ROLE, "The application may run programs", app_role(member_of=("pg_execute_server_program",))
    ),
    Fault("db.creates-roles", ROLE, "The role may make others", app_role(attributes="CREATEROLE"), outcome="warn"),
    Fault("db.archive-off", ARCHIVING, "The log is archived nowhere", server(archive="off")),
    Fault("db.archive-fails", ARCHIVING, "The archive_command fails", server(archive="fails")),
    Fault("db.archive-stale", ARCHIVING, "The archiver hangs, and the log piles up", server(archive="hangs")),
    Fault("db.slot-unread", ARCHIVING, "Nobody reads from Barman's slot", server(archive="off", slot="barman")),
    Fault("db.slot-left", ARCHIVING, "A slot of old keeps the log", server(slot="replica_2"), outcome="warn"),
    Fault("db.pools-too-large", POOL, "The pools may open 40 of 27", server(settings={"max_connections": "30"})),
    Fault("db.no-timeouts", TIMEOUTS, "A statement may run forever", app_role(settings={"lock_timeout": "10s"})),
    Fault(
        "db.no-lock-timeout", TIMEOUTS, "A lock may be waited for, forever", app_role(settings=LIMITS), outcome="warn"
    ),
    Fault("db.sequence-full", HEADROOM, "A sequence is at 96%", content(sql=NEARLY_FULL)),
    Fault(
        "db.invalid-index",
        HEADROOM,
        "An index was not finished",
        content(statements=(UNFINISHED,)),
        also=("db.schema-drift",),
    ),
    Fault("db.demo-empty", SEEDED, "The demo tenant has no products", content(sql="TRUNCATE tenant_demo.products")),
)
