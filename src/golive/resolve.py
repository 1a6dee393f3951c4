"""Types become a blueprint: what each check and probe needs, and by which links. What cannot be is refused."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Union

from golive.declare import (
    CHECK,
    PROBE,
    SUBJECTS,
    CheckDecl,
    Client,
    Entry,
    Environment,
    Fact,
    ProbeDecl,
    RunInfo,
    Section,
    Settings,
    Subject,
    SubjectsDecl,
    Unavailable,
)
from golive.model import CheckInfo, Effect, SectionInfo
from golive.writes import Writes

Path = tuple[str, ...]
"""Fields to follow from a subject to a linked one; `ROOT` stands for the environment, below which everything lies."""

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
class Policy:
    """Ask for settings."""

    settings: type[Settings]


@dataclass(frozen=True)
class Tool:
    """Ask for a client."""

    client: type[Client]


@dataclass(frozen=True)
class Given:
    """Ask for something the engine itself holds: Writes, RunInfo."""

    what: type


Ask = OneFact | ManyFacts | Linked | Policy | Tool | Given


@dataclass(frozen=True)
class Probe:
    """A probe with its needs resolved. `gives` is a Fact type, or the kind of subject it discovers."""

    decl: ProbeDecl
    kind: type[Subject]
    gives: type
    asks: Mapping[str, Ask]
    effect: Effect
    """The strongest effect of itself and of all it needs."""

    @property
    def name(self) -> str:
        """Return `module:Type` of what it gives, as records name it."""
        return f"{self.gives.__module__}:{self.gives.__qualname__}"


@dataclass(frozen=True)
class Check:
    """A check with its needs resolved. `touches` counts optional facts too; `info.effect` only the needed ones."""

    decl: CheckDecl
    info: CheckInfo
    kind: type[Subject]
    asks: Mapping[str, Ask]
    touches: Effect


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
    named: Mapping[type[Subject], Named]
    """The kinds that the profile names."""

    def empty_reason(self, kind: type[Subject]) -> str:
        """Return why having no subject of `kind` is n/a, or nothing where it is a gap."""
        return self.named[kind].decl.empty if kind in self.named else self.probes[kind].decl.empty

    def settings(self) -> Iterator[tuple[type[Subject] | None, type[Settings]]]:
        """Yield each settings class with the kind it is asked for, None for a client's."""
        owners: tuple[Check | Probe, ...] = (*self.checks, *self.probes.values())
        for owner in owners:
            for ask in owner.asks.values():
                if isinstance(ask, Policy):
                    yield owner.kind, ask.settings
                elif isinstance(ask, Tool):
                    yield from ((None, s) for s in client_settings(ask.client))

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
        found = typing.get_type_hints(function)
    except NameError as problem:
        raise DeclarationError(f"{place(function)}: {problem}; import it at the top of its module") from None
    found.pop("self", None)
    return found


def place(function: Any) -> str:
    """Return where a function or class is declared, as module:name."""
    return f"{function.__module__}:{function.__qualname__}"


def links(kind: type[Subject]) -> dict[type[Subject], list[Path]]:
    """Return every kind that can be reached from `kind` by links, nearest first, with the paths to it."""
    found: dict[type[Subject], list[Path]] = {kind: [()]}
    level: list[tuple[type[Subject], Path]] = [(kind, ())]
    while level:
        following: list[tuple[type[Subject], Path]] = []
        for at, path in level:
            types_of = typing.get_type_hints(at)
            for name in (f.name for f in fields(at)):
                target = types_of[name]
                if isinstance(target, type) and issubclass(target, Subject):
                    found.setdefault(target, []).append((*path, name))
                    following.append((target, (*path, name)))
        level = following
    found.setdefault(Environment, [ROOT])
    return found


