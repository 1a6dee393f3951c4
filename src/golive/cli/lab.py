"""A profile with `lab:` looks at the reference stack, which is up for as long as the command runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from golive.cli.errors import CliError
from golive.installed import named

LABS = "golive.labs"
"""Entry points of stacks: name -> context manager of (name, fault) that yields the variables of its profile."""
PROFILES = "golive.profiles"
"""Entry points of profiles that are there by name where no file is: name -> path."""


def builtin_profiles() -> dict[str, Path]:
    """Return the profiles that come with what is installed."""
    return {name: entry.load() for name, entry in named(PROFILES).items()}


@contextmanager
def standing(profile: str, fault: str | None, environ: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """Run the profile's stack, if it names one, and yield the environment to read the profile in."""
    from golive.profile import read  # noqa: PLC0415 - not needed for help

    document = read(profile, cwd=Path.cwd(), environ=environ, builtin=builtin_profiles(), fetch=False)
    lab = getattr(document.root.entries.get("lab"), "value", None)
    if not lab and fault:
        raise CliError("--fault breaks the reference stack; this profile names no `lab:` and looks at real systems")
    if not lab:
        yield environ
        return
    stacks = named(LABS)
    if lab not in stacks:
        raise CliError(f"{profile}: there is no lab {lab!r}; installed: {', '.join(stacks) or 'none'}")
    with ExitStack() as held:
        try:
            variables = held.enter_context(stacks[lab].load()(lab, fault))
        except Exception as problem:
            raise CliError(f"the reference stack does not start: {problem}") from problem
        yield {**environ, **variables}
