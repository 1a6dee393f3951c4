"""The subjects of a run by kind, found once however many ask, and those below a common subject without a search."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from golive.engine.blueprint import ROOT, Blueprint, ManyFacts, Path
from golive.engine.declare import Environment, Subject, Unavailable
from golive.engine.facts import Recorded, reachable
from golive.engine.provide import ProfileWorld

Look = Callable[[type, Subject], "asyncio.Future[Recorded]"]
"""Begins to look at a subject for a fact or for what lies below it, once for all who ask."""

Ranked = tuple[int, Unavailable]
"""A gap with its place by declaration: of several, the first is reported."""


@dataclass
class FoundSubjects:
    """Every subject of a kind, and where finding them failed or found nothing."""

    subjects: list[Subject] = field(default_factory=list)
    gaps: list[tuple[Subject, Unavailable]] = field(default_factory=list)
    empty: list[Subject] = field(default_factory=list)


@dataclass
class _Gaps:
    """The gaps in finding a kind, by the subject of another kind whose view they spoil."""

    everywhere: Ranked | None = None
    """The first gap on a parent with no link to that other kind: whoever asks may lack a subject."""
    at: dict[Subject, Ranked] = field(default_factory=dict)

    def first(self, common: Subject) -> Unavailable | None:
        both = [gap for gap in (self.everywhere, self.at.get(common)) if gap]
        return min(both, key=lambda gap: gap[0])[1] if both else None


class Instances:
    """The subjects of a run. Cost is linear in their number, whoever asks for whatever part of them."""

    def __init__(self, blueprint: Blueprint, world: ProfileWorld, look: Look) -> None:
        self._blueprint = blueprint
        self._world = world
        self._look = look
        self._found: dict[type[Subject], asyncio.Task[FoundSubjects]] = {}
        self._below: dict[tuple[type[Subject], Path], dict[Subject, list[Subject]]] = {}
        self._gaps: dict[tuple[type[Subject], type[Subject]], _Gaps] = {}

    def begin(self, kind: type[Subject]) -> asyncio.Task[FoundSubjects]:
        """Begin to find every subject of a kind."""
        if kind not in self._found:
            self._found[kind] = asyncio.create_task(self._find(kind))
        return self._found[kind]

    async def of(self, kind: type[Subject]) -> FoundSubjects:
        """Return every subject of a kind."""
        return await asyncio.shield(self.begin(kind))

    async def below(self, ask: ManyFacts, common: Subject) -> Sequence[Subject] | Unavailable:
        """Return the subjects that `ask` names below `common`, or why some of them may be missing."""
        there = await self.of(ask.kind)
        gap = self._gaps_of(ask.kind, type(common), there).first(common) if there.gaps else None
        if gap:
            return gap
        key = (ask.kind, ask.down)
        if key not in self._below:
            self._below[key] = {}
            for subject in there.subjects:
                self._below[key].setdefault(self.link(subject, ask.down), []).append(subject)
        return self._below[key].get(common, ())

    def link(self, subject: Subject, path: Path) -> Subject:
        """Follow a path of fields from a subject to the one it links to."""
        if path == ROOT:
            return self._world.env
        for name in path:
            subject = getattr(subject, name)
        return subject

    async def _find(self, kind: type[Subject]) -> FoundSubjects:
        if kind is Environment:
            return FoundSubjects([self._world.env])
        if kind in self._blueprint.named:
            there = list(self._world.named.get(kind, ()))
            return FoundSubjects(there, empty=[] if there else [self._world.env])
        parents = await self.of(self._blueprint.probes[kind].kind)
        asked = [self._look(kind, parent) for parent in parents.subjects]
        if asked:
            await asyncio.wait(asked)  # which, cancelled itself, cancels none of them
        return self._joined(parents, [future.result() for future in asked])

    def _joined(self, parents: FoundSubjects, brought: Sequence[Recorded]) -> FoundSubjects:
        result = FoundSubjects(gaps=list(parents.gaps), empty=list(parents.empty))
        by_name: dict[str, Subject] = {}
        for parent, seen in zip(parents.subjects, brought, strict=True):
            if isinstance(seen.value, Unavailable):
                result.gaps.append((parent, seen.value))
                continue
            if not seen.value:
                result.empty.append(parent)
            firsts = [s for s in seen.value if by_name.setdefault(s.name, s) is s]
            result.subjects += firsts
            doubled = [s for s in seen.value if by_name[s.name] is not s]
            if doubled:
                result.gaps.append((parent, Unavailable(f"two subjects of one name: {doubled[0]}")))
        return result

    def _gaps_of(self, kind: type[Subject], common: type[Subject], there: FoundSubjects) -> _Gaps:
        key = (kind, common)
        if key not in self._gaps:
            self._gaps[key] = gaps = _Gaps()
            for place, (parent, gap) in enumerate(there.gaps):
                linked = {s for s in reachable(parent) if type(s) is common}
                if not linked:
                    gaps.everywhere = gaps.everywhere or (place, gap)
                elif len(linked) == 1:
                    gaps.at.setdefault(linked.pop(), (place, gap))
        return self._gaps[key]
