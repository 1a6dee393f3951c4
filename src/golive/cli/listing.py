"""golive list: every check there is."""

from __future__ import annotations

import json as json_text
from typing import Annotated, Any

import typer

from golive.cli import options as opt
from golive.cli.wrap import beside, fitted
from golive.installed import named
from golive.model import CheckInfo, Effect

LISTED = "golive.listed"
"""The entry points of what is printed after the checks: functions that return a text."""


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("list")(list_checks)


def list_checks(
    only: opt.Only = None,
    skip: opt.Skip = None,
    severity: opt.SeverityOption = None,
    profile: opt.ForProfile = None,
    json: Annotated[bool, typer.Option("--json", metavar="", help="As JSON, for programs.")] = False,
) -> None:
    """List the checks, by section: id, what it claims, and its effect where it does more than read."""
    from golive.index import index  # noqa: PLC0415 - not needed for help
    from golive.select import chosen  # noqa: PLC0415 - likewise

    there = index()
    if profile:
        from golive.cli.explain import loaded  # noqa: PLC0415 - likewise
        from golive.index import Index  # noqa: PLC0415 - likewise

        session = loaded(profile)
        there = Index(session.blueprint.sections, session.known, session.broken)
    checks = chosen(there.checks, *opt.patterns(only, skip, severity))
    if json:
        typer.echo(json_text.dumps([_row(info) for info in checks], indent=1))
        return
    width = max(len(info.id) for info in checks)
    lines: list[str] = []
    for section in there.sections:
        mine = [info for info in checks if info.section == section.id]
        if mine:
            number = f"{section.number}. " if section.number else ""
            lines.append(f"\n{number}{section.title} ({section.id})")
        for info in mine:
            effect = f"  [{info.effect.name.lower()}]" if info.effect > Effect.READ else ""
            lines.append(beside(f"  {info.id:<{width}}  ", f"{info.title}{effect}"))
    lines += ["\n" + fitted(" ".join(entry.load()().split())) for entry in named(LISTED).values()]
    typer.echo("\n".join(lines))
    for finding in there.broken:
        typer.echo(f"\n{finding.verdict.summary}", err=True)


def _row(info: CheckInfo) -> dict[str, Any]:
    """Return a check for programs to read."""
    return {
        "id": info.id,
        "section": info.section,
        "title": info.title,
        "severity": info.severity.name.lower(),
        "effect": info.effect.name.lower(),
        "tags": list(info.tags),
    }
