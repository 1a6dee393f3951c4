"""golive explain: one check in full."""

from __future__ import annotations

from typing import Annotated

import typer

from golive.cli.completion import ids
from golive.cli.errors import CliError
from golive.cli.wrap import fitted
from golive.installed import named


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(id: Annotated[str, typer.Argument(metavar="ID", help="A check's id.", autocompletion=ids)]) -> None:  # noqa: A002 - the word users know
    """Tell what a check looks at, why, how to fix it, its settings, and the fault that proves it."""
    from golive import plugins  # noqa: PLC0415 - not needed for help
    from golive.engine.resolve import resolve  # noqa: PLC0415 - likewise
    from golive.explain import explanation  # noqa: PLC0415 - likewise
    from golive.select import nearest  # noqa: PLC0415 - likewise

    blueprint = resolve(plugins.load().modules)
    by_id = {c.info.id: c for c in blueprint.checks}
    if id not in by_id:
        near = nearest(id, [check.info for check in blueprint.checks])
        raise CliError(f"no check {id!r}; did you mean {near}? golive list shows them all")
    faults = [f for entry in named("golive.faults").values() for f in entry.load()() if f.turns_red == id]
    typer.echo(fitted(explanation(blueprint, by_id[id], [(f.id, f.title) for f in faults])))
