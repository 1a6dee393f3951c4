"""golive schema: the JSON Schema of what golive reads and of what it writes."""

from __future__ import annotations

import typer

from golive.cli import profile


def add(app: typer.Typer) -> None:
    """Add the commands."""
    schema = typer.Typer(help="Print the JSON Schema of profiles, or of JSON reports.", no_args_is_help=True)
    schema.command("profile")(profile.schema)
    schema.command("report")(report)
    app.add_typer(schema, name="schema")


def report() -> None:
    """Print the JSON Schema of what `golive check -o json:FILE` writes."""
    from golive.report import json  # noqa: PLC0415 - not needed for help

    typer.echo(json.schema(), nl=False)
