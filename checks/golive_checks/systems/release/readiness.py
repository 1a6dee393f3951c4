"""Whether readiness goes red while a dependency is away: tried where the profile says how to take one away."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from golive import Client, Effect, Fact, Settings, Unavailable, Writes, probe
from golive.profile.types import Duration
from golive_checks.subjects import Host
from golive_checks.systems.http.front import HostDoor
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.guard import LeftoverGuard, Undo
from golive_checks.systems.release.deployed import Sides
from golive_checks.systems.release.health import Health, HealthSeen, Service

Argument = Annotated[str, Field(max_length=4000)]
LOOKS = 20
"""How often readiness is asked meanwhile."""
OK = 200


class Readiness(Settings):
    """How a dependency of the API is taken away for a moment, and brought back. Runs with `allow: [write]` alone.

    Other checks of the same run may meet the system without it: take one that they do not look at, or run it by itself.
    """

    home: ClassVar[str] = "rollout.readiness"

    take_away: tuple[Argument, ...] = ()
    """A command, as a list of arguments, such as [docker, compose, stop, redis]."""
    bring_back: tuple[Argument, ...] = ()
    """The command that undoes it; it is run again where it is not certain that it was."""
    within_s: Duration = Field(default=15.0, gt=0, le=300)
    """How soon readiness must go red, and green again afterwards."""

    @model_validator(mode="after")
    def _both(self) -> "Readiness":
        if bool(self.take_away) != bool(self.bring_back):
            raise ValueError("needs both take_away and bring_back, or neither")
        return self


@dataclass(frozen=True)
class ReadinessDrill(Fact):
    """When readiness went red and green again, None for never; empty `path` where it was not tried."""

    path: str = ""
    watched_s: float = 0.0
    red_after_s: float | None = None
    red_status: int = 0
    live_status: int = 0
    """What liveness answered meanwhile; 0 where it was not 200 before."""
    green_after_s: float | None = None
    last_status: int = 0
    earlier: tuple[str, ...] = ()
    """What runs that were killed had taken away, and what became of it."""


class Turns(Client):
    """Lets one host's dependency be away at a time: it may be another's too."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()


def _requests(host: Host, ask: Readiness, health: Health) -> int:
    return 5 if ask.take_away and health.ready and host.serves_api else 0


@probe("release.readiness-drill", requests=_requests, effect=Effect.WRITE)
async def readiness_drill(
    host: Host,
    service: Service,
    door: HostDoor,
    before: HealthSeen | Unavailable,
    sides: Sides | Unavailable,
    ask: Readiness,
    health: Health,
    command: CommandRunner,
    limits: CommandLimits,
    guard: LeftoverGuard,
    turns: Turns,
    writes: Writes,
) -> ReadinessDrill:
    """Take a dependency away, watch readiness, and bring it back: after all others have asked for health."""
    if not ask.take_away or not health.ready or not service.here:
        return ReadinessDrill()

    async def status(path: str) -> int:
        return (await door.get_anew(path)).status

    what, undo = f"what {ask.home}.take_away took away from {host.name}", Undo(str(ask.bring_back), ask.bring_back)
    async with turns.lock:
        earlier = await asyncio.to_thread(guard.earlier, undo.about)
        if await status(health.ready) != OK:
            raise Unavailable("; ".join([f"{health.ready} is red already, so nothing is taken away from it", *earlier]))
        lives = bool(health.live) and await status(health.live) == OK
        settled = partial(guard.settled, await guard.expect(what, undo, limits.timeout_s))
        dependency = _Dependency(command, ask, settled)
        await writes.do(what, dependency.take_away(), dependency.bring_back)
        red_after, red_status = await _until(lambda: status(health.ready), ask.within_s, red=True)
        # Liveness must not fail along with it: a restart brings no database back.
        live = await status(health.live) if lives and red_after is not None else 0
        await dependency.bring_back()
        green_after, last = await _until(lambda: status(health.ready), ask.within_s, red=False)
    return ReadinessDrill(health.ready, ask.within_s, red_after, red_status, live, green_after, last, earlier)


class _Dependency:
    """What is taken away, and brought back once, by whoever comes to it first."""

    def __init__(self, command: CommandRunner, ask: Readiness, settled: Callable[[], Awaitable[None]]) -> None:
        self._command = command
        self._settled = settled
        self._ask = ask
        self._back = False
        self._runs = id(self)

    async def take_away(self) -> None:
        await self._run(self._ask.take_away, "take the dependency away")

    async def bring_back(self) -> None:
        if not self._back:
            await self._run(self._ask.bring_back, "bring the dependency back")
            self._back = True
            await self._settled()

    async def _run(self, argv: tuple[str, ...], what: str) -> None:
        self._runs += 1
        ran = await self._command.run(argv, again=self._runs)
        if ran.code:
            raise Unavailable(f"the command to {what} ended with {ran.code}", fix="Run it by hand to see why.")


async def _until(status: Callable[[], Awaitable[int]], within_s: float, *, red: bool) -> tuple[float | None, int]:
    """Ask until it is red, or green; return when, None for never, and the last status."""
    clock = asyncio.get_running_loop().time
    began, seen = clock(), 0
    for look in range(1, LOOKS + 1):
        seen = await status()
        if (seen != OK) is red:
            return clock() - began, seen
        await asyncio.sleep(max(0.0, began + within_s * look / LOOKS - clock()))
    return None, seen
