"""What a run would contact, from the blueprint and the profile alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from golive.engine.blueprint import Blueprint, Check, Tool
from golive.engine.declare import Environment, Subject
from golive.engine.provide import World
from golive.model import Effect


@dataclass(frozen=True)
class Contact:
    """One probe on one system that the profile names. `checks` are the ids of those that need it.

    `leaves` is what it stores and cannot remove again.
    """

    system: str
    what: str
    effect: Effect
    checks: tuple[str, ...]
    leaves: str = ""


def contacts(blueprint: Blueprint, checks: Sequence[Check], world: World) -> list[Contact]:
    """Return every probe that would look, by system; one found as the run goes stands under what it is found by."""
    wanted: dict[type, list[str]] = {}
    for check in checks:
        for probe in blueprint.needs(check):
            wanted.setdefault(probe.gives, []).append(check.info.id)
    found = []
    for gives, ids in wanted.items():
        probe = blueprint.probes[gives]
        if not any(isinstance(ask, Tool) for ask in probe.asks.values()):
            continue  # it only composes what others saw
        kind, found_by = probe.kind, ""
        while kind not in blueprint.named and kind is not Environment:
            found_by = found_by or f"each {kind.kind()} of "
            kind = blueprint.probes[kind].kind
        subjects: Sequence[Subject] = [world.env] if kind is Environment else world.named.get(kind, ())
        decl = probe.decl
        found += [Contact(f"{found_by}{s}", decl.title, decl.effect, tuple(ids), decl.leaves) for s in subjects]
    return sorted(found, key=lambda c: (c.system.rpartition(" of ")[2], c.system, c.effect, c.what))
