"""The catalogue of seeded faults, one module for each part of the world."""

from __future__ import annotations

import pkgutil
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

from golive_lab.world import healthy

if TYPE_CHECKING:
    from golive_lab.fault import Fault
    from golive_lab.world import World


class UnknownFaultError(Exception):
    """No fault of that name, or one that changes nothing; one line."""


def catalogue() -> tuple[Fault, ...]:
    """Return every fault there is: the FAULTS of each module in this folder."""
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return tuple(fault for module in modules for fault in module.FAULTS)


def find(name: str) -> Fault:
    """Return the fault of that id, or the first that turns the check of that id red.

    Raises:
        UnknownFaultError: there is neither; the message names the nearest.
    """
    faults = catalogue()
    for fault in faults:
        if fault.id == name:
            return fault
    for fault in faults:
        if fault.turns_red == name:
            return fault
    known = [*(fault.id for fault in faults), *(fault.turns_red for fault in faults)]
    near = get_close_matches(name, known, n=1, cutoff=0.0)
    raise UnknownFaultError(f"no fault and no check is called {name!r}; the nearest is {near[0]} (golive lab faults)")


def seeded(*names: str) -> World:
    """Return the world with the faults of those names in it, all at once; the healthy one for none.

    Raises:
        UnknownFaultError: there is no such fault, the world does not differ with it, or the faults touch the same
            thing, so that one of them would hide another.
    """
    faults = [find(name) for name in names if name]
    world = healthy()
    for fault in faults:
        before, world = world, fault.change(world)
        if world == before:
            raise UnknownFaultError(f"the fault {fault.id} changes nothing")
    backwards = healthy()
    for fault in reversed(faults):
        backwards = fault.change(backwards)
    if world != backwards:
        raise UnknownFaultError(f"not all at once: {', '.join(names)} touch the same thing")
    return world
