"""golive plan: what a check would contact, before the first packet."""

from __future__ import annotations

import dataclasses
import json as json_text
import os
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from golive.cli import options as opt
from golive.cli.target import Outside, loaded, profile_of
from golive.cli.wrap import fitted
from golive.model import Effect
from golive.wording import counted

if TYPE_CHECKING:
    from golive.plan import Contact


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plan")(plan)


def plan(
    profile: opt.ProfileName = None,
    only: opt.Only = None,
    skip: opt.Skip = None,
    severity: opt.SeverityOption = None,
    phase: opt.PhaseOption = None,
    json: Annotated[bool, typer.Option("--json", metavar="", help="As JSON, for programs.")] = False,
) -> None:
    """Show each system that would be contacted: how, with about how many requests, with what effect, for which checks.

    Nothing is sent.
    """
    from golive import session  # noqa: PLC0415 - not needed for help
    from golive.plan import contacts  # noqa: PLC0415 - likewise
    from golive.report.escape import visible  # noqa: PLC0415 - likewise
    from golive.report.redact import redactor  # noqa: PLC0415 - likewise
    from golive.report.view import grouped  # noqa: PLC0415 - likewise
    from golive.scope import LinesInScope  # noqa: PLC0415 - likewise
    from golive.select import chosen, select  # noqa: PLC0415 - likewise
    from golive.world import build_world  # noqa: PLC0415 - likewise

    taken, left_out = opt.patterns(only, skip, severity)
    with loaded(profile_of(profile), (), Outside(), os.environ, fetch=False, only=taken, skip=left_out) as there:
        world = build_world(there.blueprint, there.profile, phase)
        selected = select(there.blueprint, there.known, taken, left_out)
        checks = world.concerned(LinesInScope.of(there.profile.data, there.known).left(selected))
        asked = {info.id for info in chosen(there.known, taken, left_out)}
        clean = redactor(there.profile.secrets)
        found = [
            dataclasses.replace(each, system=clean(each.system), what=clean(each.what))
            for each in contacts(there.blueprint, checks, world, asked)
        ]
    permitted = {Effect.READ, *session.allowed_effects(there.profile)}
    if json:
        typer.echo(json_text.dumps([_row(contact, permitted) for contact in found], indent=1))
        return
    for system, of_it in grouped(found, lambda contact: contact.system).items():
        typer.echo(f"\n{visible(system)}{_in_all(of_it, permitted)}")
        for contact in of_it:
            typer.echo("\n".join(fitted(visible(line), hang=2) for line in _lines(contact, permitted)))


def _in_all(of_it: Sequence[Contact], permitted: Collection[Effect]) -> str:
    requests = sum(contact.requests for contact in of_it if contact.effect in permitted)
    return f"  (about {counted(requests, 'request')})" if requests else ""


def _row(contact: Contact, permitted: Collection[Effect]) -> dict[str, Any]:
    return {
        "system": contact.system,
        "what": contact.what,
        "effect": contact.effect.name.lower(),
        "permitted": contact.effect in permitted,
        "leaves": contact.leaves,
        "requests": contact.requests,
        "checks": list(contact.checks),
    }


def _lines(contact: Contact, permitted: Collection[Effect]) -> Iterator[str]:
    is_permitted = contact.effect in permitted
    how = contact.effect.name.lower() + ("" if is_permitted else ", not permitted: left out")
    requests = f", about {counted(contact.requests, 'request')}" if contact.requests and is_permitted else ""
    yield f"  {contact.what}  [{how}{requests}]"
    if contact.leaves and is_permitted:
        yield f"    leaves {contact.leaves}"
    yield f"    for {', '.join(contact.checks)}"
