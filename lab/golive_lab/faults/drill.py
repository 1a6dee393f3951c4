"""What can be wrong with putting a backup back, and with a migration that is to come."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.world.postgres import Migration

if TYPE_CHECKING:
    from collections.abc import Callable

    from golive_lab.world import World
    from golive_lab.world.backups import Newest

DRILLED, FRESH, HAZARD = "restore.drilled", "restore.evidence-fresh", "db.migration-hazard"
DRIFT = "db.schema-drift"
"""Compares with a scratch database, which the drill's server has."""


def drill(**changes: Any) -> Callable[[World], World]:
    """Change what the drill demands, or what is left of the last one."""
    return lambda world: replace(world, drill=replace(world.drill, **changes))


def damaged(world: World) -> World:
    """Damage the newest dump where it holds data."""
    nightly = replace(world.backups.nightly, newest="damaged")
    return replace(world, backups=replace(world.backups, nightly=nightly))


def whole_cluster(newest: Newest) -> Callable[[World], World]:
    """Let the newest backup be a base backup, here and in the bucket."""

    def change(world: World) -> World:
        nightly, offsite = (replace(kept, newest=newest) for kept in (world.backups.nightly, world.backups.offsite))
        return replace(world, backups=replace(world.backups, nightly=nightly, offsite=offsite))

    return change


def pending(name: str, sql: str) -> Callable[[World], World]:
    """Add a migration to the repository that was applied nowhere yet."""

    def change(world: World) -> World:
        folders = world.postgres.repository
        added = (*folders.master, Migration(f"20260105090000_{name}", sql))
        return replace(world, postgres=replace(world.postgres, repository=replace(folders, master=added)))

    return change


FAULTS = (
    Fault(
        "restore.corrupt-dump",
        turns_red=DRILLED,
        title="The newest dump is damaged in its data: its table of contents and its end are whole",
        change=damaged,
        also=("backup.plausible",),  # which reads each block of it, as pg_restore does
    ),
    Fault(
        "restore.cluster-without-wal",
        turns_red=DRILLED,
        title="The newest backup is a base backup, and its WAL is zeros",
        change=whole_cluster("cluster without WAL"),
    ),
    Fault(
        "restore.query-fails",
        turns_red=DRILLED,
        title="The restored copy lacks a tenant that should be in it",
        change=drill(tenants=4),
    ),
    Fault(
        "restore.too-slow",
        turns_red=DRILLED,
        title="Recovery takes longer than its objective",
        change=drill(max_rto_s=0.001),
    ),
    Fault(
        "restore.too-old",
        turns_red=DRILLED,
        title="The newest dump is older than the objective allows",
        change=drill(max_rpo_s=60),
    ),
    Fault(
        "restore.never-drilled",
        turns_red=FRESH,
        title="No drill is set up here, and there is no evidence of one",
        change=drill(drills=False, evidence_days=None),
        also=(DRILLED, DRIFT),
    ),
    Fault(
        "restore.evidence-stale",
        turns_red=FRESH,
        title="No drill is set up here, and the last one was four months ago",
        change=drill(drills=False, evidence_days=120),
        also=(DRILLED, DRIFT),
        outcome="warn",
    ),
    Fault(
        "restore.evidence-expired",
        turns_red=FRESH,
        title="No drill is set up here, and the last one was more than a year ago",
        change=drill(drills=False, evidence_days=400),
        also=(DRILLED, DRIFT),
    ),
    Fault(
        "hazard.alter-type",
        turns_red=HAZARD,
        title="A pending migration rewrites a table to change a column's type",
        change=pending("amounts", 'ALTER TABLE "invoices" ALTER COLUMN "amount" TYPE BIGINT;\n'),
        phase="before",
    ),
    Fault(
        "hazard.index",
        turns_red=HAZARD,
        title="A pending migration creates an index without CONCURRENTLY",
        change=pending("index", 'CREATE INDEX "invoices_tenant_id_idx" ON "invoices"("tenant_id");\n'),
        phase="before",
    ),
    Fault(
        "hazard.deleted-rows",
        turns_red=HAZARD,
        title="A pending migration deletes rows",
        change=pending("clean", 'DELETE FROM "invoices";\n'),
        phase="before",
    ),
    Fault(
        "hazard.dropped-column",
        turns_red=HAZARD,
        title="A pending migration drops a column that the previous release still reads",
        change=pending("no_plan", 'ALTER TABLE "tenants" DROP COLUMN "plan";\n'),
        phase="before",
    ),
)
