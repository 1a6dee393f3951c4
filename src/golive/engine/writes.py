"""What a write leaves behind is removed again, also when the run is cut off in the middle."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass
class Writes:
    """A write probe asks for this by type and does every storing request through it."""

    grace_s: float = 10.0
    _undo: list[tuple[str, Callable[[], Awaitable[object]]]] = field(default_factory=list)

    async def do(self, what: str, request: Awaitable[T], undo: Callable[[], Awaitable[object]]) -> T:
        """Await `request`, to its end even when cancelled; `undo` removes `what` and is registered before it starts."""
        self._undo.append((what, undo))
        task = asyncio.ensure_future(request)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task], timeout=self.grace_s)
            raise

    def stored(self) -> tuple[str, ...]:
        """Return what is stored, or may be, and is not yet removed."""
        return tuple(what for what, _ in self._undo)

    async def undo_all(self) -> tuple[str, ...]:
        """Undo in reverse order and return what could not be removed, with the reason."""
        left = []
        while self._undo:
            what, undo = self._undo.pop()
            try:
                await asyncio.wait_for(undo(), self.grace_s)
            except Exception as problem:  # noqa: BLE001 - whatever stopped it, the thing is left behind and must be named
                left.append(f"{what} ({type(problem).__name__})")
        return tuple(left)
