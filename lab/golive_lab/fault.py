"""A seeded fault: a small named change of the healthy world, and the check it must turn red."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from golive_lab.world import World


@dataclass(frozen=True)
class Fault:
    """One way for the reference stack to be broken.

    `turns_red` is the check that must then have `outcome`; `also` the other checks whose outcome may change with it,
    by id or glob; `stacks` where it can be seeded; `phase` when to ask: before or after the deploy.
    """

    id: str
    turns_red: str
    title: str
    change: Callable[[World], World]
    also: tuple[str, ...] = ()
    outcome: str = "fail"
    stacks: tuple[str, ...] = ("demo", "real")
    phase: str = "after"
