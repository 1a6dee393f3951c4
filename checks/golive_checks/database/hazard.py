"""What do the pending migrations do to those who are at work meanwhile?"""

from dataclasses import replace

from golive import Phase, Severity, Verdict, check, not_applicable, unknown, verdict
from golive_checks.subjects import Recovery
from golive_checks.systems.drill.drill import Drill
from golive_checks.systems.drill.hazard import Hazard
from golive_checks.systems.drill.hazard_record import Lock, Rehearsal
from golive_checks.systems.drill.record import span


@check("db.migration-hazard", severity=Severity.HIGH, phase=Phase.BEFORE)
def migration_hazard(to: Recovery, drill: Drill, ask: Hazard) -> Verdict:
    """Pending migrations, tried on a restored copy, lock no table for long and leave the previous release working.

    Why: ALTER TYPE rewrites a table while nobody can read it; CREATE INDEX lets nobody write until it is done; a column
    that is dropped before the last old instance has ended breaks every request that still reads it.

    Fix: Expand, then contract: add a new column, fill it in batches, switch, and drop the old one in a later release.
    CREATE INDEX CONCURRENTLY alone in its migration; constraints as NOT VALID first, validated in a later migration.

    Source: https://www.postgresql.org/docs/current/sql-altertable.html, Notes; explicit-locking.html, table 13.2
    """
    seen = drill.rehearsed
    if seen is None:
        return unknown("the dump could not be restored, so nothing was tried on a copy", fix="See restore.drilled.")
    if seen.gap:
        return unknown(seen.gap, fix=seen.fix)
    fails = [line for run in seen.migrations for line in _hazards(run, ask)]
    fails += [
        f"the previous release's smoke fails after them: {smoke.command} {smoke.trouble}"
        for smoke in seen.smoke
        if smoke.trouble
    ]
    if not seen.migrations and not seen.smoke:
        return not_applicable("no migration is pending on the restored copy")
    passed_smoke = f", the previous release's {len(seen.smoke)} smoke commands pass" if seen.smoke else ""
    judged = verdict(
        fails,
        ok=f"{len(seen.migrations)} pending on the copy: none blocks a table for long{passed_smoke}",
        evidence=[_told(run) for run in seen.migrations],
    )
    return replace(judged, unseen=seen.unseen)


def _hazards(run: Rehearsal, ask: Hazard) -> list[str]:
    """List what is wrong with one migration."""
    found = [f"{run.migration}: {line}" for lock in run.locks if (line := _hazard(lock, ask))]
    return [f"{run.migration} fails on the copy: {run.trouble}", *found] if run.trouble else found


def _hazard(lock: Lock, ask: Hazard) -> str:
    """Say what is wrong with a lock; empty where nothing is."""
    who = f"blocks {lock.blocks} of {lock.table}"
    if lock.held_s > ask.max_lock_s:
        return f"{who} for {span(lock.held_s)}, at most {span(ask.max_lock_s)}: {lock.statement}"
    works = "rewrites it" if lock.rewritten else f"reads through its {lock.scanned_rows:,} rows"
    if (lock.scanned_rows > ask.large_rows) or ((lock.rewritten or lock.scanned_rows) and lock.bytes > ask.large_bytes):
        return f"{who} while it {works} ({lock.bytes:,} bytes): {lock.statement}"
    return ""


def _told(run: Rehearsal) -> str:
    locks = ", ".join(f"{lock.mode} on {lock.table} for {span(lock.held_s)}" for lock in run.locks[:5])
    return f"{run.migration}: {span(run.seconds)}, {locks or 'no lock that blocks reads or writes'}"
