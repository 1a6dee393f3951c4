"""The command `golive init`."""

from pathlib import Path
from typing import Annotated

import typer

from golive.cli.errors import CliError


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    environment: Annotated[str, typer.Argument(metavar="[ENVIRONMENT]", help="What the profile is for.")] = "staging",
    repository: Annotated[
        Path, typer.Option("--repository", "-C", metavar="FOLDER", help="The repository to read.")
    ] = Path(),
    stdout: Annotated[bool, typer.Option("--stdout", metavar="", help="Print the profile, write nothing.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Read a repository, and write a first profile for it: profiles/ENVIRONMENT.yaml.

    It looks for package.json workspaces, env files and their examples, nginx and Compose files, Prisma migrations,
    workflows and Playwright. It guesses little, and marks what it could not know with FILL IN.
    """
    from golive.profile.find import NAME  # noqa: PLC0415 - not needed for help
    from golive.report.write import write_file  # noqa: PLC0415 - likewise
    from golive_checks.init.draft import FILL_IN, Draft  # noqa: PLC0415 - likewise
    from golive_checks.init.survey import survey  # noqa: PLC0415 - likewise

    if not NAME.fullmatch(environment):
        raise CliError(f"{environment!r} is no name for a profile: letters, digits, dots and dashes")
    root = repository.resolve()
    if not root.is_dir():
        raise CliError(f"{repository} is not a folder")
    folder = root / "profiles"
    target = folder / f"{environment}.yaml"
    text = Draft(survey(root), environment, folder).text()
    if stdout:
        typer.echo(text, nl=False)
        return
    if target.exists():
        raise CliError(f"{target} is already there; remove it first, or see the draft with --stdout")
    folder.mkdir(exist_ok=True)
    write_file(str(target), text, 0o644)
    open_lines = sum(FILL_IN in line for line in text.splitlines())
    typer.echo(f"Wrote {target.relative_to(root)}; {open_lines} lines marked FILL IN are for you.")
    typer.echo(f"Next: golive plan {environment}, then golive check {environment}")
