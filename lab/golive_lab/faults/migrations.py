"""What can be wrong with the migrations: of the master, of one tenant of several, and of the repository."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from golive_lab.fault import Fault
from golive_lab.world.postgres import TENANTS, Migration, Row, Schema

if TYPE_CHECKING:
    from golive_lab.world import World

APPLIED, SUCCEEDED = "db.migrations-applied", "db.migrations-succeeded"
UNEDITED, KNOWN = "db.migrations-unedited", "db.migrations-known"
DRIFT = "db.schema-drift"
FIRST, LAST = 0, -1
TENANT = TENANTS[LAST]
HALF_WAY: dict[str, object] = {"finished_at": None, "applied_steps_count": 0}
ERROR = "A migration failed to apply. Database error code: 42P07"
LATER, EARLIER = "20990101000000_from_another_branch", "20190101000000_before_the_squash"


def master(change: Callable[[Schema], Schema]) -> Callable[[World], World]:
    """Change the master's schema, and nothing else."""

    def changed(world: World) -> World:
        content = replace(world.postgres.content, master=change(world.postgres.content.master))
        return replace(world, postgres=replace(world.postgres, content=content))

    return changed


def tenant(change: Callable[[Schema], Schema]) -> Callable[[World], World]:
    """Change one tenant's schema, and nothing else."""

    def changed(world: World) -> World:
        tenants = world.postgres.content.tenants
        content = replace(world.postgres.content, tenants={**tenants, TENANT: change(tenants[TENANT])})
        return replace(world, postgres=replace(world.postgres, content=content))

    return changed


def row(which: int, **changes: object) -> Callable[[Schema], Schema]:
    """Change one of the rows that Prisma stored."""

    def changed(schema: Schema) -> Schema:
        rows = list(schema.rows or ())
        rows[which] = replace(rows[which], **changes)  # type: ignore[arg-type]  # fields of Row
        return replace(schema, rows=tuple(rows))

    return changed


def more(name: str, checksum: str = "0" * 64) -> Callable[[Schema], Schema]:
    """Add a row of a migration that the repository does not have."""
    return lambda schema: replace(schema, rows=(*(schema.rows or ()), Row(name, checksum)))


def without_last(schema: Schema) -> Schema:
    """Take away the row of the last migration."""
    return replace(schema, rows=(schema.rows or ())[:-1])


def without_table(schema: Schema) -> Schema:
    """Take away Prisma's table."""
    return replace(schema, rows=None)


def by_hand(sql: str) -> Callable[[Schema], Schema]:
    """Change a schema without a migration."""
    return lambda schema: replace(schema, sql=schema.sql + sql)


def folder(change: Callable[[tuple[Migration, ...]], tuple[Migration, ...]]) -> Callable[[World], World]:
    """Change the tenants' migrations in the repository, and nothing else."""

    def changed(world: World) -> World:
        repository = world.postgres.repository
        repository = replace(repository, tenants=change(repository.tenants))
        return replace(world, postgres=replace(world.postgres, repository=repository))

    return changed


FAULTS = (
    Fault(
        "migrations.tenant-pending", APPLIED, "A tenant lacks the last migration", tenant(without_last), also=(DRIFT,)
    ),
    Fault(
        "migrations.master-pending", APPLIED, "The master lacks the last migration", master(without_last), also=(DRIFT,)
    ),
    Fault(
        "migrations.all-pending",
        APPLIED,
        "The repository has a migration that nobody ran",
        folder(lambda those: (*those, Migration("20990101000000_new", "SELECT 1;\n"))),
    ),
    Fault(
        "migrations.no-table",
        APPLIED,
        "No migration was ever applied to a tenant",
        tenant(without_table),
        also=(DRIFT,),
    ),
    Fault(
        "migrations.no-folder",
        APPLIED,
        "The repository has no migration for its tenants",
        folder(lambda _: ()),
        also=("db.migrations-*", DRIFT),  # there is nothing to hold the rows against
        outcome="unknown",
    ),
    Fault(
        "migrations.rolled-back",
        APPLIED,
        "A tenant's last migration was rolled back, and not applied again",
        tenant(row(LAST, **HALF_WAY, rolled_back_at="2026-01-05 11:00:00+00", logs=ERROR)),
        also=(DRIFT,),
    ),
    Fault(
        "migrations.out-of-order",
        APPLIED,
        "A tenant got the first migration after the others",
        tenant(row(FIRST, started_at="2026-01-06 10:00:00+00", finished_at="2026-01-06 10:00:01+00")),
        outcome="warn",
    ),
    Fault(
        "migrations.failed",
        SUCCEEDED,
        "A tenant's last migration failed",
        tenant(row(LAST, **HALF_WAY, logs=ERROR)),
        also=(APPLIED, DRIFT),  # nor is it applied
    ),
    Fault(
        "migrations.crashed",
        SUCCEEDED,
        "The master's last migration was cut off",
        master(row(LAST, **HALF_WAY)),
        also=(APPLIED, DRIFT),  # nor is it applied
    ),
    Fault(
        "migrations.edited",
        UNEDITED,
        "A migration was edited after it was applied",
        folder(lambda those: (replace(those[0], sql=those[0].sql + "-- a last touch\n"), *those[1:])),
    ),
    Fault(
        "migrations.tenant-differs",
        UNEDITED,
        "A tenant had another text applied",
        tenant(row(FIRST, checksum="f" * 64)),
    ),
    Fault(
        "migrations.unknown", KNOWN, "A tenant has a migration of another branch", tenant(more(LATER)), also=(DRIFT,)
    ),
    Fault("migrations.squashed", KNOWN, "A tenant has a migration from before", tenant(more(EARLIER)), outcome="warn"),
    Fault(
        "drift.column",
        DRIFT,
        "Somebody has added a column to the master by hand",
        master(by_hand('ALTER TABLE "invoices" ADD COLUMN "paid_by" TEXT;')),
    ),
    Fault(
        "drift.index",
        DRIFT,
        "Somebody has dropped an index of one tenant by hand",
        tenant(by_hand('DROP INDEX "sales_sold_at_idx";')),
    ),
    Fault(
        "drift.type",
        DRIFT,
        "Somebody has changed the type of a column by hand",
        tenant(by_hand('ALTER TABLE "products" ALTER COLUMN "price" TYPE BIGINT;')),
    ),
)
