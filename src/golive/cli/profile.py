"""golive profile: is a profile right, what does it come to, and what may stand in one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from golive.cli import options as opt
from golive.cli.target import Outside, loaded, profile_of

SCHEMA_FILE = "golive.schema.json"


def add(app: typer.Typer) -> None:
    """Add the commands."""
    profile = typer.Typer(help="List, check, show and describe profiles.", no_args_is_help=True)
    profile.command("list")(list_profiles)
    profile.command("check")(check)
    profile.command("show")(show)
    profile.command("schema")(schema)
    app.add_typer(profile, name="profile")


def check(
    profile: opt.ProfileName = None,
    no_secrets: Annotated[
        bool, typer.Option("--no-secrets", metavar="", help="Ask no secret source: for where they are out of reach.")
    ] = False,
) -> None:
    """List everything that is wrong with a profile, each with its place. The system is not contacted.

    Secret sources are asked, as a profile is wrong where one gives nothing.
    """
    from golive.report.escape import visible  # noqa: PLC0415 - not needed for help
    from golive.wording import counted  # noqa: PLC0415 - likewise
    from golive.world import build_world  # noqa: PLC0415 - likewise

    with loaded(profile_of(profile), (), Outside(), os.environ, fetch=not no_secrets) as there:
        world = build_world(there.blueprint, there.profile, None)
    named = [counted(len(subjects), *_words(kind.kind())) for kind, subjects in world.named.items() if subjects]
    typer.echo(visible(f"{there.profile.path}: valid: {', '.join(named) or 'it names nothing to look at'}"))


SPOKEN = {
    "backupsource": ("backup source", "backup sources"),
    "envfile": ("env file", "env files"),
    "errorsite": ("error page", "error pages"),
    "exposedmachine": ("machine", "machines"),
    "maildomain": ("mail domain", "mail domains"),
    "metrics": ("page of metrics", "pages of metrics"),
    "reverseproxy": ("proxy", "proxies"),
    "searchsite": ("site for search engines", "sites for search engines"),
    "wwwpair": ("www", "www"),
    "custom": ("check of your own", "checks of your own"),
    "smoke": ("smoke test", "smoke tests"),
}
"""Kinds that people call otherwise than the code does."""


def _words(kind: str) -> tuple[str, str]:
    """Return a kind's name, for one and for several."""
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}es" if kind.endswith(("s", "ch", "x")) else f"{kind}s"
    return SPOKEN.get(kind, (kind, plural))


def list_profiles() -> None:
    """List the profiles that can be named here, each with its file."""
    from golive.cli.lab import builtin_profiles  # noqa: PLC0415 - not needed for help
    from golive.profile import ProfileError  # noqa: PLC0415 - likewise
    from golive.profile.find import find, names  # noqa: PLC0415 - likewise
    from golive.report.escape import visible  # noqa: PLC0415 - likewise

    builtin = builtin_profiles()
    found = sorted({*names(Path.cwd()), *builtin})
    width = max(map(len, found), default=0)
    for name in found:
        try:
            place = find(name, Path.cwd(), builtin=builtin)
            where = "comes with golive" if place == builtin.get(name) else str(place)
        except ProfileError as problem:
            where = str(problem)
        typer.echo(visible(f"{name:<{width}}  {where}"))


def show(
    profile: opt.ProfileName = None,
    json: Annotated[bool, typer.Option("--json", metavar="", help="As JSON, for programs.")] = False,
) -> None:
    """Show a profile as it counts: merged, filled in, with where each value came from, secrets masked.

    No secret source is asked: `golive profile check` does that. A preset, such as golive:django, is shown as it is.
    """
    from golive.profile import show as shown  # noqa: PLC0415 - not needed for help
    from golive.profile.presets import is_preset  # noqa: PLC0415 - likewise

    if profile and is_preset(profile):
        typer.echo(shown.show_preset(profile, json=json), nl=False)
        return
    with loaded(profile_of(profile), (), Outside(), os.environ, fetch=False) as there:
        typer.echo((shown.show_json if json else shown.show)(there.profile), nl=False)


def schema(
    profile: Annotated[
        str | None, typer.Argument(metavar="[PROFILE]", help="Also describe what this profile's plugins add.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help=f"Write it there, such as profiles/{SCHEMA_FILE}."),
    ] = None,
) -> None:
    """Print the JSON Schema of profiles, so that editors complete keys and mark slips.

    Write it beside your profiles and let each begin with: # yaml-language-server: $schema=golive.schema.json
    """
    from golive import plugins  # noqa: PLC0415 - not needed for help
    from golive.cli.errors import CliError  # noqa: PLC0415 - likewise
    from golive.cli.lab import builtin_profiles  # noqa: PLC0415 - likewise
    from golive.engine.resolve import resolve  # noqa: PLC0415 - likewise
    from golive.profile import read  # noqa: PLC0415 - likewise
    from golive.profile.examples import shipped  # noqa: PLC0415 - likewise
    from golive.profile.schema import schema_text  # noqa: PLC0415 - likewise
    from golive.world import profile_model  # noqa: PLC0415 - likewise

    files: list[str] = []
    if profile is not None:
        document = read(profile, cwd=Path.cwd(), environ=os.environ, builtin=builtin_profiles(), fetch=False)
        files = [str(path) for path in document.plugins]
    model = profile_model(resolve(plugins.load(files).modules))
    text = schema_text(model, shipped())
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CliError(f"cannot write {str(output)!r}: {error.strerror}") from None
