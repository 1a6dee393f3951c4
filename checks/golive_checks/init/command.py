"""The command `golive init`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from golive.cli.errors import CliError
from golive.wording import counted


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    environment: Annotated[str, typer.Argument(metavar="[ENVIRONMENT]", help="What the profile is for.")] = "staging",
    url: Annotated[
        list[str] | None,
        typer.Option(
            "--url", metavar="URL", help="A host of this environment, such as https://shop.example.com. May repeat."
        ),
    ] = None,
    repository: Annotated[
        Path, typer.Option("--repository", "-C", metavar="FOLDER", help="The repository to read.")
    ] = Path(),
    stdout: Annotated[bool, typer.Option("--stdout", metavar="", help="Print the profile, write nothing.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Read a repository, and write a first profile for it: profiles/ENVIRONMENT.yaml.

    It writes what files say, each line with the file that says it, and leaves out of the checklist what no file shows a
    sign of, with the reason. Nothing is run or contacted, and no value of an env file but hosts and buckets is taken.
    """
    from golive_checks.init.draft import Draft  # noqa: PLC0415 - not needed for help
    from golive_checks.init.survey import survey  # noqa: PLC0415 - likewise

    _demand_sense(environment, url or (), repository)
    root = repository.resolve()
    folder = root / "profiles"
    text = Draft(survey(root, environment, tuple(url or ())), environment, folder).text()
    if stdout:
        typer.echo(text, nl=False)
        return
    _write(text, folder / f"{environment}.yaml", environment)


def _demand_sense(environment: str, urls: Sequence[str], repository: Path) -> None:
    """Refuse what no profile can be written for."""
    from golive.profile.find import NAME  # noqa: PLC0415 - as above
    from golive_checks.init.hosts import of_url  # noqa: PLC0415 - likewise

    if not NAME.fullmatch(environment):
        raise CliError(f"{environment!r} is no name for a profile: letters, digits, dots and dashes")
    for each in urls:
        if not of_url(each, "--url"):
            raise CliError(
                f"--url {each!r} names no host that the world could reach: write its public name "
                "(example.com and the like are placeholders)"
            )
    if not repository.resolve().is_dir():
        raise CliError(f"{repository} is not a folder")


def _write(text: str, target: Path, environment: str) -> None:
    """Write the profile where there is none, and its schema beside it."""
    from golive.report.write import write_file  # noqa: PLC0415 - as above
    from golive_checks.init.draft import SCHEMA  # noqa: PLC0415 - likewise
    from golive_checks.init.text import FILL_IN  # noqa: PLC0415 - likewise

    folder = target.parent
    if target.exists():
        raise CliError(f"{target} is already there; remove it first, or see the draft with --stdout")
    folder.mkdir(exist_ok=True)
    write_file(str(target), text, 0o644)
    if not (folder / SCHEMA).exists():
        write_file(str(folder / SCHEMA), _schema(), 0o644)
    open_lines = sum(FILL_IN in line for line in text.splitlines())
    typer.echo(f"Wrote {target.relative_to(folder.parent)}; marked FILL IN, for you: {counted(open_lines, 'line')}.")
    typer.echo(f"Next: golive plan {environment}, then golive check {environment}")


def _schema() -> str:
    """Return the JSON Schema that the profile's first line names, for editors."""
    from golive import plugins  # noqa: PLC0415 - as above
    from golive.engine.resolve import resolve  # noqa: PLC0415 - likewise
    from golive.profile.schema import schema_text  # noqa: PLC0415 - likewise
    from golive.world import profile_model  # noqa: PLC0415 - likewise

    return schema_text(profile_model(resolve(plugins.load().modules)))
