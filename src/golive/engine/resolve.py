"""Types become a blueprint: what each check and probe needs, and by which links. What cannot be is refused."""

from __future__ import annotations

import re
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, Union

from golive.engine.blueprint import (
    ROOT,
    Ask,
    Blueprint,
    Check,
    DeclarationError,
    Given,
    Linked,
    ManyFacts,
    Named,
    OneClient,
    OneFact,
    OneSettings,
    Path,
    Probe,
    hints,
    place,
    wanted,
)
from golive.engine.declare import (
    CHECK,
    PROBE,
    SUBJECTS,
    CheckDecl,
    Client,
    Environment,
    Fact,
    ProbeDecl,
    Provided,
    RunInfo,
    Section,
    Settings,
    Subject,
    SubjectsDecl,
    Unavailable,
)
from golive.engine.writes import Writes
from golive.model import CheckInfo, Effect, SectionInfo

FACT_ID = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+")

_LINKS: dict[type[Subject], dict[type[Subject], list[Path]]] = {}


def links(kind: type[Subject]) -> dict[type[Subject], list[Path]]:
    """Return every kind that can be reached from `kind` by links, nearest first, with the paths to it."""
    if kind in _LINKS:
        return _LINKS[kind]
    found = _LINKS[kind] = {kind: [()]}
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
        self.named: dict[type[Subject], tuple[Named, ...]] = {}
        self._open: list[type] = []
        self._ids: dict[str, ProbeDecl] = {}

    def check(self, section: str, decl: CheckDecl) -> Check:
        """Resolve a check and all that it needs."""
        kind, asks, provided = self.parameters(decl.run)
        for name, of in provided.items():
            raise DeclarationError(f"{place(decl.run)}: {name}: {of.__name__} is for probes; a check asks for facts")
        self.source(kind, decl.run)
        effect = max([Effect.READ, *self.effects(kind, wanted(asks, needed_only=True))])
        info = CheckInfo(decl.id, section, decl.title, decl.why, decl.fix, decl.severity, effect, decl.tags)
        return Check(decl, info, kind, asks)

    def effects(self, kind: type[Subject], needs: Iterator[type]) -> Iterator[Effect]:
        """Yield the effects of the probes behind `kind` and `needs`."""
        return (self.probes[n].effect for n in [kind, *needs] if n in self.probes)

    def parameters(
        self, function: Callable[..., Any]
    ) -> tuple[type[Subject], dict[str, Ask], dict[str, type[Provided]]]:
        """Return the subject's kind, what the other parameters ask for, and which of them are `Provided`."""
        found = hints(function)
        found.pop("return", None)
        if not found:
            raise DeclarationError(f"{place(function)}: the first parameter must be a subject with a type annotation")
        (first, kind), *rest = found.items()
        if not (isinstance(kind, type) and issubclass(kind, Subject)):
            raise DeclarationError(f"{place(function)}: the first parameter, {first}, must be a kind of Subject")
        asks: dict[str, Ask] = {first: Linked(())}
        provided = {name: hint for name, hint in rest if isinstance(hint, type) and issubclass(hint, Provided)}
        for name, hint in rest:
            each = {f"{name}.{part}": of for part, of in hints(hint).items()} if name in provided else {name: hint}
            asks |= {part: self.ask(function, kind, part, of) for part, of in each.items()}
        return kind, asks, provided

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
            return OneSettings(hint)
        if issubclass(hint, Subject):
            return Linked(self.reach(function, kind, hint, name))
        if issubclass(hint, Client):
            return OneClient(hint)
        if hint in {Writes, RunInfo}:
            return Given(hint)
        raise DeclarationError(
            f"{place(function)}: {name}: {hint.__name__} is none of "
            "Fact, Settings, Subject, Client, Provided, Writes, RunInfo"
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
        decl: ProbeDecl = getattr(found[0], PROBE)
        self.only_id(decl)
        self._open.append(gives)
        kind, asks, provided = self.parameters(decl.run)
        self.source(kind, decl.run)
        self._open.pop()
        effect = max([decl.effect, *self.effects(kind, wanted(asks, needed_only=True))])
        self.probes[gives] = Probe(decl, kind, gives, asks, effect, provided)
        return self.probes[gives]

    def only_id(self, decl: ProbeDecl) -> None:
        """Refuse an id that is not `system.fact`, or that another fact has: one record would replace the other."""
        if not FACT_ID.fullmatch(decl.id):
            raise DeclarationError(
                f"{place(decl.run)}: the fact id {decl.id!r} must be lower-case words, `system.fact`: dns.resolution"
            )
        other = self._ids.setdefault(decl.id, decl)
        if other.run is not decl.run:
            raise DeclarationError(f"{place(decl.run)}: the fact id {decl.id} is already in {place(other.run)}")

    def source(self, kind: type[Subject], asker: Any) -> None:
        """Find where subjects of `kind` come from: the profile, or a probe that discovers them."""
        if kind is Environment or kind in self.named or kind in self.probes:
            return
        found = [f for f in members(sys.modules[kind.__module__], SUBJECTS) if gives_of(f) is kind]
        if not found:
            self.probe(kind, asker)
            return
        self.named[kind] = tuple(named(function) for function in found)
        for linked in links(kind):
            self.source(linked, asker)


def named(function: Callable[..., Any]) -> Named:
    """Return the profile key that a subjects function reads."""
    *_, entry = [hint for name, hint in hints(function).items() if name != "return"]
    decl: SubjectsDecl = getattr(function, SUBJECTS)
    return Named(decl, entry, single=len(hints(function)) == 2)  # noqa: PLR2004 - the entry and `return`


def only_path(function: Any, name: str, target: type[Subject], paths: Sequence[Path]) -> None:
    """Refuse a target that can be reached in two ways."""
    if len(paths) > 1:
        ways = " and ".join(".".join(p) for p in paths)
        raise DeclarationError(
            f"{place(function)}: {name}: {target.__name__} is reached by {ways}; make each a subject of its own, "
            "or compose the facts in one probe"
        )


def without_unavailable(hint: Any) -> tuple[Any, bool]:
    """Take `| Unavailable` off a type, and return whether it was there."""
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
        DeclarationError: a check or probe that cannot work, two checks, facts or sections of one id.
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
    # What golive adds beside the checklist has the number 0, and comes after the checklist's own sections.
    ordered = sorted(sections.values(), key=lambda s: (s.number == 0, s.number, s.id))
    rank = {s.id: n for n, s in enumerate(ordered)}
    in_order = sorted(checks.values(), key=lambda c: rank[c.info.section])
    tables = {module.section.id: module.section.tables for module in modules.values()}
    return Blueprint(tuple(ordered), tuple(in_order), resolver.probes, resolver.named, tables)
