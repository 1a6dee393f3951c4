"""How many requests at a time, how many a second, and which hosts are left alone."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

from pydantic import Field

from golive import Client, Environment, Settings, Unavailable, count_request
from golive_checks.systems.machine.client.capacity import Capacity

PRODUCTION_PER_SECOND = 5


class RateLimit(Settings):
    """How hard golive may lean on one host."""

    home: ClassVar[str] = "rate_limit"
    formerly: ClassVar[str] = "kindness"

    concurrency: int = Field(default=4, ge=1)
    """Requests at a time to one host."""
    per_second: int | None = Field(default=None, ge=0)
    """Requests a second to one host; 0 is no limit. Unset: 5 on production, no limit elsewhere."""


class Turnstile:
    """One host's slots: so many at a time, so many in any one second."""

    def __init__(self, concurrency: int, per_second: int) -> None:
        self.left_alone = ""
        self._free = asyncio.Semaphore(concurrency)
        self._starts: deque[float] | None = deque(maxlen=per_second) if per_second else None
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a turn, and hold a slot for the length of the block."""
        async with self._free:
            await self._wait_for_turn()
            yield

    async def _wait_for_turn(self) -> None:
        starts = self._starts
        if starts is None:
            return
        clock = asyncio.get_running_loop().time
        async with self._turn:  # asyncio's lock is fair: first come, first served
            if len(starts) == starts.maxlen:
                await asyncio.sleep(max(0.0, starts[0] + 1.0 - clock()))
            starts.append(clock())


class Pace(Client):
    """Slots per host. Timeouts start inside the slot, so that waiting for a turn never looks like a slow host."""

    def __init__(self, rate_limit: RateLimit, environment: Environment) -> None:
        self._concurrency = rate_limit.concurrency
        usual = PRODUCTION_PER_SECOND if environment.production else 0
        self._per_second = usual if rate_limit.per_second is None else rate_limit.per_second
        self._hosts: dict[str, Turnstile] = {}
        self._capacity = Capacity()

    @asynccontextmanager
    async def slot(self, host_name: str) -> AsyncIterator[None]:
        """Hold one of the host's slots; raises Unavailable where the host is to be left alone."""
        host = self._host(host_name)
        async with host.slot():
            if host.left_alone:
                raise Unavailable(f"{host_name} is left alone {host.left_alone}", fix="wait, then run golive again")
            async with self._capacity.slot():
                count_request(host_name)
                yield

    @asynccontextmanager
    async def room(self) -> AsyncIterator[None]:
        """Wait until this machine has room for one exchange more, with whomever; a resolver is no host under test."""
        async with self._capacity.slot():
            yield

    def leave_alone(self, host_name: str, reason: str) -> None:
        """Ask nothing more of the host in this run; `reason` completes "left alone ...": `after it answered 429`."""
        host = self._host(host_name)
        host.left_alone = host.left_alone or reason

    def _host(self, name: str) -> Turnstile:
        return self._hosts.setdefault(name.lower(), Turnstile(self._concurrency, self._per_second))
