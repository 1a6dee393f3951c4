"""Connections to one server: so many at a time, none while it has few left, and none that has failed once already."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field

from golive.wording import percent
from golive_checks.systems.postgres.client.trouble import OF_LOGIN, OF_SERVER, PostgresTrouble, TroubleKind

LOOK_AGAIN_S = 1.0
"""How long an answer to `how many slots are free` counts."""

SLOTS = """\
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
     - coalesce(current_setting('reserved_connections', true), '0')::int,
       (SELECT count(*)::int FROM pg_stat_activity
         WHERE datid IS NOT NULL AND coalesce(backend_type, '') IN ('', 'client backend'))"""
"""Usable slots, and those in use. Anyone may ask: of others' sessions only the details are hidden (their type too).
reserved_connections exists since version 16."""


@dataclass
class _Login:
    """One role with one password: until it has worked once, it is tried by one task alone."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    works: bool = False
    trouble: PostgresTrouble | None = None


class ServerSlots:
    """The slots of one server, and what is known of it."""

    def __init__(self, name: str, concurrency: int, min_free_share: float) -> None:
        self._name = name
        self._min_free_share = min_free_share
        self._free = asyncio.Semaphore(concurrency)
        self._logins: dict[tuple[str, bytes], _Login] = {}
        self._trouble: PostgresTrouble | None = None
        self._crowded: PostgresTrouble | None = None
        self._looked_at = -LOOK_AGAIN_S

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold a slot for the length of the block."""
        async with self._free:
            yield

    @asynccontextmanager
    async def login(self, user: str, password: str) -> AsyncIterator[None]:
        """Log in within the block: not where it is known to fail, and alone until it is known to work."""
        digest = hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest()
        login = self._logins.setdefault((user, digest), _Login())
        async with nullcontext() if login.works else login.turn:
            self._refuse(login)
            try:
                yield
            except PostgresTrouble as trouble:
                if trouble.kind in OF_SERVER:
                    self._trouble = trouble
                elif trouble.kind in OF_LOGIN and not login.works:
                    login.trouble = trouble
                raise
            login.works = True

    def _refuse(self, login: _Login) -> None:
        known = self._trouble or login.trouble or (None if self.asks_now() else self._crowded)
        if known:
            again = PostgresTrouble(known.kind, known.reason, fix=known.fix)
            again.slots = known.slots
            raise again

    def asks_now(self) -> bool:
        """Return whether the next connection is to ask how many slots are free."""
        return asyncio.get_running_loop().time() - self._looked_at >= LOOK_AGAIN_S

    def saw(self, usable: int, used: int) -> None:
        """Remember how many slots are in use; raise where so few are free that golive keeps off."""
        self._looked_at = asyncio.get_running_loop().time()
        free = max(usable - used, 0)
        self._crowded = None
        if free < self._min_free_share * usable:
            wanted = f"golive leaves {percent(self._min_free_share)} free"
            reason = f"{self._name} has {free} of {usable} connections free: {wanted}, and opens no more"
            self._crowded = PostgresTrouble(TroubleKind.CROWDED, reason)
            self._crowded.slots = (usable, used)
            raise self._crowded

    def was_full(self, trouble: PostgresTrouble) -> None:
        """Remember for a while that it had no connection left."""
        self._looked_at = asyncio.get_running_loop().time()
        self._crowded = trouble
