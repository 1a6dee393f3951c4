"""A profile, loaded with the sections it can be judged by; and what can be done with it: check, judge, plan."""

from __future__ import annotations

import asyncio
import datetime as dt
import platform
import secrets
import threading
import time
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from golive import ending, facts, gate, plugins
from golive.blueprint import Blueprint, Check
from golive.declare import RunInfo
from golive.events import Event
from golive.facts import Store
from golive.gate import RED
from golive.model import Attested, Effect, Finding, Phase, Report, Timing
from golive.model import Run as RunRecord
from golive.profile import Profile, from_masked, read, validate
from golive.resolve import resolve
from golive.run import SETTLE_S, Run
from golive.select import UsageError, select
from golive.threads import DaemonExecutor
from golive.version import VERSION
from golive.world import build_world, profile_model

T = TypeVar("T")

TIMEOUT_S = 120.0
"""The whole run's deadline where neither the command line nor the profile sets one."""

RETRY_PAUSE_S = 2.0
"""Between two looks of --retry-until-ready."""


@dataclass(frozen=True)
class Session:
    """A profile and everything that it can be judged by. `broken` are the findings of plugins that did not load."""

    profile: Profile[Any]
    blueprint: Blueprint
    broken: tuple[Finding, ...]


@dataclass(frozen=True)
class Options:
    """What the command line asks of a run. Durations in seconds."""

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    phase: Phase | None = None
    timeout_s: float | None = None
    retry_s: float = 0.0
    fail_on_warn: bool = False
    baseline: gate.Baseline | None = None


@dataclass(frozen=True)
class Outcomes:
    """A run's report, and what writes the text of its fact file."""

    report: Report
    facts: Callable[[], str]


def load(
    ref: str,
    *,
    cwd: Path,
    environ: Mapping[str, str],
    builtin: Mapping[str, Path] | None = None,
    fetch: bool = True,
) -> Session:
    """Read a profile, load its plugins, and validate it against all that the sections understand.

    Without `fetch` no secret source is asked, and secrets stay masked: enough to plan, not to look.

    Raises:
        ProfileError: the profile cannot be read or has problems, all of them named.
        DeclarationError: a section or plugin declares what cannot work.
    """
    document = read(ref, cwd=cwd, environ=environ, builtin=builtin, fetch=fetch)
    loaded = plugins.load([str(path) for path in document.plugins])
    blueprint = resolve(loaded.modules)
    return Session(validate(document, profile_model(blueprint)), blueprint, loaded.broken)


def allowed_effects(profile: Profile[Any]) -> frozenset[Effect]:
    """Return the effects beyond `read` that a profile allows; a production one only with its name confirmed."""
    data = profile.data
    if data.production and data.confirm != data.environment:
        return frozenset()
    return frozenset(Effect[name.upper()] for name in data.allow)


def check(
    session: Session,
    options: Options,
    watch: Callable[[Event], None] = lambda _: None,
    stuck: ending.Stuck | None = None,
) -> Outcomes:
    """Look at the world and judge it. SIGINT and SIGTERM end the run with the findings so far.

    `stuck` is called where a plugin blocks the run beyond its end, so that no report can be had.
    """
    profile = session.profile
    checks = select(session.blueprint, options.only, options.skip)
    if options.baseline and options.baseline.environment != profile.data.environment:
        raise UsageError(
            f"{options.baseline.name} is a report on {options.baseline.environment}, not on {profile.data.environment}"
        )
    world = build_world(session.blueprint, profile, options.phase)
    store = Store()
    info = RunInfo(secrets.token_hex(4), VERSION)
    started = dt.datetime.now(dt.UTC)
    timeout_s = options.timeout_s or profile.data.timeout_s or TIMEOUT_S
    interrupted = threading.Event()
    left_behind: list[str] = []

    async def look(open_checks: Sequence[Check], settled: Collection[str]) -> tuple[Finding, ...]:
        run = Run(
            session.blueprint,
            open_checks,
            world,
            store,
            allowed=allowed_effects(profile),
            info=info,
            watch=watch,
            settled=settled,
            strong_last=profile.data.production,
        )
        loop = asyncio.get_running_loop()
        over = threading.Event()

        def stop() -> None:
            interrupted.set()
            loop.call_soon_threadsafe(run.end, "interrupted")
            ending.watch(loop, 0, over, stuck, interrupted=True)

        ending.watch(loop, timeout_s, over, stuck)
        try:
            with ending.on_signals(stop):
                found = await run.findings(timeout_s)
        finally:
            over.set()
        left_behind.extend(run.left_behind)
        return found

    async def look_until_ready() -> list[Finding]:
        until = time.monotonic() + options.retry_s
        every = list(await look(checks, ()))
        while not interrupted.is_set() and (red := {f.check.id for f in every if f.outcome in RED}):
            if time.monotonic() + RETRY_PAUSE_S > until or await _interrupted_within(RETRY_PAUSE_S, interrupted):
                break
            green = [f for f in every if f.outcome not in RED]
            again = await look([c for c in checks if c.info.id in red], {f.id for f in green})
            every = [*green, *again]
        rank = {c.info.id: n for n, c in enumerate(checks)}
        return sorted(every, key=lambda f: rank[f.check.id])

    found = in_loop(look_until_ready())
    run_record: dict[str, Any] = {
        "version": info.version,
        "started": started.isoformat(),
        "ended": dt.datetime.now(dt.UTC).isoformat(),
        "vantage": f"{platform.node()}, {platform.system()} {platform.release()}",
        "phase": options.phase,
        "only": options.only,
        "skip": options.skip,
        "interrupted": interrupted.is_set(),
        "left_behind": left_behind,
    }
    report = _report(session, checks, found, store, run_record, options)
    return Outcomes(report, lambda: facts.write(run_record, profile.masked, store))


