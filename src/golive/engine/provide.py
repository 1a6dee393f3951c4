"""What the profile brings to a run: its subjects, the settings in force for each, and the clients made with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from golive.engine.blueprint import Check, hints
from golive.engine.declare import Client, Environment, RunInfo, Settings, Subject
from golive.engine.facts import reachable

S = TypeVar("S", bound=Settings)

CLOSE_S = 0.3
"""How long a client may take to let go of what it holds."""


@dataclass
class ProfileWorld:
    """What the profile says there is: its subjects by kind, and settings by class."""

    env: Environment
    named: Mapping[type[Subject], Sequence[Subject]]
    settings: Mapping[type[Settings], Settings]

    def settings_for(self, of: type[S], subject: Subject) -> S:
        """Return the settings for a subject: its own, then its links', then the section's; field by field."""
        base = cast("S", self.settings.get(of)) or of.defaults()
        nearest_last = [s.own[of.key()] for s in reversed(reachable(subject)) if of.key() in s.own]
        if not nearest_last:
            return base
        given = {name: getattr(base, name) for name in base.model_fields_set}
        for own in nearest_last:
            given.update(own)
        return of(**given)

    def asking(self, checks: Sequence[Check], ids: Collection[str]) -> ProfileWorld:
        """Return the world without those subjects that are checks of their own (`as_check`) and are not asked."""
        own = {c.kind: c.info for c in checks if c.kind.as_check is not Subject.as_check}
        left = {
            kind: [s for s in there if s.as_check(own[kind]).id in ids] if kind in own else there
            for kind, there in self.named.items()
        }
        return replace(self, named=left)

    def concerned(self, checks: Sequence[Check]) -> tuple[Check, ...]:
        """Return the checks that are about something the product has, as its settings tell."""
        return tuple(check for check in checks if check.decl.when is None or self._holds(check.decl.when))

    def _holds(self, when: Callable[..., bool]) -> bool:
        wants = {name: hint for name, hint in hints(when).items() if name != "return"}
        return when(**{name: self.settings_for(hint, self.env) for name, hint in wants.items()})


class Clients:
    """The clients of a run, each made once, when it is first asked for."""

    def __init__(self, world: ProfileWorld, info: RunInfo) -> None:
        self.world = world
        self.info = info
        self._made: dict[type[Client], Client] = {}

    def get(self, of: type[Client]) -> Client:
        """Return the client, made with what its constructor asks for by type."""
        if of not in self._made:
            # A client without a constructor of its own has object's, which is no function with annotations.
            wants = hints(of.__init__) if of.__init__ is not object.__init__ else {}
            self._made[of] = of(**{name: self._provide(hint) for name, hint in wants.items() if name != "return"})
        return self._made[of]

    def _provide(self, hint: Any) -> Any:
        if hint is RunInfo:
            return self.info
        if issubclass(hint, Client):
            return self.get(hint)
        if issubclass(hint, Environment):
            return self.world.env
        return self.world.settings_for(hint, self.world.env)

    async def close(self) -> None:
        """Close every client; one that will not is left, for the findings are made and it changes none of them."""
        for client in self._made.values():
            try:
                await asyncio.wait_for(client.aclose(), CLOSE_S)
            except Exception:  # noqa: BLE001, S112 - as said above
                continue
