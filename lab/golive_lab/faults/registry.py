"""What can be wrong with a domain's registration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault

if TYPE_CHECKING:
    from golive_lab.world import World

LASTS = "dns.registration-lasts"


def registry(**changes: Any) -> Callable[[World], World]:
    """Change what the registry says, and nothing else."""
    return lambda world: replace(world, registry=replace(world.registry, **changes))


FAULTS = (
    Fault("registry.ends", LASTS, "The domain's registration ends in nine days", registry(left_days=9)),
    Fault("registry.ends-soon", LASTS, "It ends in thirty days", registry(left_days=30), outcome="warn"),
    Fault(
        "registry.held",
        LASTS,
        "The registrar has taken the domain out of the DNS",
        registry(statuses=("client hold", "client transfer prohibited")),
    ),
    Fault("registry.unlocked", LASTS, "It has no transfer lock", registry(statuses=("active",)), outcome="warn"),
    Fault("registry.gone", LASTS, "The domain is not registered any more", registry(registered=False)),
)
