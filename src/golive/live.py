"""Look at the real systems and judge what was seen, once or until they are ready."""

from __future__ import annotations

import asyncio
import datetime as dt
import platform
import secrets
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from golive.engine import ending, facts
from golive.engine.blueprint import Check
from golive.engine.declare import RunInfo
from golive.engine.events import Event
from golive.engine.facts import Store
from golive.engine.loop import Loop, in_loop
from golive.engine.run import Run
from golive.gate import RED
from golive.judge import report_of
from golive.model import Finding, Outcome, Report
from golive.report.redact import redactor
from golive.select import UsageError
from golive.session import Options, Session, allowed_effects, concerned
from golive.version import VERSION

TIMEOUT_S = 120.0
"""The whole run's deadline where neither the command line nor the profile sets one."""

RETRY_PAUSE_S = 2.0
"""Between two looks of --retry-until-ready."""


@dataclass(frozen=True)
class Outcomes:
    """A run's report, and what writes the text of its fact file."""

    report: Report
    facts: Callable[[], str]


def check(
    session: Session,
    options: Options,
    watch: Callable[[Event], None] = lambda _: None,
    publish: Callable[[Outcomes], None] = lambda _: None,
) -> Outcomes:
    """Look at the world and judge it. SIGINT, SIGTERM and SIGHUP end the run with the findings so far.

    `publish` is called with the outcomes so far where something blocks the run beyond its end, from a thread or a
    signal's handler, and is to end the process: what blocks can be neither awaited nor cancelled.
    """
    profile = session.profile
    if options.baseline and options.baseline.environment != profile.data.environment:
        raise UsageError(
            f"{options.baseline.name} is a report on {options.baseline.environment}, not on {profile.data.environment}"
        )
    world, checks = concerned(session, options.only, options.skip, options.phase)
    clean = redactor(profile.secrets)
    store = Store(clean=clean)
    info = RunInfo(secrets.token_hex(4), VERSION, options.history)
    started = dt.datetime.now(dt.UTC)
    timeout_s = options.timeout_s or profile.data.timeout_s or TIMEOUT_S
    interrupted = threading.Event()
    left_behind: list[str] = []
    kept: list[Finding] = []
    """Of --retry-until-ready: what is green, and not looked at again."""

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
        loop = cast("Loop", asyncio.get_running_loop())  # in_loop has made it

        def blocked(place: str) -> None:
            why = "interrupted" if interrupted.is_set() else f"not finished when the run's {timeout_s:g} s were over"
            found = run.cut_off(f"{why}: golive was blocked at {place}")
            left_behind.extend(run.left_behind)
            publish(outcomes([*kept, *found]))

        watchdog = ending.Watchdog(loop, blocked)

        def stop() -> None:
            interrupted.set()
            loop.call_soon_threadsafe(run.end, "interrupted")
            watchdog.begin(0)

        with watchdog.watching(timeout_s), ending.on_signals(stop):
            found = await run.findings(timeout_s)
        left_behind.extend(run.left_behind)
        return found

    def report(found: Sequence[Finding]) -> tuple[Report, dict[str, Any]]:
        circumstances = {
            "version": info.version,
            "started": started.isoformat(),
            "ended": dt.datetime.now(dt.UTC).isoformat(),
            "vantage": f"{platform.node()}, {platform.system()} {platform.release()}",
            "phase": options.phase,
            "only": options.only,
            "skip": options.skip,
            "about": options.about,
            "interrupted": interrupted.is_set(),
            "left_behind": left_behind,
        }
        return report_of(session, checks, found, store, circumstances, options), circumstances

    def outcomes(found: Sequence[Finding]) -> Outcomes:
        final, circumstances = report(found)
        return Outcomes(final, lambda: facts.write(facts.plain(circumstances, None, clean), profile.masked, store))

    async def look_until_ready() -> list[Finding]:
        until = time.monotonic() + options.retry_s
        every = list(await look(checks, ()))
        while not interrupted.is_set() and time.monotonic() + RETRY_PAUSE_S < until:
            red = {f.check.declared for f in report(every)[0].blockers}
            again = [c for c in checks if c.info.id in red]
            if not again or await _interrupted_within(RETRY_PAUSE_S, interrupted):
                break
            kept[:] = [f for f in every if f.check.declared not in red or f.outcome not in {*RED, Outcome.WARN}]
            every = [*kept, *await look(again, {f.id for f in kept})]
        rank = {c.info.id: n for n, c in enumerate(checks)}
        return sorted(every, key=lambda f: rank[f.check.declared])

    return outcomes(in_loop(look_until_ready()))


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
