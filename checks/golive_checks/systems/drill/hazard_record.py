"""What pending migrations did to a restored copy: which locks they held, what they rewrote, who broke. Pure."""

from dataclasses import dataclass

from golive_checks.systems.machine.client.locks import Lock, Loss, Rehearsal, WrittenRows

__all__ = ["Lock", "Loss", "Rehearsal", "Rehearsed", "Smoke", "WrittenRows"]


@dataclass(frozen=True)
class Smoke:
    """A command of the previous release, run against the migrated copy.

    `code` is what it ended with; None where it had not ended after `limit_s`.
    """

    command: str
    code: int | None = 0
    limit_s: float = 0.0


@dataclass(frozen=True)
class Rehearsed:
    """All of it. `untried`: what may be pending and was not run; `gap`: why nothing was looked at."""

    migrations: tuple[Rehearsal, ...] = ()
    smoke: tuple[Smoke, ...] = ()
    unseen: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()
    gap: str = ""
    fix: str = ""
