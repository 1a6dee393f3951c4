"""A profile, loaded with the sections that it can be judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golive import gate, plugins
from golive.blueprint import Blueprint
from golive.model import Effect, Finding, Phase
from golive.profile import Profile, read, validate
from golive.resolve import resolve
from golive.world import profile_model


@dataclass(frozen=True)
class Session:
    """A profile and everything that it can be judged by. `broken` are the findings of plugins that did not load."""

    profile: Profile[Any]
    blueprint: Blueprint
    broken: tuple[Finding, ...]


@dataclass(frozen=True)
class Options:
    """What the command line asks of a run. Durations in seconds."""

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    phase: Phase | None = None
    timeout_s: float | None = None
    retry_s: float = 0.0
    fail_on_warn: bool = False
    baseline: gate.Baseline | None = None
    history: str = ""


def load(
    ref: str,
    *,
    cwd: Path,
    environ: Mapping[str, str],
    builtin: Mapping[str, Path] | None = None,
    fetch: bool = True,
) -> Session:
    """Read a profile, load its plugins, and validate it against all that the sections understand.

    Without `fetch` no secret source is asked, and secrets stay masked: enough to plan, not to look.

    Raises:
        ProfileError: the profile cannot be read or has problems, all of them named.
        DeclarationError: a section or plugin declares what cannot work.
    """
    document = read(ref, cwd=cwd, environ=environ, builtin=builtin, fetch=fetch)
    loaded = plugins.load([str(path) for path in document.plugins])
    blueprint = resolve(loaded.modules)
    return Session(validate(document, profile_model(blueprint)), blueprint, loaded.broken)


def allowed_effects(profile: Profile[Any]) -> frozenset[Effect]:
    """Return the effects beyond `read` that a profile allows; a production one only with its name confirmed."""
    data = profile.data
    if data.production and data.confirm != data.environment:
        return frozenset()
    return frozenset(Effect[name.upper()] for name in data.allow)
