"""A blueprint gives the profile its shape, and a profile gives the blueprint its subjects and settings."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from golive.engine.blueprint import ROOT, Blueprint, DeclarationError, Named
from golive.engine.declare import Entry, Environment, Settings, Subject
from golive.engine.provide import ProfileWorld
from golive.engine.resolve import links
from golive.model import CheckInfo, Phase
from golive.profile import ANY, Keys, Problem, Profile, ProfileBase, ProfileError
from golive.profile.types import Formerly


def profile_model(blueprint: Blueprint) -> type[ProfileBase]:
    """Return the model of a whole profile: golive's own keys, the sections' settings, the keys that name subjects."""
    own = _overrides(blueprint)
    found: dict[str, Any] = {}
    for key, named in _keys(blueprint).items():
        more: dict[str, Any] = {
            s.key(): (s | None, Field(None, description=f"Overrides {s.home} here.")) for s in own.get(key, ())
        }
        entry: Any = create_model(named.entry.__name__, __base__=named.entry, **more)
        found[key] = (entry | None, None) if named.single else (dict[str, entry], Field(default_factory=dict))
    homes = {s.home: s for _, s in blueprint.settings()}
    for section in blueprint.sections:
        parts = {h.partition(".")[2]: s for h, s in homes.items() if h.startswith(f"{section.id}.")}
        if parts:
            keys: dict[str, Any] = {key: _settings_field(s) for key, s in parts.items()}
            section_model: Any = create_model(
                section.id.capitalize(),
                __config__=ConfigDict(extra="forbid", frozen=True, defer_build=True),
                __doc__=section.title,
                **keys,
            )
            unset = Field(default_factory=section_model.model_construct, description=section.title)
            found[section.id] = (section_model, unset)
    for home, settings in homes.items():
        if "." not in home:
            found[home] = _settings_field(settings)
        elif home.partition(".")[0] not in {s.id for s in blueprint.sections}:
            raise DeclarationError(f"{settings.__module__}:{settings.__name__}: its home {home} is in no section")
    clash = set(found) & set(ProfileBase.model_fields)
    if clash:
        raise DeclarationError(f"the profile key {min(clash)} is golive's own; a section or subject must take another")
    return create_model("Profile", __base__=ProfileBase, **found)


def keys(blueprint: Blueprint) -> Keys:
    """Return the keys that a blueprint gives a profile."""
    own = _overrides(blueprint)
    found = {tuple(s.home.split(".")) for _, s in blueprint.settings()}
    for key, named in _keys(blueprint).items():
        entry = (key,) if named.single else (key, ANY)
        found |= {(key,), *((*entry, s.key()) for s in own.get(key, ()))}
    return frozenset(found)


def _settings_field(settings: type[Settings]) -> tuple[Any, Any]:
    kind = Annotated[settings, Formerly(settings.formerly)] if settings.formerly else settings
    return kind, Field(default_factory=settings.defaults, description=settings.__doc__)


def build_world(blueprint: Blueprint, profile: Profile[Any], phase: Phase | None) -> ProfileWorld:
    """Return the subjects and settings that a profile names.

    Raises:
        ProfileError: two subjects of one kind have the same name.
    """
    data = profile.data
    release = data.release
    env = Environment(
        data.environment,
        production=data.production,
        phase=(phase or Phase.AFTER) if release else None,
        release=(release.version or "") if release else "",
        commit=(release.commit or "") if release else "",
        other_migrations=(*release.previous.migrations, *release.next.migrations) if release else (),
    )
    named: dict[type[Subject], tuple[Subject, ...]] = {}
    problems: list[Problem] = []
    for kind, sources in blueprint.named.items():
        by_name: dict[str, Subject] = {}
        for path, subjects in _subjects(data, sources):
            at = profile.location_of(path)
            for subject in subjects:
                if by_name.setdefault(subject.name, replace(subject, at=subject.at or at)).name in by_name and (
                    by_name[subject.name] != subject
                ):
                    other = by_name[subject.name].at
                    problems.append(Problem(at, f"there is already a {kind.kind()} named {subject.name}, at {other}"))
        named[kind] = tuple(by_name.values())
    if problems:
        raise ProfileError(*problems)
    settings = {s: _at(data, s.home).completed(data.model_fields_set) for _, s in blueprint.settings()}
    return ProfileWorld(env, named, settings)


def known_checks(blueprint: Blueprint, profile: Profile[Any]) -> tuple[CheckInfo, ...]:
    """Return every check there is: those that are declared, and those that the profile brings in their place."""
    found: list[CheckInfo] = []
    for check in blueprint.checks:
        sources = blueprint.named.get(check.kind, ())
        own: list[CheckInfo] = []
        if check.kind.as_check is not Subject.as_check:
            own = [each.as_check(check.info) for _, subjects in _subjects(profile.data, sources) for each in subjects]
        found += own or [check.info]
    return tuple(found)


def _keys(blueprint: Blueprint) -> dict[str, Named]:
    """Return the profile keys that name subjects; two kinds may be made of one key's entries, by one model."""
    found: dict[str, Named] = {}
    for named in itertools.chain.from_iterable(blueprint.named.values()):
        other = found.setdefault(named.decl.key, named)
        if other.entry is not named.entry or other.single != named.single:
            raise DeclarationError(
                f"the profile key {named.decl.key} is read in two ways: {other.entry}, {named.entry}"
            )
    return found


def _overrides(blueprint: Blueprint) -> dict[str, list[type[Settings]]]:
    """Return, by profile key, the settings that its entries may override: those asked for them or for what is below."""
    found: dict[str, dict[str, type[Settings]]] = {}
    for kind, settings in blueprint.settings():
        for linked, paths in links(kind).items() if kind else ():
            for named in blueprint.named.get(linked, ()) if paths != [ROOT] else ():
                same = found.setdefault(named.decl.key, {}).setdefault(settings.key(), settings)
                if same is not settings or settings.key() in named.entry.model_fields:
                    raise DeclarationError(
                        f"{settings.__module__}:{settings.__name__}: {named.decl.key} already has a {settings.key()}"
                    )
    return {key: list(by_key.values()) for key, by_key in found.items()}


def _subjects(data: BaseModel, sources: Iterable[Named]) -> Iterator[tuple[tuple[str, ...], tuple[Subject, ...]]]:
    """Yield the subjects that each entry of the profile names, with its place."""
    return ((path, source.decl.run(*args)) for source in sources for path, args in _entries(data, source))


def _entries(data: BaseModel, source: Named) -> Iterator[tuple[tuple[str, ...], tuple[Any, ...]]]:
    """Yield the place in the profile and the arguments for each call of a subjects function."""
    key = source.decl.key
    held: Entry | Mapping[str, Entry] | None = getattr(data, key)
    if isinstance(held, Entry):
        yield (key,), (held,)
    elif held:
        yield from (((key, name), (name, entry)) for name, entry in held.items())


def _at(data: BaseModel, home: str) -> Any:
    found: Any = data
    for part in home.split("."):
        found = getattr(found, part)
    return found
