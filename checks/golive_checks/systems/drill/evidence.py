"""The evidence of the last restore drill, as the file holds it that a drill writes."""

import datetime as dt
import json
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any

from golive import Environment, Fact, Unavailable, probe, shortened
from golive_checks.subjects import Recovery
from golive_checks.systems.drill.drill import Drill
from golive_checks.systems.drill.record import FORMAT
from golive_checks.systems.machine.client.files import Files

MAX_BYTES = 1_000_000


class Flaw(StrEnum):
    """Why a file is no evidence of a drill of this source, in this environment."""

    ABSENT = auto()
    """It does not exist, or is empty."""
    OTHER_TEXT = auto()
    """It is nothing that golive drill writes."""
    OTHER_FORMAT = auto()
    """`found` is the number of its format."""
    OTHER_ENVIRONMENT = auto()
    """`found` is the environment that it is of."""
    OTHER_SOURCE = auto()
    """`found` is the source that it is of."""
    FAILED = auto()
    UNASKED = auto()
    """The copy was asked no query."""


@dataclass(frozen=True)
class DrillEvidence(Fact):
    """What the last drill that succeeded left, or why the file is no evidence."""

    flaw: Flaw | None = None
    found: str = ""
    backup: str = ""
    ended_at: dt.datetime | None = None
    operator: str = ""
    server: str = ""
    queries: int = 0
    rto_s: float = 0.0
    rpo_s: float = 0.0
    signed_by: str = ""


@probe("drill.evidence")
async def drill_evidence(to: Recovery, env: Environment, now: Drill | Unavailable, files: Files) -> DrillEvidence:
    """Read the evidence of the last restore drill, that of this run's own included."""
    if not await files.exists(to.evidence):
        return DrillEvidence(Flaw.ABSENT)
    data = (await files.read(to.evidence, MAX_BYTES)).data
    try:
        return _read(json.loads(data), environment=env.name, source=to.name)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return DrillEvidence(Flaw.OTHER_TEXT)


def _read(content: dict[str, Any], *, environment: str, source: str) -> DrillEvidence:
    """Take what is needed of it, and refuse what is not of a drill of this source here that succeeded."""
    if content["golive_restore_evidence"] != FORMAT:
        return DrillEvidence(Flaw.OTHER_FORMAT, f"{content['golive_restore_evidence']!s:.20}")
    of, from_source = shortened(str(content["environment"]), 100), shortened(str(content["source"]), 100)
    if of != environment:
        return DrillEvidence(Flaw.OTHER_ENVIRONMENT, of)
    if from_source != source:
        return DrillEvidence(Flaw.OTHER_SOURCE, from_source)
    if content["passed"] is not True:
        return DrillEvidence(Flaw.FAILED)
    ended_at = dt.datetime.fromisoformat(content["ended_at"])
    # Without its zone it may be off by hours.
    if ended_at.tzinfo is None:
        raise ValueError(ended_at)
    if not content["queries"]:
        return DrillEvidence(Flaw.UNASKED)
    return DrillEvidence(
        backup=shortened(str(content["backup"]["id"]), 300),
        ended_at=ended_at,
        operator=shortened(str(content["operator"]), 200),
        server=shortened(str(content["target"]["server_version"]), 50),
        queries=len(content["queries"]),
        rto_s=float(content["rto_s"]["achieved"]),
        rpo_s=float(content["rpo_s"]["achieved"]),
        signed_by=shortened(str(content["sign_off"]["name"]), 200),
    )
