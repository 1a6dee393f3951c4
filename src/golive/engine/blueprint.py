"""What the loaded sections can look at, as data: checks and probes with every parameter resolved."""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from golive.engine.declare import (
    CheckDecl,
    Client,
    DatedTable,
    Entry,
    Fact,
    ProbeDecl,
    Provided,
    Settings,
    Subject,
    SubjectsDecl,
)
from golive.model import CheckInfo, Effect, SectionInfo

Path = tuple[str, ...]
"""Fields to follow from a subject to a linked one; `ROOT` stands for the environment, below which everything is."""

ROOT: Path = ("^",)


class DeclarationError(Exception):
    """A check, probe or settings class that cannot work as it is declared. One line that names what to ask for."""


@dataclass(frozen=True)
class OneFact:
    """Ask for a fact of the subject itself or of one it links to."""

    fact: type[Fact]
    path: Path
    optional: bool


@dataclass(frozen=True)
class ManyFacts:
    """Ask for a fact from every subject of `kind` below the nearest common subject."""

    fact: type[Fact]
    kind: type[Subject]
    up: Path
    """From the asking subject to the common one."""
    down: Path
    """From a subject of `kind` to the common one."""
    optional: bool
    """Gaps are handed over one by one."""
    whole: bool
    """A gap in finding the subjects is handed over in place of the mapping."""


@dataclass(frozen=True)
class Linked:
    """Ask for a linked subject."""

    path: Path


@dataclass(frozen=True)
class OneSettings:
    """Ask for settings."""

    settings: type[Settings]


@dataclass(frozen=True)
class OneClient:
    """Ask for a client."""

    client: type[Client]


@dataclass(frozen=True)
class Given:
    """Ask for something the engine itself holds: Writes, RunInfo."""

    what: type


Ask = OneFact | ManyFacts | Linked | OneSettings | OneClient | Given


@dataclass(frozen=True)
class Probe:
    """A probe with its needs resolved. `gives` is a Fact type, or the kind of subject it discovers."""

    decl: ProbeDecl
    kind: type[Subject]
    gives: type
    asks: Mapping[str, Ask]
    effect: Effect
    """The strongest effect of itself and of all it needs."""
    provided: Mapping[str, type[Provided]] = field(default_factory=dict)
    """The parameters that are put together from several; `asks` has each of their fields as `parameter.field`."""

    @property
    def name(self) -> str:
        """Return the id of what it gives, as records name it."""
        return self.decl.id

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the probe is called with, from what each of its asks was given."""
        found = {name: value for name, value in given.items() if "." not in name}
        for name, of in self.provided.items():
            prefix = f"{name}."
            found[name] = of(**{k.removeprefix(prefix): v for k, v in given.items() if k.startswith(prefix)})
        return found


@dataclass(frozen=True)
class Check:
    """A check with its needs resolved. `info.effect` is the strongest of those without which it is not judged."""

    decl: CheckDecl
    info: CheckInfo
    kind: type[Subject]
    asks: Mapping[str, Ask]


@dataclass(frozen=True)
class Named:
    """A profile key that names subjects. `single` where the key holds one entry and not a mapping of them."""

    decl: SubjectsDecl
    entry: type[Entry]
    single: bool


@dataclass(frozen=True)
class Blueprint:
    """Everything that the loaded sections can look at, as data."""

    sections: tuple[SectionInfo, ...]
    checks: tuple[Check, ...]
    probes: Mapping[type, Probe]
    """By what they give: Fact types and discovered kinds."""
    named: Mapping[type[Subject], tuple[Named, ...]]
    """A kind may have several keys: reverse proxies have one for each program."""
    """The kinds that the profile names."""
    tables: Mapping[str, tuple[DatedTable, ...]] = field(default_factory=dict)
    """What each section judges by that changes with time."""

    def empty_reason(self, kind: type[Subject]) -> str:
        """Return why having no subject of `kind` is n/a, or nothing where it is a gap."""
        return self.named[kind][0].decl.empty if kind in self.named else self.probes[kind].decl.empty

    def settings(self) -> Iterator[tuple[type[Subject] | None, type[Settings]]]:
        """Yield each settings class with the kind it is asked for, None for a client's."""
        owners: tuple[Check | Probe, ...] = (*self.checks, *self.probes.values())
        for owner in owners:
            for ask in owner.asks.values():
                if isinstance(ask, OneSettings):
                    yield owner.kind, ask.settings
                elif isinstance(ask, OneClient):
                    yield from ((None, s) for s in client_settings(ask.client))
        for check in self.checks:
            if check.decl.when:
                yield from ((None, s) for s in hints(check.decl.when).values() if s is not bool)

    def needs(self, check: Check) -> tuple[Probe, ...]:
        """Return every probe that `check` may start, itself and through others, in the order of declaration."""
        found: dict[type, Probe] = {}

        def follow(kind: type[Subject], asks: Mapping[str, Ask]) -> None:
            for gives in [kind, *wanted(asks)]:
                probe = self.probes.get(gives)
                if probe and gives not in found:
                    found[gives] = probe
                    follow(probe.kind, probe.asks)

        follow(check.kind, check.asks)
        return tuple(found.values())


def wanted(asks: Mapping[str, Ask], *, needed_only: bool = False) -> Iterator[type]:
    """Yield the fact types and kinds that `asks` name; with `needed_only` only those that must not be gaps."""
    for ask in asks.values():
        if isinstance(ask, OneFact) and not (needed_only and ask.optional):
            yield ask.fact
        elif isinstance(ask, ManyFacts):
            if not (needed_only and ask.whole):
                yield ask.kind
            if not (needed_only and (ask.optional or ask.whole)):
                yield ask.fact


def client_settings(client: type[Client]) -> Iterator[type[Settings]]:
    """Yield the settings that a client and the clients it uses are made with."""
    for hint in hints(client.__init__).values():
        if isinstance(hint, type) and issubclass(hint, Settings):
            yield hint
        elif isinstance(hint, type) and issubclass(hint, Client):
            yield from client_settings(hint)


def hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the types of a function's parameters, and of what it returns under `return`."""
    try:
        return {name: hint for name, hint in _type_hints(function).items() if name != "self"}
    except NameError as problem:
        raise DeclarationError(f"{place(function)}: {problem}; import it at the top of its module") from None


_type_hints = functools.cache(typing.get_type_hints)
"""A function is looked at once for itself and once for each that may need it."""


def place(function: Any) -> str:
    """Return where a function or class is declared, as module:name."""
    return f"{function.__module__}:{function.__qualname__}"
