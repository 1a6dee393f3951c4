"""What can be wrong with attestations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from golive_lab.fault import Fault

if TYPE_CHECKING:
    from golive_lab.world import World


def attested(**changes: str) -> Callable[[World], World]:
    """Change the attestation, and nothing else."""
    return lambda world: replace(world, attested=replace(world.attested, **changes))


FAULTS: tuple[Fault, ...] = (
    Fault("attested.by-nobody", "attestation.signed", "It has no name under it", attested(who="")),
    Fault("attested.expired", "attestation.current", "It ended long ago", attested(expires="2020-01-31")),
    Fault("attested.endless", "attestation.current", "It has no last day", attested(expires="")),
    Fault("attested.no-evidence", "attestation.evidenced", "Its evidence is not there", attested(minutes="")),
    Fault(
        "attested.missing",
        "attestation.none-missing",
        "The insurance that the profile requires is not attested",
        attested(demanded="insurance.cyber"),
    ),
    Fault(
        "custom.no-lawyer",
        "custom.minutes-name-a-lawyer",
        "No lawyer was asked, which the profile requires",
        attested(others="2026-01-05: went through secrets and people's data.\n"),
    ),
    Fault(
        "checklist.not-configured",
        "checklist.line-covered",
        "The profile does not say how people are given their data",
        attested(export=""),
        also=("privacy.export-exists",),
        outcome="unknown",
    ),
)