class Resolver:
    """Resolves sections into a blueprint."""

    def __init__(self) -> None:
        self.probes: dict[type, Probe] = {}
        self.named: dict[type[Subject], Named] = {}
        self._open: list[type] = []

    def check(self, section: str, decl: CheckDecl) -> Check:
        """Resolve a check and all that it needs."""
        kind, asks = self.parameters(decl.run)
        self.source(kind, decl.run)
        effect = max([Effect.READ, *self.effects(kind, wanted(asks, needed_only=True))])
        touches = max([effect, *self.effects(kind, wanted(asks))])
        info = CheckInfo(decl.id, section, decl.title, decl.why, decl.fix, decl.severity, effect, decl.tags)
        return Check(decl, info, kind, asks, touches)

    def effects(self, kind: type[Subject], needs: Iterator[type]) -> Iterator[Effect]:
        """Yield the effects of the probes behind `kind` and `needs`."""
        return (self.probes[n].effect for n in [kind, *needs] if n in self.probes)

    def parameters(self, function: Callable[..., Any]) -> tuple[type[Subject], dict[str, Ask]]:
        """Return the subject's kind and what the other parameters ask for."""
        found = hints(function)
        found.pop("return", None)
        if not found:
            raise DeclarationError(f"{place(function)}: the first parameter must be a subject with a type annotation")
        (first, kind), *rest = found.items()
        if not (isinstance(kind, type) and issubclass(kind, Subject)):
            raise DeclarationError(f"{place(function)}: the first parameter, {first}, must be a kind of Subject")
        asks: dict[str, Ask] = {first: Linked(())}
        asks.update({name: self.ask(function, kind, name, hint) for name, hint in rest})
        return kind, asks

    def ask(self, function: Callable[..., Any], kind: type[Subject], name: str, hint: Any) -> Ask:
        """Resolve one parameter."""
        hint, optional = without_unavailable(hint)
        if typing.get_origin(hint) is not None and issubclass(typing.get_origin(hint), Mapping):
            return self.many(function, kind, name, hint, whole=optional)
        if not isinstance(hint, type):
            raise DeclarationError(f"{place(function)}: {name} has no type that golive can provide: {hint}")
        if issubclass(hint, Fact):
            return OneFact(hint, self.reach(function, kind, self.probe(hint, function).kind, name), optional)
        if issubclass(hint, Settings):
            return Policy(hint)
        if issubclass(hint, Subject):
            return Linked(self.reach(function, kind, hint, name))
        if issubclass(hint, Client):
            return Tool(hint)
        if hint in {Writes, RunInfo}:
            return Given(hint)
        raise DeclarationError(
            f"{place(function)}: {name}: {hint.__name__} is none of Fact, Settings, Subject, Client, Writes, RunInfo"
        )

    def many(
        self, function: Callable[..., Any], kind: type[Subject], name: str, hint: Any, *, whole: bool
    ) -> ManyFacts:
        """Resolve `Mapping[Kind, SomeFact]`."""
        of, value = typing.get_args(hint)
        fact, optional = without_unavailable(value)
        if not (isinstance(of, type) and issubclass(of, Subject) and isinstance(fact, type) and issubclass(fact, Fact)):
            raise DeclarationError(f"{place(function)}: {name} must be Mapping[<kind of Subject>, <Fact>]")
        probe = self.probe(fact, function)
        if probe.kind is not of:
            raise DeclarationError(
                f"{place(function)}: {name}: {fact.__name__} is a fact of {probe.kind.__name__}, "
                f"ask for Mapping[{probe.kind.__name__}, {fact.__name__}]"
            )
        self.source(of, function)
        below = links(of)
        for common, paths in links(kind).items():
            if common in below and common is not of:
                only_path(function, name, common, [*paths])
                return ManyFacts(fact, of, paths[0], below[common][0], optional, whole)
        raise DeclarationError(f"{place(function)}: {name}: {of.__name__} and {kind.__name__} have no common subject")

    def reach(self, function: Callable[..., Any], kind: type[Subject], target: type[Subject], name: str) -> Path:
        """Return the path of links from `kind` to `target`."""
        paths = links(kind).get(target)
        if paths is None:
            raise DeclarationError(
                f"{place(function)}: {name} belongs to {target.__name__}, which {kind.__name__} does not link to; "
                f"ask for Mapping[{target.__name__}, …] or make the subject {target.__name__}"
            )
        only_path(function, name, target, paths)
        return paths[0]

    def probe(self, gives: type, asker: Any) -> Probe:
        """Find and resolve the probe that gives a fact or discovers a kind, in the module of that type."""
        if gives in self.probes:
            return self.probes[gives]
        if gives in self._open:
            circle = " -> ".join(t.__name__ for t in [*self._open[self._open.index(gives) :], gives])
            raise DeclarationError(f"{place(asker)}: the facts need each other in a circle: {circle}")
        found = [f for f in members(sys.modules[gives.__module__], PROBE) if gives_of(f) is gives]
        if len(found) != 1:
            count = "no probe" if not found else "more than one probe"
            raise DeclarationError(
                f"{place(asker)}: {count} gives {gives.__name__}; exactly one belongs in {gives.__module__}"
            )
        self._open.append(gives)
        decl: ProbeDecl = getattr(found[0], PROBE)
        kind, asks = self.parameters(decl.run)
        self.source(kind, decl.run)
        self._open.pop()
        effect = max([decl.effect, *self.effects(kind, wanted(asks, needed_only=True))])
        self.probes[gives] = Probe(decl, kind, gives, asks, effect)
        return self.probes[gives]

    def source(self, kind: type[Subject], asker: Any) -> None:
        """Find where subjects of `kind` come from: the profile, or a probe that discovers them."""
        if kind is Environment or kind in self.named or kind in self.probes:
            return
        found = [f for f in members(sys.modules[kind.__module__], SUBJECTS) if gives_of(f) is kind]
        if not found:
            self.probe(kind, asker)
            return
        *_, entry = [hint for name, hint in hints(found[0]).items() if name != "return"]
        decl: SubjectsDecl = getattr(found[0], SUBJECTS)
        self.named[kind] = Named(decl, entry, single=len(hints(found[0])) == 2)  # noqa: PLR2004 - the entry and `return`
        for linked in links(kind):
            self.source(linked, asker)


