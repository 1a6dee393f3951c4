"""golive explain: one check in full."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli import options as opt
from golive.cli.completion import ids
from golive.cli.errors import CliError
from golive.cli.wrap import fitted
from golive.installed import named

if TYPE_CHECKING:
    from golive.session import Session


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(
    id: Annotated[str, typer.Argument(metavar="ID", help="A check's id.", autocompletion=ids)],  # noqa: A002 - the word users know
    profile: opt.ForProfile = None,
) -> None:
    """Explain what a check looks at, why, how to fix it, its settings, and the fault that proves it."""
    from golive import plugins  # noqa: PLC0415 - not needed for help
    from golive.engine.resolve import resolve  # noqa: PLC0415 - likewise
    from golive.explain import explanation  # noqa: PLC0415 - likewise
    from golive.select import nearest  # noqa: PLC0415 - likewise

    if profile:
        session = loaded(profile)
        blueprint, broken, known = session.blueprint, session.broken, session.known
    else:
        found = plugins.load()
        blueprint, broken = resolve(found.modules), found.broken
        known = tuple(check.info for check in blueprint.checks)
    infos, declared = {info.id: info for info in known}, {check.info.id: check for check in blueprint.checks}
    if id not in infos:
        why = "".join(f"; {finding.verdict.summary}" for finding in broken)
        raise CliError(f"no check {id!r}; did you mean {nearest(id, known)}? golive list shows them all{why}")
    faults = [f for entry in named("golive.faults").values() for f in entry.load()() if f.turns_red == id]
    check = replace(declared[infos[id].declared], info=infos[id])
    typer.echo(fitted(explanation(blueprint, check, [(f.id, f.title) for f in faults])))


def loaded(profile: str) -> Session:
    """Load a profile with its plugins, for what there is to ask; no secret source is asked, and no lab started."""
    from golive.cli.lab import builtin_profiles  # noqa: PLC0415 - not needed for help
    from golive.session import load  # noqa: PLC0415 - likewise

    return load(profile, cwd=Path.cwd(), environ=os.environ, builtin=builtin_profiles(), fetch=False)
