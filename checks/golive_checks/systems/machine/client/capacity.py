"""How much golive does at once over all hosts: as much as this machine keeps up with, and no more."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

FEWEST, MOST = 8, 256
"""Exchanges at a time. Below the first a run would stand still beside other work; above the second nothing is won."""

AT_FIRST = 64

LOOK_S = 0.05
"""How often the event loop's lag is measured."""

LATE_S = 0.05
"""A loop that runs this much late is behind its work: timeouts would soon measure golive and not the hosts."""

GROWTH = 16
"""More exchanges at a time after each look at which the loop was on time."""


class Capacity:
    """Slots for all hosts together. Their number halves while the event loop lags, and grows while it keeps up."""

    def __init__(self) -> None:
        self.limit = AT_FIRST
        self._held = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._looking = False

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for room, and hold it for the length of the block."""
        await self._enter()
        try:
            yield
        finally:
            self._held -= 1
            self._let_in()

    async def _enter(self) -> None:
        if not self._waiting and self._held < self.limit:
            self._held += 1
        else:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                self._give_up(turn)
                raise
        self._watch()

    def _give_up(self, turn: asyncio.Future[None]) -> None:
        """Leave the queue; a turn that came at the same moment goes to the next in it."""
        if turn in self._waiting:
            self._waiting.remove(turn)
        elif not turn.cancelled():
            self._held -= 1
            self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._held < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._held += 1
                turn.set_result(None)

    def _watch(self) -> None:
        if not self._looking:
            self._looking = True
            loop = asyncio.get_running_loop()
            loop.call_later(LOOK_S, self._look, loop, loop.time() + LOOK_S)

    def _look(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        late = loop.time() - due > LATE_S
        self.limit = max(FEWEST, self.limit // 2) if late else min(MOST, self.limit + GROWTH)
        self._let_in()
        self._looking = False
        if self._held or self._waiting:
            self._watch()
