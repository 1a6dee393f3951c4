"""What a run would contact, from the blueprint and the profile alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from golive.engine.blueprint import Blueprint, Check, OneClient, hints
from golive.engine.declare import Environment, ProbeDecl, Settings, Subject
from golive.engine.facts import reachable
from golive.engine.provide import ProfileWorld
from golive.model import Effect


@dataclass(frozen=True)
class Contact:
    """One probe on one system that the profile names. `checks` are the ids of those that need it.

    `leaves` is what it stores and cannot remove again; `requests` how many it makes of the system where all is well.
    """

    system: str
    what: str
    effect: Effect
    checks: tuple[str, ...]
    leaves: str = ""
    requests: int = 0


def contacts(
    blueprint: Blueprint, checks: Sequence[Check], world: ProfileWorld, asked: Collection[str] | None = None
) -> list[Contact]:
    """Return every probe that would look, by system; one found as the run goes stands under what it is found by.

    `asked` are the ids of the checks that are wanted, those that the profile brings among them; None: all.
    """
    wanted: dict[type, list[Check]] = {}
    for check in checks:
        for probe in blueprint.needs(check):
            wanted.setdefault(probe.gives, []).append(check)
    found = []
    for gives, served in wanted.items():
        probe = blueprint.probes[gives]
        if not any(isinstance(ask, OneClient) for ask in probe.asks.values()):
            continue  # it only composes what others saw
        kind, found_by = probe.kind, ""
        while kind not in blueprint.named and kind is not Environment:
            found_by = found_by or f"each {kind.kind()} of "
            kind = blueprint.probes[kind].kind
        subjects: Sequence[Subject] = [world.env] if kind is Environment else world.named.get(kind, ())
        decl = probe.decl
        for subject in subjects:
            ids = tuple(_id(check, subject) for check in served if asked is None or _id(check, subject) in asked)
            if ids:
                found.append(
                    Contact(
                        f"{found_by}{subject}",
                        decl.title,
                        decl.effect,
                        ids,
                        decl.leaves,
                        _requests(decl, subject, world),
                    )
                )
    return sorted(found, key=lambda c: (c.system.rpartition(" of ")[2], c.system, c.effect, c.what))


def _requests(decl: ProbeDecl, subject: Subject, world: ProfileWorld) -> int:
    """Return how many requests a probe makes at a subject, or at each that is found below it."""
    if isinstance(decl.requests, int):
        return decl.requests
    given: dict[str, Any] = {}
    for name, hint in hints(decl.requests).items():
        if name == "return":
            continue
        if get_origin(hint) is tuple:
            given[name] = tuple(world.named.get(get_args(hint)[0], ()))
        elif issubclass(hint, Settings):
            given[name] = world.settings_for(hint, subject)
        else:
            given[name] = next(each for each in (*reachable(subject), world.env) if isinstance(each, hint))
    return decl.requests(**given)


def _id(check: Check, subject: Subject) -> str:
    """Return a check's id at a subject, which may be a check that the profile brings."""
    return (subject.as_check(check.info) if isinstance(subject, check.kind) else check.info).id
