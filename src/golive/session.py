"""A profile, loaded with the sections that it can be judged by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from golive import gate, index, plugins, vantages
from golive.engine.blueprint import Blueprint, Check
from golive.engine.provide import ProfileWorld
from golive.engine.resolve import resolve
from golive.engine.shard import Shard
from golive.model import CheckInfo, Effect, Finding, Phase
from golive.profile import Problem, Profile, ProfileDocument, ProfileError, read, validate, within
from golive.profile.problems import nearest, quoted
from golive.profile.tree import YamlMapping
from golive.scope import LinesInScope, misnamed
from golive.select import chosen, select
from golive.world import build_world, keys, known_checks, profile_model

OWN = "custom"
"""The key of a profile's own checks, and their section."""
ALWAYS = "attestations"
"""The section whose part of the profile is in every report: the attestations."""


@dataclass(frozen=True)
class Session:
    """A profile and everything that it can be judged by. `broken` are the findings of plugins that did not load."""

    profile: Profile[Any]
    blueprint: Blueprint
    broken: tuple[Finding, ...]
    known: tuple[CheckInfo, ...]
    """Every check that is installed, also of sections that were not loaded as none of theirs is asked."""


@dataclass(frozen=True)
class Options:
    """What the command line asks of a run. Durations in seconds."""

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    phase: Phase | None = None
    timeout_s: float | None = None
    retry_s: float = 0.0
    fail_on_warn: bool = False
    baseline: gate.EarlierReport | None = None
    history: str = ""
    about: str = ""
    """What the decision is about, in place of the lines of the checklist that are in scope."""
    shard: Shard | None = None
    vantage: str = ""
    """The place that it is looked at from, of those that the profile names; empty: what every place is for."""


def load(
    ref: str,
    *,
    cwd: Path,
    environ: Mapping[str, str],
    builtin: Mapping[str, Path] | None = None,
    fetch: bool = True,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
) -> Session:
    """Read a profile, load its plugins, and validate it against all that the sections understand.

    Without `fetch` no secret source is asked, and secrets stay masked: enough to plan, not to look. With `only` or
    `skip` the sections of which no check is left need not be loaded; what only they understand is not validated then.

    Raises:
        ProfileError: the profile cannot be read or has problems, all of them named.
        DeclarationError: a section or plugin declares what cannot work.
        UsageError: a pattern matches nothing, or nothing is left.
    """
    return of(read(ref, cwd=cwd, environ=environ, builtin=builtin, fetch=fetch), only, skip)


def of(document: ProfileDocument, only: Sequence[str] = (), skip: Sequence[str] = ()) -> Session:
    """Return the session of a profile that was read; what it raises is as for `load`."""
    if (only or skip) and not document.plugins:
        part = _part(document, only, skip)
        if part:
            return part
    loaded = plugins.load([str(path) for path in document.plugins])
    blueprint = resolve(loaded.modules)
    profile = validate(document, profile_model(blueprint))
    known = known_checks(blueprint, profile)
    if not loaded.broken:  # whose checks cannot be known
        _check_names(profile, known)
    return Session(profile, blueprint, loaded.broken, known)


def _check_names(profile: Profile[Any], known: Sequence[CheckInfo]) -> None:
    """Refuse a profile that names a check, line or section that there is not."""
    problems = []
    for route, word, words in misnamed(profile.data, known):
        near = nearest(word, sorted(words)) or "; golive list shows them all"
        text = f"{quoted(word)} in {'.'.join(str(step) for step in route[:-1])} is no check or section{near}"
        problems.append(Problem(profile.location_of(route), text))
    if problems:
        raise ProfileError(*problems)


def _part(document: ProfileDocument, only: Sequence[str], skip: Sequence[str]) -> Session | None:
    """Load the sections alone of which a check is left; None where one is broken, which the report is to show."""
    installed = index.index()
    if installed.broken:
        return None
    known = _with_own(installed.checks, document)
    loaded = plugins.load(sections={ALWAYS, *(check.section for check in chosen(known, only, skip))})
    blueprint = replace(resolve(loaded.modules), sections=installed.sections)
    document = within(document, keys(blueprint), installed.keys)
    profile = validate(document, profile_model(blueprint))
    _check_names(profile, known)
    return Session(profile, blueprint, loaded.broken, known)


def _with_own(checks: Sequence[CheckInfo], document: ProfileDocument) -> tuple[CheckInfo, ...]:
    """Return the checks with those of the profile's own by their names, in place of the one that judges them."""
    table = document.root.entries.get(OWN)
    names = tuple(table.entries) if isinstance(table, YamlMapping) else ()
    own = {
        info.id: [replace(info, id=f"{OWN}.{name}", base=info.id) for name in names]
        for info in checks
        if info.section == OWN
    }
    return tuple(each for info in checks for each in own.get(info.id) or [info])


def concerned(
    session: Session, only: Sequence[str], skip: Sequence[str], phase: Phase | None, vantage: str = ""
) -> tuple[ProfileWorld, tuple[Check, ...]]:
    """Return the subjects and the checks of a run: what is selected, in scope and about what the profile has.

    Raises:
        UsageError: a pattern matches nothing, nothing is left, or the profile names no such vantage.
    """
    world = build_world(session.blueprint, session.profile, phase)
    scope = LinesInScope.of(session.profile.data, session.known)
    selected = wanted(session, only, skip, vantage)
    asked = {info.id for info in selected if not scope.reason(info)}
    declared = {info.declared for info in selected}
    checks = [c for c in scope.left(select(session.blueprint, session.known, only, skip)) if c.info.id in declared]
    return world.asking(checks, asked), world.concerned(checks)


def wanted(session: Session, only: Sequence[str], skip: Sequence[str], vantage: str = "") -> tuple[CheckInfo, ...]:
    """Return the checks that the patterns leave of those that a vantage is for."""
    places = session.profile.data.vantages
    vantages.demand(vantage, places)
    of = vantages.owners(session.known, places) if vantage else {}
    return tuple(c for c in chosen(session.known, only, skip) if vantages.is_for(c.id, vantage, of))


def allowed_effects(profile: Profile[Any]) -> frozenset[Effect]:
    """Return the effects beyond `read` that a profile allows; a production one only with its name confirmed."""
    data = profile.data
    if data.production and data.confirm != data.environment:
        return frozenset()
    return frozenset(Effect[name.upper()] for name in data.allow)