def judge(text: str, name: str, options: Options, session: Session | None = None) -> Report:
    """Judge a fact file again, offline: with the profile recorded in it, or with that of `session`.

    Raises:
        FactFileError: not a fact file.
        ProfileError: the recorded profile is not one that this golive understands.
    """
    run_record, recorded, store = facts.read(text, name)
    if session is None:
        base = Path(str(recorded.get("base_dir")))
        loaded = plugins.load([str(base / p) for p in (recorded.get("document") or {}).get("plugins") or ()])
        blueprint = resolve(loaded.modules)
        profile = from_masked(recorded, profile_model(blueprint))
        session = Session(profile, blueprint, loaded.broken)
    phase = Phase(run_record["phase"]) if run_record["phase"] else None
    checks = select(session.blueprint, options.only or run_record["only"], options.skip or run_record["skip"])
    world = build_world(session.blueprint, session.profile, phase)
    run = Run(session.blueprint, checks, world, store, allowed=allowed_effects(session.profile))
    found = in_loop(run.findings(TIMEOUT_S))
    return _report(session, checks, found, store, run_record, options)


def _report(
    session: Session,
    checks: Sequence[Check],
    found: Sequence[Finding],
    store: Store,
    run: Mapping[str, Any],
    options: Options,
) -> Report:
    """Apply the profile's gate."""
    data = session.profile.data
    release = data.release
    record = RunRecord(
        environment=data.environment,
        production=data.production,
        profile=session.profile.name,
        profile_digest=session.profile.digest,
        facts_digest=store.digest(),
        version=run["version"],
        started=dt.datetime.fromisoformat(run["started"]),
        ended=dt.datetime.fromisoformat(run["ended"]),
        vantage=run["vantage"],
        phase=(Phase(run["phase"]) if run["phase"] else Phase.AFTER) if release else None,
        release=(release.version or "") if release else "",
        commit=(release.commit or "") if release else "",
        interrupted=run["interrupted"],
        selection=" ".join([*(f"--only {p}" for p in run["only"]), *(f"--skip {p}" for p in run["skip"])]),
        left_behind=tuple(run["left_behind"]),
    )
    rules = gate.Gate(
        fail_on_warn=options.fail_on_warn or data.gate.fail_on == "warn",
        ignore_below=data.gate.severity,
        allow_unknown=tuple(data.gate.unknown.allow),
        waivers=tuple(w.to_model(session.profile.location_of(("waivers", n))) for n, w in enumerate(data.waivers)),
        owners=data.owners,
    )
    in_report = {c.info.section for c in checks}
    return gate.decide(
        record,
        [
            *(s for s in session.blueprint.sections if s.id in in_report),
            *([plugins.SECTION] if session.broken else []),
        ],
        [*found, *session.broken],
        rules,
        asked={c.info.id for c in checks},
        known={c.info.id for c in session.blueprint.checks},
        baseline=options.baseline,
        timings=[Timing(r["fact"].rpartition(":")[2], r["subject"], r["seconds"]) for r in store.in_order()],
        attestations=_attested(data),
    )


def _attested(data: Any) -> list[Attested]:
    """Return what people vouch for in the profile, for the report."""
    return [
        Attested(key, a.statement, a.who, a.when, a.evidence, a.expires)
        for key, a in (getattr(data, "attestations", None) or {}).items()
    ]


def in_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in an event loop of its own, whose threads never hold the process back."""
    loop = asyncio.new_event_loop()
    loop.set_default_executor(DaemonExecutor())
    try:
        return loop.run_until_complete(work)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=SETTLE_S))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _interrupted_within(seconds: float, interrupted: threading.Event) -> bool:
    """Wait until a signal comes, or for `seconds`."""
    loop = asyncio.get_running_loop()
    came = asyncio.Event()

    def stop() -> None:
        interrupted.set()
        loop.call_soon_threadsafe(came.set)

    with ending.on_signals(stop), suppress(TimeoutError):
        await asyncio.wait_for(came.wait(), seconds)
    return interrupted.is_set()
