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
from golive.engine.run import ChecksRun
from golive.gate import RED
from golive.judge import report_of
from golive.model import Finding, Outcome, Report
from golive.report.redact import redactor
from golive.select import UsageError
from golive.session import Options, Session, allowed_effects, concerned
from golive.shortening import knowing
from golive.version import VERSION
from golive.wording import duration

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
    live = _Live(session, options, watch, publish)
    with knowing(live.clean):
        return live.outcomes(in_loop(live.look_until_ready()))


class _Live:
    """What is looked at, once or several times, and whose outcomes so far can be had at any moment."""

    def __init__(
        self,
        session: Session,
        options: Options,
        watch: Callable[[Event], None],
        publish: Callable[[Outcomes], None],
    ) -> None:
        self._session, self._options = session, options
        self._watch, self._publish = watch, publish
        self._profile = session.profile
        self._world, self._checks = concerned(session, options.only, options.skip, options.phase, options.vantage)
        self.clean = redactor(self._profile.secrets)
        self._store = Store(clean=self.clean)
        self._info = RunInfo(secrets.token_hex(4), VERSION, options.history)
        self._started = dt.datetime.now(dt.UTC)
        self._timeout_s = options.timeout_s or self._profile.data.timeout_s or TIMEOUT_S
        self._interrupted = threading.Event()
        self._left_behind: list[str] = []
        self._kept: list[Finding] = []
        """Of --retry-until-ready: what is green, and not looked at again."""

    async def look_until_ready(self) -> list[Finding]:
        """Look at everything, and then again at what is red, until nothing is or the time is up."""
        until = time.monotonic() + self._options.retry_s
        every = list(await self._look(self._checks, ()))
        while not self._interrupted.is_set() and time.monotonic() + RETRY_PAUSE_S < until:
            red = {f.check.declared for f in self._report(every)[0].blockers}
            again = [c for c in self._checks if c.info.id in red]
            if not again or await _interrupted_within(RETRY_PAUSE_S, self._interrupted):
                break
            self._kept[:] = [f for f in every if f.check.declared not in red or f.outcome not in {*RED, Outcome.WARN}]
            every = [*self._kept, *await self._look(again, {f.id for f in self._kept})]
        rank = {c.info.id: n for n, c in enumerate(self._checks)}
        return sorted(every, key=lambda f: rank[f.check.declared])

    async def _look(self, open_checks: Sequence[Check], settled: Collection[str]) -> tuple[Finding, ...]:
        run = ChecksRun(
            self._session.blueprint,
            open_checks,
            self._world,
            self._store,
            allowed=allowed_effects(self._profile),
            info=self._info,
            watch=self._watch,
            settled=settled,
            strong_last=self._profile.data.production,
            shard=self._options.shard,
        )
        loop = cast("Loop", asyncio.get_running_loop())  # in_loop has made it
        watchdog = ending.Watchdog(loop, lambda place: self._blocked(run, place))

        def stop() -> None:
            self._interrupted.set()
            loop.call_soon_threadsafe(run.end, "interrupted")
            watchdog.begin(0)

        with watchdog.watching(self._timeout_s), ending.on_signals(stop):
            found = await run.findings(self._timeout_s)
        self._left_behind.extend(run.left_behind)
        return found

    def _blocked(self, run: ChecksRun, place: str) -> None:
        """Publish what there is where the run cannot end by itself, because something blocks it."""
        over = f"not finished when the run's {duration(self._timeout_s)} were over"
        why = "interrupted" if self._interrupted.is_set() else over
        found = run.cut_off(f"{why}: golive was blocked at {place}")
        self._left_behind.extend(run.left_behind)
        self._publish(self.outcomes([*self._kept, *found]))

    def outcomes(self, found: Sequence[Finding]) -> Outcomes:
        """Return the report on findings, and what writes the facts that they rest on."""
        final, circumstances = self._report(found)
        return Outcomes(
            final, lambda: facts.write(facts.plain(circumstances, None, self.clean), self._profile.masked, self._store)
        )

    def _from(self) -> str:
        return f"{self._options.vantage}: " if self._options.vantage else ""

    def _report(self, found: Sequence[Finding]) -> tuple[Report, dict[str, Any]]:
        options = self._options
        circumstances = {
            "version": self._info.version,
            "started": self._started.isoformat(),
            "ended": dt.datetime.now(dt.UTC).isoformat(),
            "vantage": f"{self._from()}{platform.node()}, {platform.system()} {platform.release()}",
            "seen_from": options.vantage,
            "phase": options.phase,
            "only": options.only,
            "skip": options.skip,
            "about": options.about or (f"shard {options.shard}" if options.shard else ""),
            "shard": str(options.shard or ""),
            "interrupted": self._interrupted.is_set(),
            "left_behind": self._left_behind,
        }
        return report_of(self._session, self._checks, found, [self._store], circumstances, options), circumstances


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
