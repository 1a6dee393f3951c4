"""What do the pending migrations do to those who are at work meanwhile?"""

from dataclasses import replace

from golive import Phase, Severity, Verdict, check, not_applicable, shortened, unknown, verdict
from golive.wording import duration
from golive_checks.subjects import Recovery
from golive_checks.systems.drill.drill import Drill
from golive_checks.systems.drill.hazard import Hazard
from golive_checks.systems.drill.hazard_record import Lock, Loss, Rehearsal, Smoke, WrittenRows

TRY_ALL = "Set database.hazard.max_tenants higher, or let the tool itself apply them: database.hazard.deploy."


@check("db.migration-hazard", severity=Severity.HIGH, phase=Phase.BEFORE)
def migration_hazard(to: Recovery, drill: Drill, ask: Hazard) -> Verdict:
    """Pending migrations, tried on a restored copy, lock nothing for long and remove nothing that is still in use.

    Why: ALTER TYPE rewrites a table while nobody can read it; CREATE INDEX blocks writes until it is done; a column
    that is dropped or renamed before the last old instance has stopped breaks every request that still reads it.
    Deleted rows come back only from a backup.

    Fix: Expand, then contract: add a new column, fill it in batches, switch, and drop the old one in a later release.
    CREATE INDEX CONCURRENTLY alone in its migration; constraints as NOT VALID first, validated in a later migration.
    List what is meant to go under `expected`. If the smoke commands of the previous release pass, a schema change only
    warns.

    Source: https://www.postgresql.org/docs/current/sql-altertable.html, Notes; explicit-locking.html, table 13.2
    """
    seen = drill.rehearsed
    if seen is None:
        return unknown("the dump could not be restored, so nothing was tried on a copy", fix="See restore.drilled.")
    if seen.gap:
        return unknown(seen.gap, fix=seen.fix)
    fails = [line for run in seen.migrations for line in _hazards(run, ask)]
    fails += [_broken(smoke) for smoke in seen.smoke if smoke.code != 0]
    gone = [line for run in seen.migrations for line in _gone(run, ask, mild=False)]
    mild = [line for run in seen.migrations for line in _gone(run, ask, mild=True)]
    # The old release's smoke passed on the new schema, so that what is gone is not what it uses: a warning will do.
    fails += [line for run in seen.migrations for line in _rows_gone(run, ask)] + ([] if seen.smoke else gone)
    if seen.untried and not fails:
        return unknown(f"not tried on the copy: {seen.untried[0]}", *map(_timing, seen.migrations), fix=TRY_ALL)
    if not seen.migrations and not seen.smoke:
        return not_applicable("no migration is pending on the restored copy")
    passed_smoke = f", the previous release's {len(seen.smoke)} smoke commands pass" if seen.smoke else ""
    judged = verdict(
        fails,
        [*gone, *mild] if seen.smoke else mild,
        ok=f"{len(seen.migrations)} pending on the copy: none blocks a table for long or drops anything{passed_smoke}",
        evidence=[_timing(run) for run in seen.migrations],
    )
    return replace(judged, unseen=(*seen.unseen, *seen.untried))


def _broken(smoke: Smoke) -> str:
    late = smoke.code is None
    ended = f"did not end within {duration(smoke.limit_s)}" if late else f"ended with code {smoke.code}"
    return f"the previous release's smoke fails after them: {smoke.command} {ended}"


def _hazards(run: Rehearsal, ask: Hazard) -> list[str]:
    """List what is wrong with one migration."""
    found = [f"{run.migration}: {line}" for lock in run.locks if (line := _hazard(lock, ask))]
    found += [f"{run.migration}: {line}" for rows in run.written if (line := _locked_rows(rows, ask))]
    return [f"{run.migration} fails on the copy: {run.trouble}", *found] if run.trouble else found


def _hazard(lock: Lock, ask: Hazard) -> str:
    """Say what is wrong with a lock; empty where nothing is."""
    who = f"blocks {lock.blocks} of {lock.table}"
    if lock.held_s > ask.max_lock_s:
        return f"{who} for {duration(lock.held_s)}, at most {duration(ask.max_lock_s)}: {lock.statement}"
    works = "rewrites it" if lock.rewritten else f"reads through its {lock.scanned_rows:,} rows"
    if (lock.scanned_rows > ask.large_rows) or ((lock.rewritten or lock.scanned_rows) and lock.bytes > ask.large_bytes):
        return f"{who} while it {works} ({lock.bytes:,} bytes): {lock.statement}"
    return ""


def _locked_rows(rows: WrittenRows, ask: Hazard) -> str:
    """Say that a statement keeps many rows locked, or a few for long; empty where it does not."""
    count = rows.changed + rows.deleted
    if count and (rows.held_s > ask.max_lock_s or count > ask.large_rows):
        return f"keeps {count:,} rows of {rows.table} locked for {duration(rows.held_s)}: {rows.statement}"
    return ""


MILD = {"nullable", "unfilled", "index", "constraint", "unchecked"}
"""What the previous release may notice, and may not: a warning."""


def _gone(run: Rehearsal, ask: Hazard, *, mild: bool) -> list[str]:
    """List what those who use the schema as it was no longer find."""
    return [
        f"{run.migration}: {_loss(loss)}: {loss.statement}"
        for loss in run.losses
        if (loss.kind in MILD) is mild and not _meant(loss, ask)
    ]


def _rows_gone(run: Rehearsal, ask: Hazard) -> list[str]:
    return [
        f"{run.migration}: {'all' if rows.truncated else f'{rows.deleted:,}'} rows of {rows.table} are gone: "
        f"{rows.statement}"
        for rows in run.written
        if (rows.truncated or rows.deleted) and rows.table not in ask.expected
    ]


def _meant(loss: Loss, ask: Hazard) -> bool:
    return (f"{loss.name}.{loss.was}" if loss.kind == "label" else loss.name) in ask.expected


def _loss(loss: Loss) -> str:
    """Say what is missing, or is no longer as it was."""
    return {
        "table": f"{loss.name} is gone",
        "column": f"{loss.name} is gone",
        "label": f"{loss.name} has no {loss.was!r} any more",
        "type": f"{loss.name} is {loss.now}, and was {loss.was}",
        "not null": f"{loss.name} no longer allows NULL",
        "default": f"{loss.name} does not allow NULL and has lost its default",
        "object": f"{loss.name} is gone",
        "unfilled": f"{loss.name} has lost its default: rows of the previous release hold NULL there",
        "unchecked": f"{loss.name} is gone, and holds nobody any more to {shortened(loss.was, 120)}",
        "nullable": f"{loss.name} may be NULL, which the previous release never had to read",
        "index": f"the index {loss.name} of {loss.was} is gone, and was not dropped CONCURRENTLY",
        "constraint": f"{loss.name} refuses what the previous release may still write: {shortened(loss.now, 120)}",
        "demanded": f"{loss.name} is new, does not allow NULL and has no default: the previous release cannot insert",
    }[loss.kind]


def _timing(run: Rehearsal) -> str:
    locks = ", ".join(f"{lock.mode} on {lock.table} for {duration(lock.held_s)}" for lock in run.locks[:5])
    return f"{run.migration}: {duration(run.seconds)}, {locks or 'no lock that blocks reads or writes'}"
