"""golive plan: what a check would contact, before the first packet."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from golive.cli import options as opt


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plan")(plan)


def plan(profile: opt.ProfileName, only: opt.Only = None, skip: opt.Skip = None, phase: opt.PhaseOption = None) -> None:
    """Show each system that would be contacted, how, with what effect, and for which checks. Nothing is sent."""
    from golive import session  # noqa: PLC0415 - not needed for help
    from golive.cli.lab import builtin_profiles, standing  # noqa: PLC0415 - likewise
    from golive.plan import contacts  # noqa: PLC0415 - likewise
    from golive.report.escape import visible  # noqa: PLC0415 - likewise
    from golive.scope import Scope  # noqa: PLC0415 - likewise
    from golive.select import select  # noqa: PLC0415 - likewise
    from golive.world import build_world  # noqa: PLC0415 - likewise

    with standing(profile, None, os.environ) as environ:
        loaded = session.load(
            profile,
            cwd=Path.cwd(),
            environ=environ,
            builtin=builtin_profiles(),
            fetch=False,
            only=only or (),
            skip=skip or (),
        )
    world = build_world(loaded.blueprint, loaded.profile, phase)
    checks = world.concerned(
        Scope.of(loaded.profile.data, loaded.known).left(select(loaded.blueprint, loaded.known, only or (), skip or ()))
    )
    allowed = session.allowed_effects(loaded.profile)
    shown = ""
    for contact in contacts(loaded.blueprint, checks, world):
        if contact.system != shown:
            shown = contact.system
            typer.echo(f"\n{visible(contact.system)}")
        effect = contact.effect.name.lower()
        withheld = "" if contact.effect == 1 or contact.effect in allowed else ", not allowed: left out"
        typer.echo(f"  {visible(contact.what)}  [{effect}{withheld}]")
        if contact.leaves and not withheld:
            typer.echo(f"    leaves {visible(contact.leaves)}")
        typer.echo(f"    for {', '.join(contact.checks)}")
