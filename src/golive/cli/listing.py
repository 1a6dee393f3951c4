"""golive list: every check there is."""

from __future__ import annotations

import json as json_text
from typing import Annotated

import typer

from golive.cli import options as opt
from golive.model import Effect


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("list")(list_checks)


def list_checks(
    only: opt.Only = None,
    skip: opt.Skip = None,
    json: Annotated[bool, typer.Option("--json", metavar="", help="As JSON, for programs.")] = False,
) -> None:
    """List the checks, by section: id, what it claims, and its effect where it does more than read."""
    from golive import plugins  # noqa: PLC0415 - not needed for help
    from golive.resolve import resolve  # noqa: PLC0415 - likewise
    from golive.select import select  # noqa: PLC0415 - likewise

    loaded = plugins.load()
    blueprint = resolve(loaded.modules)
    checks = select(blueprint, only or (), skip or ())
    if json:
        rows = [
            {
                "id": c.info.id,
                "section": c.info.section,
                "title": c.info.title,
                "severity": c.info.severity.name.lower(),
                "effect": c.info.effect.name.lower(),
                "tags": list(c.info.tags),
            }
            for c in checks
        ]
        typer.echo(json_text.dumps(rows, indent=1))
        return
    width = max(len(c.info.id) for c in checks)
    for section in blueprint.sections:
        mine = [c.info for c in checks if c.info.section == section.id]
        if mine:
            number = f"{section.number}. " if section.number else ""
            typer.echo(f"\n{number}{section.title} ({section.id})")
        for info in mine:
            effect = f"  [{info.effect.name.lower()}]" if info.effect > Effect.READ else ""
            typer.echo(f"  {info.id:<{width}}  {info.title}{effect}")
    for finding in loaded.broken:
        typer.echo(f"\n{finding.verdict.summary}", err=True)