def only_path(function: Any, name: str, target: type[Subject], paths: Sequence[Path]) -> None:
    """Refuse a target that can be reached in two ways."""
    if len(paths) > 1:
        ways = " and ".join(".".join(p) for p in paths)
        raise DeclarationError(
            f"{place(function)}: {name}: {target.__name__} is reached by {ways}; make each a subject of its own, "
            "or compose the facts in one probe"
        )


def without_unavailable(hint: Any) -> tuple[Any, bool]:
    """Take `| Unavailable` off a type, and tell whether it was there."""
    if typing.get_origin(hint) in {Union, types.UnionType}:
        rest = [a for a in typing.get_args(hint) if a is not Unavailable]
        if len(rest) == 1:
            return rest[0], True
    return hint, False


def members(module: types.ModuleType, mark: str) -> list[Callable[..., Any]]:
    """Return the functions declared in `module` that bear `mark`, in the order of declaration."""
    return [f for f in vars(module).values() if callable(f) and hasattr(f, mark) and f.__module__ == module.__name__]


def gives_of(function: Callable[..., Any]) -> Any:
    """Return the Fact type or kind of subject that a probe or a subjects function returns."""
    returned = hints(function).get("return")
    if typing.get_origin(returned) is tuple:
        return typing.get_args(returned)[0]
    return returned


def resolve(modules: Mapping[str, types.ModuleType]) -> Blueprint:
    """Resolve the modules of sections into a blueprint; `modules` maps a section's entry point to its module.

    Raises:
        DeclarationError: a check or probe that cannot work, two checks of one id, two sections of one id.
    """
    resolver = Resolver()
    sections: dict[str, SectionInfo] = {}
    checks: dict[str, Check] = {}
    for module in modules.values():
        section: Section = module.section
        if section.id in sections:
            raise DeclarationError(f"{module.__name__}: there is already a section {section.id}")
        sections[section.id] = SectionInfo(section.id, section.title, section.number)
        for part in (module, *section.modules):
            for function in members(part, CHECK):
                resolved = resolver.check(section.id, getattr(function, CHECK))
                if resolved.info.id in checks:
                    other = place(checks[resolved.info.id].decl.run)
                    raise DeclarationError(f"{place(function)}: the check {resolved.info.id} is already in {other}")
                checks[resolved.info.id] = resolved
    ordered = sorted(sections.values(), key=lambda s: (s.number == 0, s.number, s.id))
    rank = {s.id: n for n, s in enumerate(ordered)}
    in_order = sorted(checks.values(), key=lambda c: rank[c.info.section])
    return Blueprint(tuple(ordered), tuple(in_order), resolver.probes, resolver.named)
