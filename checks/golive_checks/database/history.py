"""Prisma's state machine: what a schema's rows and the repository's folder say of each migration."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from golive_checks.systems.migrations.client.prisma_folder import MigrationFolder
from golive_checks.systems.migrations.client.prisma_table import FINISHED, MigrationRow, MigrationStep
from golive_checks.systems.migrations.facts import MigrationRows


@dataclass(frozen=True)
class MigrationHistory:
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


def history(seen: MigrationRows, folder: MigrationFolder) -> MigrationHistory:
    """Tell what became of each migration."""
    newest = _newest(seen.rows)
    local = {migration.name: migration for migration in folder.migrations}
    finished = {name: row for name, row in newest.items() if row.step in FINISHED}
    done = tuple(name for name in local if name in finished)
    strange = sorted(finished.keys() - local.keys())
    # Squashing replaces old migrations by one; the database still lists them, and nothing is wrong with that.
    older = folder.older_than_all(strange)
    compared = "checksum" not in seen.lacks
    return MigrationHistory(
        applied=done,
        lacking=tuple(name for name in local if name not in finished),
        rolled_back=tuple(name for name in local if name in newest and newest[name].step is MigrationStep.ROLLED_BACK),
        failed=_names(seen.rows, MigrationStep.FAILED),
        unfinished=_names(seen.rows, MigrationStep.UNFINISHED),
        by_hand=tuple(name for name in done if finished[name].step is MigrationStep.MARKED),
        edited=tuple(name for name in done if finished[name].checksum not in local[name].checksums) if compared else (),
        uncompared=bool(done) and not compared,
        disordered=_disordered(done, list(finished)) if folder.ordered else (),
        squashed=tuple(name for name in strange if name in older),
        unknown=tuple(name for name in strange if name not in older),
    )


def _names(rows: Iterable[MigrationRow], step: MigrationStep) -> tuple[str, ...]:
    return tuple(sorted({row.name for row in rows if row.step is step}))


def _newest(rows: Iterable[MigrationRow]) -> dict[str, MigrationRow]:
    """Return the newest row of each name that is not rolled back, or the newest of those that all are, in order."""
    found: dict[str, MigrationRow] = {}
    for row in rows:
        known = found.get(row.name)
        if known is None or row.step is not MigrationStep.ROLLED_BACK or known.step is MigrationStep.ROLLED_BACK:
            found.pop(row.name, None)
            found[row.name] = row
    return found


def _disordered(local: Sequence[str], as_applied: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return each that was applied later than one that stands behind it in the folder, with the first such."""
    turn = {name: number for number, name in enumerate(as_applied)}
    found: list[tuple[str, str]] = []
    first = ""
    for name in reversed(local):
        if first and turn[name] > turn[first]:
            found.append((name, first))
        else:
            first = name
    return tuple(reversed(found))
