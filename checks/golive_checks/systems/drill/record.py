"""What a drill came to, and the evidence that is written of it. Pure."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto

from golive import RunInfo
from golive_checks.subjects import Recovery

FORMAT = 1


@dataclass(frozen=True)
class CopyAnswer:
    """What the copy answered to a query. `given_up_s`: how long it was waited for in vain; `sqlstate`: its refusal."""

    sql: str
    rows: int = 0
    value: str | None = None
    given_up_s: float = 0.0
    sqlstate: str = ""
    seconds: float = 0.0

    @property
    def came(self) -> bool:
        """True where it answered."""
        return not self.given_up_s and not self.sqlstate


class RestoreFault(StrEnum):
    """What is wrong with a dump that cannot be restored."""

    CUT_OFF = auto()
    DAMAGED = auto()
    EMPTY = auto()
    META_COMMAND = auto()
    """It holds a command for psql that pg_dump never writes."""
    NO_ARCHIVE = auto()
    NO_CLUSTER = auto()
    """There is no data folder of PostgreSQL in it."""
    NO_DATABASE = auto()
    """`said` names the database that it should have."""
    NO_DUMP = auto()
    NO_DUMP_END = auto()
    NO_TAR_END = auto()
    REPORTED = auto()
    """Something else: `said` is the word of whoever read it."""


@dataclass(frozen=True)
class NotRestored:
    """Why a dump cannot be restored. `by`: the program that found out, with its version; `said`: its word."""

    fault: RestoreFault
    by: str = ""
    said: str = ""


@dataclass(frozen=True)
class DrillRecord:
    """One drill, from the choice of the dump to the last answer. Times in seconds."""

    backup: str
    taken_at: dt.datetime
    size: int
    sha256: str
    format: str
    server: str
    target: str
    started_at: dt.datetime
    ended_at: dt.datetime
    rto_s: float
    """From fetching the dump to the last query answered."""
    rpo_s: float
    """From the dump, or the last transaction that was recovered, to the start of the drill."""
    not_restored: NotRestored | None = None
    """Why the dump could not be restored; None: it was."""
    answers: tuple[CopyAnswer, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Entries of the dump that were not restored on purpose, by kind."""
    removed: tuple[str, ...] = ()
    """Databases that an earlier drill had left, and that were removed."""
    unseen: tuple[str, ...] = ()
    """What of the backup could not be looked at."""

    def proves(self, to: Recovery) -> bool:
        """Return whether it is evidence: restored, each query answered as wanted, and both objectives met."""
        answered = (q.answered_by(a.rows, a.value) and a.came for q, a in zip(to.queries, self.answers, strict=True))
        return self.not_restored is None and all(answered) and to.in_time(self.rto_s) and to.recent_enough(self.rpo_s)


def evidence_of(record: DrillRecord, to: Recovery, *, environment: str, operator: str, run: RunInfo) -> str:
    """Return the text of the evidence: what an auditor asks for (SOC 2 A1.3, ISO 27001 A.8.13)."""
    content = {
        "golive_restore_evidence": FORMAT,
        "passed": record.proves(to),
        "environment": environment,
        "source": to.name,
        "backup": {
            "id": record.backup,
            "taken_at": record.taken_at.isoformat(),
            "bytes": record.size,
            "sha256": record.sha256,
            "format": record.format,
        },
        "started_at": record.started_at.isoformat(),
        "ended_at": record.ended_at.isoformat(),
        "operator": operator,
        "target": {"server_version": record.server, "database": record.target, "removed_afterwards": True},
        "queries": [
            {
                "sql": answer.sql,
                "wanted": query.wanted,
                "rows": answer.rows,
                "seconds": round(answer.seconds, 3),
                "met": query.answered_by(answer.rows, answer.value),
            }
            for query, answer in zip(to.queries, record.answers, strict=True)
        ],
        "not_restored": dict(record.left_out),
        "rto_s": {"achieved": round(record.rto_s, 1), "objective": to.max_rto_s},
        "rpo_s": {"achieved": round(record.rpo_s, 1), "objective": to.max_rpo_s},
        "golive": {"version": run.version, "run": run.id},
        "sign_off": {"name": "", "date": ""},
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
