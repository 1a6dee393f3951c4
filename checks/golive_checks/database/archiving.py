"""Is the write-ahead log kept elsewhere, so that what happened since the last backup can be restored?"""

import datetime as dt
from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from golive import Now, Settings, Severity, Unavailable, Verdict, check, failed, passed, unknown, verdict, warned
from golive.profile.types import Duration
from golive.wording import duration
from golive_checks.subjects import Database
from golive_checks.systems.evidence.evidence import Attestation, Evidence
from golive_checks.systems.postgres.archiving import Archiver, ProviderBackups

ID = "db.archiving-works"


STATES = {"streaming": passed, "catchup": warned}
"""Of pg_stat_replication, in which who receives the log gets it: at once, or late."""
WORDS = {"streaming": "streams the log", "catchup": "receives the log, and is still behind"}


class Archiving(Settings):
    """How much of what happened since the last backup may be lost."""

    home: ClassVar[str] = "database.archiving"

    max_behind: int = Field(default=8, ge=0)
    """Finished segments of the log that may wait for the archiver."""
    max_wait_s: Duration = 900
    """How long a finished segment may wait."""
    receivers: tuple[str, ...] = ("pg_receivewal", "barman_receive_wal")
    """The application_name of a program that streams the log to a backup server. A standby is none."""
    restorable_within_s: Duration = 900
    """How far behind now the time may be up to which the provider can restore: 5 minutes are usual for RDS."""


@check(ID, severity=Severity.CRITICAL)
def archiving_works(
    database: Database,
    server: Archiver | Unavailable,
    provider: ProviderBackups | Unavailable,
    attested: Mapping[Attestation, Evidence | Unavailable] | Unavailable,
    ask: Archiving,
    now: Now,
) -> Verdict:
    """What happened since the last backup can be restored: the write-ahead log is archived, and was archived recently.

    Why: Without it the last dump is the newest state that can be restored: a day of sales is lost with the disk. Nobody
    notices an archive_command that fails until the log has filled the disk, or until the restore.

    Fix: Set archive_mode and archive_command (pgBackRest, Barman, WAL-G), or let pg_receivewal stream through a slot;
    on RDS and Aurora set the backup retention period above 0; elsewhere attest it, as db.archiving-works.

    Source: PostgreSQL, continuous archiving; pg_stat_archiver
    """
    if isinstance(provider, ProviderBackups):
        return _by_provider(provider, ask, now)
    seen = provider if database.managed else server  # a provider's archive settings prove nothing
    if isinstance(seen, Archiver):
        streams = [r for r in seen.receivers if r.name in ask.receivers and r.state in STATES]
        if streams:
            return STATES[streams[0].state](f"{streams[0].name} {WORDS[streams[0].state]}")
        if seen.mode != "off":
            return _by_archiver(seen, ask, now)
    return _attested(attested, now) or _not_kept(seen)


def _not_kept(seen: Archiver | Unavailable) -> Verdict:
    if isinstance(seen, Unavailable):
        return unknown(seen.reason, fix=seen.fix)
    idle = _idle(seen)
    return failed("archive_mode is off" + (f", and {idle[0]}" if idle else ""))


def _by_archiver(server: Archiver, ask: Archiving, now: Now) -> Verdict:
    if not server.has_command:
        return failed("archive_mode is on, and archive_command is empty: the log piles up on the server")
    if server.failed_at and (server.archived_at is None or server.failed_at > server.archived_at):
        return failed(f"archive_command fails, last at {_time(server.failed_at)}", *_last(server))
    if server.archived_at is None:
        return failed("nothing has been archived since the server's statistics began")
    waits = (now.at - server.archived_at).total_seconds() if server.behind else 0.0
    if server.behind > ask.max_behind or waits > ask.max_wait_s:
        reason = f"{server.behind} finished segments wait for the archiver, which last archived"
        return failed(f"{reason} at {_time(server.archived_at)}")
    idle = _idle(server)
    if not server.timeout_s:
        idle.append("archive_timeout is 0: on a quiet day the last changes stay on the server alone")
    return verdict((), idle, ok=f"the archiver keeps up, last at {_time(server.archived_at)}")


def _idle(server: Archiver) -> list[str]:
    unread = [name for name, active in server.slots if not active]
    return [f"nobody reads from the slot {name}: its log is kept until the disk is full" for name in unread]


def _last(server: Archiver) -> tuple[str, ...]:
    return (f"the last that worked was at {_time(server.archived_at)}",) if server.archived_at else ()


def _by_provider(provider: ProviderBackups, ask: Archiving, now: Now) -> Verdict:
    if not provider.retention_days:
        return failed(
            "the backup retention period is 0: there are no automated backups", fix="Set it to 7 days or more."
        )
    if provider.restorable_until is None:
        return failed("the provider names no time up to which it can restore")
    late = (now.at - provider.restorable_until).total_seconds()
    if late > ask.restorable_within_s:
        return warned(f"can be restored up to {_time(provider.restorable_until)} only, {duration(late)} ago")
    return passed(f"can be restored up to {_time(provider.restorable_until)}, for {provider.retention_days} days back")


def _attested(attested: Mapping[Attestation, Evidence | Unavailable] | Unavailable, now: Now) -> Verdict | None:
    """Return a pass if a person attests it, in words that the attestation checks accept."""
    today = now.at.astimezone(dt.UTC).date()
    for word, seen in () if isinstance(attested, Unavailable) else attested.items():
        complete = word.statement and word.who and word.when and word.expires is not None and word.expires >= today
        if word.name == ID and complete and isinstance(seen, Evidence) and seen.there:
            return passed(f"{word.who} attests it until {word.expires}", word.statement)
    return None


def _time(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
