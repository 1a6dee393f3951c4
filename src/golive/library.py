"""golive as a library: look at an environment from a program of your own, and get the report as an object."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

from golive.model import Phase, Report

P = ParamSpec("P")
R = TypeVar("R")


def check_environment(
    profile: str | os.PathLike[str],
    *,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    phase: Phase | None = None,
    timeout_s: float | None = None,
    retry_s: float = 0.0,
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Report:
    """Look at the environment of a profile, as `golive check PROFILE` does, and return the report.

    `profile` is a name (`staging`: profiles/staging.yaml in `cwd` or above) or a path; `only` and `skip` take sections,
    checks and tags; times are in seconds. The report holds no secret of the profile. `golive.report.render` writes it
    in any format. Nothing is printed, and no signal is handled outside the main thread. It runs an event loop of its
    own: within one that runs already, use `check_environment_async`.

    Raises:
        golive.profile.ProfileError: the profile cannot be read, or holds what it may not.
        golive.select.UsageError: a pattern matches nothing.
    """
    from golive import live, session  # noqa: PLC0415 - golive --version needs neither
    from golive.report.redact import redact_report  # noqa: PLC0415 - likewise

    environ = os.environ if environ is None else environ
    loaded = session.load(os.fspath(profile), cwd=cwd or Path.cwd(), environ=environ, only=only, skip=skip)
    options = session.Options(tuple(only), tuple(skip), phase, timeout_s, retry_s)
    return redact_report(live.check(loaded, options).report, loaded.profile.secrets)


def _in_a_thread(function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """Return a function with the same parameters that does its work in a thread."""

    @functools.wraps(function)
    async def awaited(*args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.to_thread(function, *args, **kwargs)

    return awaited


check_environment_async = _in_a_thread(check_environment)
"""`check_environment` for a program whose event loop runs already, and turns on meanwhile."""
