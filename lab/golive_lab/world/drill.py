"""What the profile demands of the restore drill, and how old the evidence of the last one is."""

from __future__ import annotations

from dataclasses import dataclass

from golive_lab.world.postgres import TENANTS


@dataclass(frozen=True)
class DrillSetup:
    """What the profile says of the drill, and how old the evidence is that lies there; None: there is none."""

    drills: bool = True
    """Whether the profile names a scratch server."""
    tenants: int = len(TENANTS)
    """How many tenants the copy must hold."""
    query_timeout_s: float = 30.0
    max_rto_s: float = 120.0
    max_rpo_s: float = 30 * 3600.0
    evidence_days: float | None = 10.0
