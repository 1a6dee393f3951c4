"""How an env file is kept: its example, other environments' secrets, its permissions and its repository."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from golive import Fact, Location, Sealed, probe
from golive_checks.systems.aws.client.aws import AwsSettings
from golive_checks.systems.env.dialects import read_text
from golive_checks.systems.env.files import EnvFile, Variable, Variables, sealed
from golive_checks.systems.env.sources import EnvSources
from golive_checks.systems.git.client.git import Git
from golive_checks.systems.machine.client.files import Files
from golive_checks.variable_names import reaches_browser


@dataclass(frozen=True)
class Example(Fact):
    """The names in each example file, with where they stand; no file where the profile names none."""

    files: Mapping[str, Mapping[str, Location]]
    values: Mapping[str, Variable] = field(default_factory=dict)
    """Their variables by name, each sealed; of several files the first."""


@probe("env.example")
async def example(file: EnvFile, files: Files) -> Example:
    """Read the example files."""
    names, values = {}, dict[str, Variable]()
    for path in file.examples:
        found = read_text(await files.text(path), path, file.source.read_as)
        names[path] = {file.ours(name): assigned.at for name, assigned in found.values.items()}
        values = {**sealed(file, found).values, **values}
    return Example(names, values)


@dataclass(frozen=True)
class Elsewhere(Fact):
    """The variables of other environments' sources, by environment and name."""

    values: Mapping[str, Mapping[str, Variable]]


@probe("env.elsewhere")
async def elsewhere(file: EnvFile, sources: EnvSources, ask: AwsSettings) -> Elsewhere:
    """Read the other environments' variables, to compare their digests."""
    found = {}
    for environment, source in file.compare_with:
        found[environment] = sealed(file, await sources.read(source, ask)).values
    return Elsewhere(found)


@dataclass(frozen=True)
class GuardedFile:
    """A file that holds secrets: its permission bits, and what its repository knows of it."""

    file: str
    mode: int | None
    """None where the system has no such bits."""
    repository: str = ""
    """Empty if it is in none."""
    tracked: bool = False
    added_in: str = ""
    """The last commit that added it."""
    shallow: bool = False


@dataclass(frozen=True)
class Guard(Fact):
    """The files that the secrets of a source stand in; none where it is no file, or holds no secret.

    What a build bakes into a bundle is public, whatever it is: `env.web-holds-no-secrets` judges it.
    """

    files: tuple[GuardedFile, ...]


@probe("env.guard")
async def guard(file: EnvFile, seen: Variables, files: Files, git: Git) -> Guard:
    """Look at the permissions of the files that hold secrets, and ask git whether it has them."""
    secret = [v for v in seen.values.values() if isinstance(v.value, Sealed) and not reaches_browser(v.name)]
    holding = {variable.at.file for variable in secret if variable.at}
    found = []
    for path in sorted(holding):
        mode = (await files.read(path)).mode
        history = await git.history(path)
        if history is None:
            found.append(GuardedFile(path, mode))
        else:
            found.append(
                GuardedFile(path, mode, history.repository, history.tracked, history.added_in, history.shallow)
            )
    return Guard(tuple(found))
