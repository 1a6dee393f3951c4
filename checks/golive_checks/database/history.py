"""Prisma's state machine: what a schema's rows and the repository's folder say of each migration."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from golive_checks.probes.clients.prisma_folder import Folder
from golive_checks.probes.clients.prisma_table import MigrationRow
from golive_checks.probes.migrations import MigrationRows

LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class History:
    """The migrations of one schema, by name, each list in the folder's order.

    A migration of the folder is either applied or lacking; of the latter some were `rolled_back`, some `failed`.
    """

    applied: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    rolled_back: tuple[str, ...] = ()
    """Rolled back, and not applied again: `prisma migrate status` says "up to date" of them."""
    failed: tuple[str, ...] = ()
    """Also those that the folder lacks: any of them stops `prisma migrate deploy` (P3009)."""
    unfinished: tuple[str, ...] = ()
    """Running at this moment, or cut off: nothing was logged."""
    by_hand: tuple[str, ...] = ()
    """Marked as applied by `prisma migrate resolve`: none of their steps was run."""
    edited: tuple[str, ...] = ()
    uncompared: bool = False
    """Applied by a Prisma that kept no checksum."""
    disordered: tuple[tuple[str, str], ...] = ()
    """A migration that was applied after one that follows it in the folder, and that one."""
    squashed: tuple[str, ...] = ()
    """Applied, and older than all that the folder has."""
    unknown: tuple[str, ...] = ()
    """Applied, newer than the oldest that the folder has, and not in it."""


def history(seen: MigrationRows, folder: Folder) -> History:
    """Tell what became of each migration."""
    newest = _newest(seen.rows)
    live = {name: row for name, row in newest.items() if not row.rolled_back_at}
    local = {migration.name: migration for migration in folder.migrations}
    halted = [row for row in seen.rows if not row.finished_at and not row.rolled_back_at]
    finished = {name for name, row in live.items() if row.finished_at}
    done = [name for name in local if name in finished]
    strange = sorted(finished - set(local))
    oldest = min(local, default="")
    compared = "checksum" not in seen.lacks
    return History(
        applied=tuple(done),
        lacking=tuple(name for name in local if name not in finished),
        rolled_back=tuple(name for name in local if name in newest and name not in live),
        failed=_names(row for row in halted if row.logged),
        unfinished=_names(row for row in halted if not row.logged),
        by_hand=tuple(name for name in done if not live[name].steps) if "applied_steps_count" not in seen.lacks else (),
        edited=tuple(n for n in done if live[n].checksum not in local[n].checksums) if compared else (),
        uncompared=bool(done) and not compared,
        disordered=_disordered([live[name] for name in done]),
        squashed=tuple(name for name in strange if name < oldest),
        unknown=tuple(name for name in strange if name >= oldest),
    )


def _names(rows: Iterable[MigrationRow]) -> tuple[str, ...]:
    return tuple(sorted({row.name for row in rows}))


def _newest(rows: Iterable[MigrationRow]) -> dict[str, MigrationRow]:
    """Return the newest row of each name that is not rolled back, or the newest of those that all are."""
    found: dict[str, MigrationRow] = {}
    for row in sorted(rows, key=_when):
        if row.name not in found or not row.rolled_back_at or found[row.name].rolled_back_at:
            found[row.name] = row
    return found


def _when(row: MigrationRow) -> dt.datetime:
    return row.started_at or row.finished_at or LONG_AGO


def _disordered(rows: Sequence[MigrationRow]) -> tuple[tuple[str, str], ...]:
    """Return each that was applied later than one that stands behind it, with the first such; rows come in order."""
    found: list[tuple[str, str]] = []
    first: MigrationRow | None = None
    for row in reversed(rows):
        if first and _when(row) > _when(first):
            found.append((row.name, first.name))
        elif not first or _when(row) < _when(first):
            first = row
    return tuple(reversed(found))
