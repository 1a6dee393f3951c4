"""Whether what happened since the last backup can be restored: the archiver, a receiver of the log, or the provider."""

import datetime as dt
import re
from dataclasses import dataclass

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Database
from golive_checks.systems.aws.client.aws import AwsSettings
from golive_checks.systems.aws.client.rds import Rds
from golive_checks.systems.postgres.client.client import Postgres

SEGMENT = re.compile(r"[0-9A-F]{8}(?P<log>[0-9A-F]{8})(?P<number>[0-9A-F]{8})")
"""A file of the write-ahead log: timeline, then two halves of its number."""
LOG_BYTES = 1 << 32


@dataclass(frozen=True)
class Receiver:
    """Who streams the log, by its application_name, and through which slot, if any."""

    name: str
    state: str
    slot: str = ""


@dataclass(frozen=True)
class Archiver(Fact):
    """What becomes of the write-ahead log. `behind`: finished segments that are not archived yet.

    `slots` are physical replication slots: their names, and whether anyone reads from each.
    """

    mode: str
    has_command: bool
    timeout_s: int
    archived_at: dt.datetime | None
    failed_at: dt.datetime | None
    behind: int
    receivers: tuple[Receiver, ...]
    slots: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class ProviderBackups(Fact):
    """What the provider's API says: for how many days it keeps backups, and up to when it can restore."""

    retention_days: int
    restorable_until: dt.datetime | None


SETTINGS = "SELECT name, reset_val FROM pg_settings WHERE name = ANY(%s)"
NAMES = ("archive_mode", "archive_command", "archive_library", "archive_timeout", "wal_segment_size")
STATE = """\
SELECT last_archived_wal, last_archived_time, last_failed_time,
       CASE WHEN pg_is_in_recovery() THEN '' ELSE pg_walfile_name(pg_current_wal_lsn()) END
  FROM pg_stat_archiver"""
RECEIVERS = """\
SELECT r.application_name, r.state, coalesce(s.slot_name::text, '')
  FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid ORDER BY 1, 3"""
SLOTS = "SELECT slot_name::text, active FROM pg_replication_slots WHERE slot_type = 'physical' ORDER BY 1"


@probe("postgres.archiver")
async def archiver(database: Database, postgres: Postgres) -> Archiver:
    """Ask the server what becomes of its write-ahead log."""
    async with postgres.reading(database.audit_url) as reading:
        settings: dict[str, str] = dict(await reading.rows(SETTINGS, [list(NAMES)]))
        ((archived, archived_at, failed_at, current),) = await reading.rows(STATE)
        receivers = tuple(Receiver(*(str(v or "") for v in row)) for row in await reading.rows(RECEIVERS))
        slots = tuple((str(name), bool(active)) for name, active in await reading.rows(SLOTS))
    if not current:
        raise Unavailable("the audit URL leads to a standby, which does not archive", fix="Name the primary there.")
    if "archive_command" not in settings or settings["archive_command"] is None:
        raise Unavailable("the role may not see archive_command", fix="Make it a member of pg_monitor.")
    has_command = bool(settings["archive_command"] or settings.get("archive_library"))
    size = int(settings["wal_segment_size"])
    return Archiver(
        mode=settings["archive_mode"],
        has_command=has_command,
        timeout_s=int(settings["archive_timeout"]),
        archived_at=archived_at,
        failed_at=failed_at,
        behind=behind(archived or "", current, size),
        receivers=receivers,
        slots=slots,
    )


def behind(archived: str, current: str, segment_bytes: int) -> int:
    """Count the segments between the last that was archived and the one that is being written, both excluded."""
    last, now = number(archived, segment_bytes), number(current, segment_bytes)
    return max(0, now - last - 1) if last is not None and now is not None else 0


def number(name: str, segment_bytes: int) -> int | None:
    """Return a segment's number; None for what is none, such as a timeline's history."""
    found = SEGMENT.match(name)
    return int(found["log"], 16) * (LOG_BYTES // segment_bytes) + int(found["number"], 16) if found else None


@probe("postgres.provider-backups")
async def provider_backups(database: Database, rds: Rds, ask: AwsSettings) -> ProviderBackups:
    """Ask the provider's API up to when it can restore."""
    if database.hosting not in {"rds", "aurora"}:
        raise Unavailable(
            f"golive knows no API of {database.hosting} for its backups",
            fix="Attest it: attestations, db.archiving-works.",
        )
    if not database.provider_id:
        raise Unavailable(
            "the profile does not say what Amazon calls this database",
            fix="Set provider_id of the database's entry: the DB instance of rds, the DB cluster of aurora.",
        )
    describe = rds.cluster if database.hosting == "aurora" else rds.instance
    answer = await describe(database.provider_id, ask)
    return ProviderBackups(int(answer.get("BackupRetentionPeriod", 0)), answer.get("LatestRestorableTime"))
