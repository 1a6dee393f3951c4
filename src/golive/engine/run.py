"""One task per fact, each probe once however many checks want it; at the deadline the unfinished is a gap."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from golive.engine.blueprint import (
    ROOT,
    Ask,
    Blueprint,
    Check,
    Given,
    Linked,
    ManyFacts,
    OneClient,
    OneFact,
    OneSettings,
    Probe,
)
from golive.engine.counting import counting
from golive.engine.declare import Environment, RunInfo, Subject, Unavailable
from golive.engine.events import CheckJudged, Event, ProbeEnded, Started
from golive.engine.facts import Recorded, Store, canonical, plain, reachable
from golive.engine.gaps import checked, defect, gap_verdict, nothing_found
from golive.engine.instances import Instances
from golive.engine.loop import SETTLE_S
from golive.engine.provide import Clients, ProfileWorld
from golive.engine.shard import Shard, is_left_to_judge, left_to_judge
from golive.engine.writes import Writes
from golive.model import Effect, Finding, Outcome, Verdict
from golive.wording import duration

AT_ONCE = 128
"""Subjects of one check that are judged at a time."""

PAUSE_S = 0.2
"""Between a transport error and the one more try it is worth."""


@dataclass
class _Answer:
    """What a parameter is given: `value`, or a gap that stops the asker."""

    value: Any = None
    gap: Unavailable | None = None
    seconds: float = 0.0
    unseen: tuple[str, ...] = ()


class ChecksRun:
    """One run of the checks of a blueprint over a world.

    `checks` are those of the blueprint that are asked, about the subjects and settings of `world`; facts are kept
    in `store`, or replayed from it. `allowed`: the effects beyond `read` that the profile allows. `info` has the
    run's id, for requests to bear; `watch` is called with every event. `settled`: ids of findings that an earlier
    look has settled, and that are not looked at again. `strong_last`: active and write probes wait until
    everything that only reads is done. `shard`: look at its subjects alone, and leave to judge what needs others.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        checks: Sequence[Check],
        world: ProfileWorld,
        store: Store,
        *,
        allowed: Collection[Effect] = (),
        info: RunInfo | None = None,
        watch: Callable[[Event], None] = lambda _: None,
        settled: Collection[str] = (),
        strong_last: bool = False,
        shard: Shard | None = None,
    ) -> None:
        self.blueprint = blueprint
        self.checks = checks
        self.world = world
        self.store = store
        self.allowed = {Effect.READ, *allowed}
        self.info = info or RunInfo("00000000", "0")
        self.watch = watch
        self.settled = frozenset(settled)
        self.strong_last = strong_last
        self.shard = shard
        self.left_behind: list[str] = []
        self.over: Unavailable | None = None
        self._seen: dict[tuple[type, Subject], asyncio.Future[Recorded]] = {}
        self._tasks: dict[asyncio.Task[None], Probe] = {}
        self._digests: dict[tuple[type[Subject], str], str] = {}
        self._clients = Clients(world, self.info)
        self.instances = Instances(blueprint, world, self._ask)
        self._ours = Instances(blueprint, world, self._ask_ours) if shard else self.instances
        self._judged: dict[str, tuple[Finding, ...]] = {}
        self._writes: list[Writes] = []
        self._calm = asyncio.Event()

    async def findings(self, timeout_s: float) -> tuple[Finding, ...]:
        """Judge every check within `timeout_s` and return the findings in report order."""
        self._began = time.monotonic()
        self.store.origin = self.store.origin or self._began
        clock = asyncio.get_running_loop().call_later(
            timeout_s, self.end, f"not finished when the run's {duration(timeout_s)} were over"
        )
        if not self.strong_last:
            self._calm.set()
        judging = {check.info.id: asyncio.create_task(self._judge(check)) for check in self.checks}
        reading = [judging[check.info.id] for check in self.checks if self._only_reads(check)]
        await asyncio.gather(*reading)
        self._calm.set()
        await asyncio.gather(*judging.values())
        clock.cancel()
        await self._settle()
        return tuple(f for c in self.checks for f in self._judged[c.info.id])

    def _only_reads(self, check: Check) -> bool:
        """Return whether no probe that the check may start is a strong one, however far off and however optional.

        A check that waits for one is not waited for before the strong ones: neither would ever begin.
        """
        return all(probe.decl.effect == Effect.READ for probe in self.blueprint.needs(check))

    def end(self, reason: str) -> None:
        """Stop looking now: every fact not yet seen becomes a gap for this reason."""
        if self.over:
            return
        self.over = Unavailable(reason)
        self._calm.set()
        for future in self._seen.values():
            if not future.done():
                future.set_result(Recorded(self.over))
        for task in self._tasks:
            task.cancel()

    def cut_off(self, reason: str) -> tuple[Finding, ...]:
        """Return the findings where the run is blocked: what was judged, and of every other check that it was not.

        Touches nothing that the blocked loop would have to do, so it may be called from another thread.
        """
        gap = Unavailable(reason, fix="report it with golive's version; where a plugin did it, to its author")
        for check in self.checks:
            if check.info.id not in self._judged:
                found = [self._finding(check, subject, gap_verdict(gap)) for subject in self._roots(check)]
                self._judged[check.info.id] = tuple(f for f in found if f.id not in self.settled)
        self.left_behind.extend(f"{what} (golive was blocked)" for each in self._writes for what in each.stored())
        return tuple(f for c in self.checks for f in self._judged[c.info.id])

    async def _settle(self) -> None:
        """Give what is still under way its time to let go: reads a moment, writes their grace."""
        running = {t: p for t, p in self._tasks.items() if not t.done()}
        writes = [t for t, p in running.items() if p.decl.effect == Effect.WRITE]
        reads = [t for t in running if t not in writes]
        if reads:
            await asyncio.wait(reads, timeout=SETTLE_S)
        if writes:
            await asyncio.wait(writes)
        await self._clients.close()

    # --- checks ---------------------------------------------------------------------------------------------------

    async def _judge(self, check: Check) -> None:
        not_permitted = self._not_permitted(check)
        if not_permitted and not self._unnamed(check.kind):
            lacks = ("release",) if check.decl.phase and not self.world.env.phase else ()
            verdict = Verdict(Outcome.NA, not_permitted, lacks=lacks)
            found = [self._finding(check, s, verdict, not_permitted=True) for s in self._roots(check)]
        else:
            found = await self._judge_all(check)
        settled = tuple(f for f in found if f.id not in self.settled)
        self._judged[check.info.id] = settled
        self.watch(CheckJudged(check, settled, len(self._judged), len(self.checks)))

    def _not_permitted(self, check: Check) -> str:
        """Return why a check is not asked at all, before any I/O; empty where it is."""
        phase, now = check.decl.phase, self.world.env.phase
        if phase and not now:
            return "the profile declares no release"
        if phase and phase != now:
            return f"asked {phase} the deploy"
        if check.info.effect not in self.allowed:
            return f"needs the effect {check.info.effect.name.lower()}, which the profile does not allow"
        return ""

    def _roots(self, check: Check) -> list[Subject]:
        """Return the subjects that the profile itself names, nearest to the check's subject."""
        kind = check.kind
        while kind not in self.blueprint.named and kind is not Environment:
            kind = self.blueprint.probes[kind].kind
        return list(self.world.named.get(kind, ())) or [self.world.env]

    async def _judge_all(self, check: Check) -> list[Finding]:
        there = await self._ours.of(check.kind)
        found = [
            self._finding(check, parent, gap_verdict(gap), not_permitted=gap.not_permitted)
            for parent, gap in there.gaps
            if self._owns(parent)
        ]
        reason = check.decl.empty or self.blueprint.empty_reason(check.kind) if there.empty else ""
        for parent in filter(self._owns, there.empty):
            key = self._unnamed(check.kind)
            gap = nothing_found(check.kind, key)
            nothing = Verdict(Outcome.NA, reason, lacks=gap.lacks) if reason else gap_verdict(gap)
            found.append(self._finding(check, parent, nothing))
        ours = filter(self._owns, there.subjects)
        left = [s for s in ours if f"{s.as_check(check.info).id}[{s}]" not in self.settled]
        asks = [ask for ask in check.asks.values() if isinstance(ask, ManyFacts)]
        across = [ask for ask in asks if ask.up == ROOT or check.kind is Environment]
        if self.shard and across:
            return [*found, *await self._leave(check, across, left)]
        return [*found, *await self._judge_each(check, left)]

    async def _leave(self, check: Check, across: Sequence[ManyFacts], subjects: Sequence[Subject]) -> list[Finding]:
        """Look at this shard's part of what a check needs from every shard, which judge will have as a whole."""
        for ask in across:
            below = (await self._ours.of(ask.kind)).subjects
            await self._seen_of(ask.fact, [subject for subject in below if self._owns(subject)])
        rest = {
            name: ask for name, ask in check.asks.items() if ask not in across and isinstance(ask, OneFact | ManyFacts)
        }
        for subject in subjects:
            await self._bind(rest, subject)
        gap = gap_verdict(left_to_judge())
        return [self._finding(check, subject, gap, not_permitted=True) for subject in subjects]

    def _owns(self, subject: Subject) -> bool:
        return self.shard is None or self.shard.owns(subject)

    async def _judge_each(self, check: Check, subjects: Sequence[Subject]) -> list[Finding]:
        """Judge subjects, so many at a time that memory does not grow with those that wait."""
        found: dict[Subject, Finding] = {}
        queue = iter(subjects)

        async def take() -> None:
            for subject in queue:
                found[subject] = await self._judge_one(check, subject)

        await asyncio.gather(*(take() for _ in subjects[:AT_ONCE]))
        return [found[subject] for subject in subjects]

    async def _judge_one(self, check: Check, subject: Subject) -> Finding:
        given = await self._bind(check.asks, subject)
        seconds = max((a.seconds for a in given.values()), default=0.0)
        gap = next((a.gap for a in given.values() if a.gap), None)
        if gap:
            return self._finding(check, subject, gap_verdict(gap), seconds, not_permitted=gap.not_permitted)
        try:
            verdict = check.decl.run(**{name: a.value for name, a in given.items()})
            if not isinstance(verdict, Verdict):
                raise TypeError(f"returned {type(verdict).__name__}, not a Verdict")  # noqa: TRY301 - one way to tell of a defect
        except Unavailable as unseen_gap:  # a fact does not hold what the check asks of it
            return self._finding(
                check, subject, gap_verdict(unseen_gap), seconds, not_permitted=unseen_gap.not_permitted
            )
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - a check that raises is a gap, never the end of the run
            verdict = gap_verdict(defect(problem))
        unseen = tuple(u for a in given.values() for u in a.unseen)
        if unseen:
            verdict = Verdict(**{**vars(verdict), "unseen": (*verdict.unseen, *unseen)})
        return self._finding(check, subject, verdict, seconds)

    def _finding(
        self, check: Check, subject: Subject, verdict: Verdict, seconds: float = 0.0, *, not_permitted: bool = False
    ) -> Finding:
        return Finding(
            subject.as_check(check.info), subject.kind(), subject.name, verdict, seconds, not_permitted=not_permitted
        )

    def _unnamed(self, kind: type[Subject]) -> str:
        """Return the profile's key that subjects of a kind come from, where nothing stands there; else nothing."""
        while kind not in self.blueprint.named:
            if kind is Environment:
                return ""
            kind = self.blueprint.probes[kind].kind
        return "" if self.world.named.get(kind) else self.blueprint.named[kind][0].decl.key

    # --- what a parameter is given --------------------------------------------------------------------------------

    async def _bind(self, asks: Mapping[str, Ask], subject: Subject) -> dict[str, _Answer]:
        """Give each parameter what it asks for. All of it is begun before any of it is waited for."""
        for ask in asks.values():
            if isinstance(ask, OneFact):
                self._ask(ask.fact, self.instances.link(subject, ask.path))
            elif isinstance(ask, ManyFacts):
                self.instances.begin(ask.kind)
        below = {name: await self._begin_many(ask, subject) for name, ask in asks.items() if isinstance(ask, ManyFacts)}
        return {name: await self._answer(ask, subject, below.get(name, ())) for name, ask in asks.items()}

    async def _begin_many(self, ask: ManyFacts, subject: Subject) -> Sequence[Subject] | Unavailable:
        below = await self.instances.below(ask, self.instances.link(subject, ask.up))
        if not isinstance(below, Unavailable):
            for each in below:
                self._ask(ask.fact, each)
        return below

    async def _answer(self, ask: Ask, subject: Subject, below: Sequence[Subject] | Unavailable) -> _Answer:
        if isinstance(ask, OneFact):
            (seen,) = await self._seen_of(ask.fact, [self.instances.link(subject, ask.path)])
            if isinstance(seen.value, Unavailable) and not ask.optional:
                return _Answer(gap=seen.value, seconds=seen.seconds)
            return _Answer(seen.value, seconds=seen.seconds)
        if isinstance(ask, ManyFacts):
            answer = _Answer(gap=below) if isinstance(below, Unavailable) else await self._many(ask, below)
            return _Answer(answer.gap, seconds=answer.seconds) if answer.gap and ask.whole else answer
        return _Answer(self._held(ask, subject))

    def _held(self, ask: Ask, subject: Subject) -> Any:
        """Return what nobody has to look for."""
        if isinstance(ask, Linked):
            return self.instances.link(subject, ask.path)
        if isinstance(ask, OneSettings):
            return self.world.settings_for(ask.settings, subject)
        if isinstance(ask, OneClient):
            return self._clients.get(ask.client)
        if isinstance(ask, Given) and ask.what is RunInfo:
            return self.info
        self._writes.append(Writes())
        return self._writes[-1]

    async def _many(self, ask: ManyFacts, below: Sequence[Subject]) -> _Answer:
        """Gather a fact from every subject of `below`. One gap is a gap, but for a route this machine lacks."""
        seen = dict(zip(below, await self._seen_of(ask.fact, below), strict=True))
        seconds = max((s.seconds for s in seen.values()), default=0.0)
        gaps = {s: w.value for s, w in seen.items() if isinstance(w.value, Unavailable)}
        if ask.optional and below:
            return _Answer({s: w.value for s, w in seen.items()}, seconds=seconds)
        blind = {s: g for s, g in gaps.items() if g.no_route and len(gaps) < len(below)}
        hard = [g for s, g in gaps.items() if s not in blind]
        if hard:
            return _Answer(gap=hard[0], seconds=seconds)
        facts = {s: w.value for s, w in seen.items() if s not in gaps}
        if not facts:
            return _Answer(gap=nothing_found(ask.kind, self._unnamed(ask.kind)), seconds=seconds)
        return _Answer(facts, seconds=seconds, unseen=tuple(f"{s.name}: {g.reason}" for s, g in blind.items()))

    # --- facts ----------------------------------------------------------------------------------------------------

    async def _seen_of(self, gives: type, subjects: Sequence[Subject]) -> list[Recorded]:
        """Return the facts of subjects, in their order."""
        asked = [self._ask(gives, subject) for subject in subjects]
        if pending := [future for future in asked if not future.done()]:
            await asyncio.wait(pending)  # which, cancelled itself, takes no fact from the others
        return [future.result() for future in asked]

    def _ask(self, gives: type, subject: Subject) -> asyncio.Future[Recorded]:
        """Begin to look at a subject, once for all who ask."""
        key = (gives, subject)
        future = self._seen.get(key)
        if future is None:
            future = self._seen[key] = asyncio.get_running_loop().create_future()
            if self.over:
                future.set_result(Recorded(self.over))
            elif self._is_left(probe := self.blueprint.probes[gives], subject):
                future.set_result(Recorded(left_to_judge()))
            else:
                task = asyncio.create_task(self._look(probe, subject, future))
                self._tasks[task] = probe
        return future

    def _is_left(self, probe: Probe, subject: Subject) -> bool:
        """Return whether another shard makes this write: shards that need what it brings would each make it."""
        return probe.decl.effect == Effect.WRITE and not self._owns(subject)

    def _ask_ours(self, kind: type, parent: Subject) -> asyncio.Future[Recorded]:
        """Begin to find what lies below a subject of the shard; below another's lies nothing here."""
        if isinstance(parent, Environment) or self._owns(parent):
            return self._ask(kind, parent)
        future = asyncio.get_running_loop().create_future()
        future.set_result(Recorded(()))
        return future

    async def _look(self, probe: Probe, subject: Subject, future: asyncio.Future[Recorded]) -> None:
        settings = self._digest(probe, subject)
        if self.store.replaying:
            future.set_result(self.store.replay(probe, subject, settings))
            return
        try:
            seen = await self._try(probe, subject)
        except asyncio.CancelledError:
            seen = Recorded(self.over or Unavailable("was cancelled"))
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - a probe that raises is a gap, and says that golive is at fault
            seen = Recorded(defect(problem))
        if not future.done():
            future.set_result(seen)
        if not is_left_to_judge(future.result().value):
            self.store.keep(probe, subject, settings, future.result())

    async def _try(self, probe: Probe, subject: Subject) -> Recorded:
        if probe.decl.effect not in self.allowed:
            reason = f"needs the effect {probe.decl.effect.name.lower()}, which the profile does not allow"
            return Recorded(Unavailable(reason, not_permitted=True))
        given = await self._bind(probe.asks, subject)
        gap = next((a.gap for a in given.values() if a.gap), None)
        if gap:
            return Recorded(gap)
        # In production, what changes a system waits until all that only reads has been judged.
        if probe.decl.effect != Effect.READ:
            await self._calm.wait()
        start = time.monotonic()
        self.watch(Started(probe, subject))
        with counting() as requests:
            value = await self._call(probe, {name: a.value for name, a in given.items()})
        end = time.monotonic()
        needed = self._needed(probe, subject, {name: a.value for name, a in given.items()})
        self.watch(ProbeEnded(probe, subject, start - self._began, end - self._began, needed, requests))
        return Recorded(value, round(end - start, 4), start - self.store.origin)

    async def _call(self, probe: Probe, given: Mapping[str, Any]) -> Any:
        """Call a probe; a transport error of one that stores nothing is tried once more."""
        tries = 1 if probe.decl.effect == Effect.WRITE else 2
        writes = [v for v in given.values() if isinstance(v, Writes)]
        try:
            for attempt in range(1, tries + 1):
                try:
                    return checked(probe, await probe.decl.run(**probe.arguments(given)))
                except Unavailable as gap:
                    if not gap.transient or attempt == tries:
                        return gap
                    await asyncio.sleep(PAUSE_S)
        finally:
            for each in writes:
                self.left_behind.extend(await each.undo_all())
        raise AssertionError  # the last try always returns

    def _needed(self, probe: Probe, subject: Subject, given: Mapping[str, Any]) -> tuple[tuple[type, Subject], ...]:
        """Return the facts that a probe waited for, for the trace."""
        found: list[tuple[type, Subject]] = []
        for name, ask in probe.asks.items():
            if isinstance(ask, OneFact):
                found.append((ask.fact, self.instances.link(subject, ask.path)))
            elif isinstance(ask, ManyFacts) and isinstance(given[name], Mapping):
                found.extend((ask.fact, each) for each in given[name])
                found.extend((ask.kind, parent) for each in given[name] for parent in reachable(each)[1:])
        if probe.kind in self.blueprint.probes:
            found.extend((probe.kind, s) for s in reachable(subject)[1:])
        return tuple(key for key in dict.fromkeys(found) if key in self._seen)

    def _digest(self, probe: Probe, subject: Subject) -> str:
        """Return a digest of the settings that a probe reads, and of what the profile says of its subject."""
        read = [
            [ask.settings.home, plain(self.world.settings_for(ask.settings, subject))]
            for ask in probe.asks.values()
            if isinstance(ask, OneSettings)
        ]
        return hashlib.sha256(canonical([self._digest_of(subject), read])).hexdigest()[:16]

    def _digest_of(self, subject: Subject) -> str:
        """Return a digest of a subject's shown fields; that of one to which a thousand link is made once."""
        key = (type(subject), subject.name)
        if key not in self._digests:
            values = (getattr(subject, f.name) for f in fields(subject) if f.repr)
            words = [self._digest_of(value) if isinstance(value, Subject) else repr(value) for value in values]
            self._digests[key] = hashlib.sha256(canonical([str(subject), words])).hexdigest()
        return self._digests[key]
