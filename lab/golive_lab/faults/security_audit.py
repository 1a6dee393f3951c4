"""What can be wrong with what is noted of who did what."""

from __future__ import annotations

from golive_lab.fault import Fault
from golive_lab.faults.postgres import content
from golive_lab.world.postgres import Audited

COVERED = "audit.domains-covered"

FAULTS = (
    Fault("audit.domain-silent", COVERED, "Stock moves, and nothing notes it", content(audited=Audited(("stocks",)))),
    Fault(
        "audit.actor-missing",
        COVERED,
        "Nothing notes who changed users",
        content(audited=Audited(anonymous=("users",))),
    ),
)
