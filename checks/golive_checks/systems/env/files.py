"""Environment files and the like: the subject, its profile key, and what its variables are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from golive import Entry, Fact, Location, Sealed, Subject, Unavailable, probe, subjects
from golive.profile.types import FilePath
from golive_checks.logins import login_in
from golive_checks.sealing import PUBLIC_NAMES, says_itself_public, seal, tells_nothing
from golive_checks.shapes import shapes_of
from golive_checks.systems.aws.client.aws import AwsSettings
from golive_checks.systems.env.dialects import Dialect
from golive_checks.systems.env.oddities import OddLine
from golive_checks.systems.env.reading import Assigned, Difference, EnvReading
from golive_checks.systems.env.sources import EnvSource, EnvSources

MAX_VARIABLES = 2000
Role = Literal["api", "web", "other"]


class InService(BaseModel):
    """A service of a Compose file or a Render blueprint."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    file: FilePath
    """The Compose file, or render.yaml."""
    service: str
    """The service's name in it."""


class InManifest(BaseModel):
    """Secrets and ConfigMaps of a Kubernetes manifest: those named, or all."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    file: FilePath
    """The manifest."""
    names: tuple[str, ...] = ()
    """Which of its Secrets and ConfigMaps count; none: all."""


class SourceEntry(Entry):
    """Where variables are read from: exactly one of these."""

    path: FilePath = ""
    """A .env file, a Docker --env-file, a systemd EnvironmentFile, or a file that a shell sources."""
    read_as: Dialect | None = None
    """What the app reads the file at `path` with: npm's dotenv, Node's --env-file, python-dotenv, Docker's --env-file,
    Compose, systemd or a shell. They differ in quotes, escapes, comments and `$`. While it is not said, golive reads as
    npm's dotenv, and whatever another reader would take otherwise fails `env.syntax-clean`."""
    compose: InService | None = None
    kubernetes: InManifest | None = None
    render: InService | None = None
    secrets_manager: str = ""
    """The name or ARN of a secret that is a JSON object."""
    ssm: str = ""
    """A path of SSM parameters, such as /afrigest/production/."""
    process: bool = False
    """golive's own environment."""

    @model_validator(mode="after")
    def _one_source(self) -> "SourceEntry":
        given = [name for name in SOURCES if getattr(self, name)]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(f"needs exactly one of {', '.join(SOURCES)}; has {found}")
        return self

    def source(self) -> EnvSource:
        """Return the one that is given."""
        if self.path:
            return EnvSource("file", self.path, read_as=self.read_as)
        if self.compose:
            return EnvSource("compose", self.compose.file, (self.compose.service,))
        if self.kubernetes:
            return EnvSource("kubernetes", self.kubernetes.file, self.kubernetes.names)
        if self.render:
            return EnvSource("render", self.render.file, (self.render.service,))
        if self.secrets_manager:
            return EnvSource("secrets_manager", self.secrets_manager)
        return EnvSource("ssm", self.ssm) if self.ssm else EnvSource("process")


SOURCES = ("path", "compose", "kubernetes", "render", "secrets_manager", "ssm", "process")


class EnvFileEntry(SourceEntry):
    """An env file, or another source of an app's variables."""

    role: Role = "other"
    """The API's and the web app's variables are known; of others only what `required` names is."""
    required: tuple[str, ...] = ()
    """More names that must be set."""
    optional: tuple[str, ...] = ()
    """Names that may be absent, although the checklist has them."""
    names: dict[str, str] = Field(default_factory=dict)
    """The checklist's name for a name of yours, where they differ: `{DATABASE_URL: MASTER_DATABASE_URL}`."""
    public: tuple[str, ...] = ()
    """More names, or patterns such as `FEATURE_*`, whose values are no secret."""
    example: FilePath | tuple[FilePath, ...] = ""
    """The example file whose names must be the same, or several of them."""
    compare_with: dict[str, SourceEntry] = Field(default_factory=dict)
    """Other environments' sources, by name: no secret may be in two."""


@dataclass(frozen=True)
class EnvFile(Subject):
    """A source of an app's variables, by its name in the profile."""

    role: Role = "other"
    source: EnvSource = field(default_factory=lambda: EnvSource("process"))
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    public: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    compare_with: tuple[tuple[str, EnvSource], ...] = ()

    def ours(self, name: str) -> str:
        """Return the checklist's name for a name of theirs."""
        return dict(self.names).get(name, name)


@subjects("env_files")
def env_files(key: str, entry: EnvFileEntry) -> tuple[EnvFile, ...]:
    """Name the env files of the profile."""
    return (
        EnvFile(
            key,
            role=entry.role,
            source=entry.source(),
            required=entry.required,
            optional=entry.optional,
            names=tuple(entry.names.items()),
            public=entry.public,
            examples=(entry.example,) if isinstance(entry.example, str) and entry.example else tuple(entry.example),
            compare_with=tuple((name, other.source()) for name, other in entry.compare_with.items()),
            own=entry.own(),
        ),
    )


@dataclass(frozen=True)
class Variable:
    """A variable under its own name there. `value` is text where it is public, None where it is set somewhere else."""

    name: str
    value: str | Sealed | None
    at: Location | None = None
    password: Sealed | None = None
    """The password within a sealed URL or connection string."""

    @property
    def is_set(self) -> bool:
        """True where there is a value and it is not empty."""
        return bool(self.value.length if isinstance(self.value, Sealed) else self.value)

    @property
    def shapes(self) -> frozenset[str]:
        """The names of the forms that its value has."""
        return self.value.shapes if isinstance(self.value, Sealed) else shapes_of(self.value or "")


@dataclass(frozen=True)
class Variables(Fact):
    """The variables of a source by the checklist's names, and what is odd about how they are written."""

    values: Mapping[str, Variable]
    odd: tuple[OddLine, ...] = ()
    differences: tuple[Difference, ...] = ()


@probe("env.variables")
async def variables(file: EnvFile, sources: EnvSources, ask: AwsSettings) -> Variables:
    """Read the variables, and seal every value that is not public."""
    return sealed(file, await sources.read(file.source, ask))


def sealed(file: EnvFile, reading: EnvReading) -> Variables:
    """Turn raw values into what a fact may hold."""
    if len(reading.values) > MAX_VARIABLES:
        raise Unavailable(f"{file.source} holds {len(reading.values)} variables, more than any app has")
    public = (*PUBLIC_NAMES, *file.public)
    values = {file.ours(name): _variable(file, name, assigned, public) for name, assigned in reading.values.items()}
    return Variables(values, reading.odd[:MAX_VARIABLES], reading.differences[:MAX_VARIABLES])


def _variable(file: EnvFile, name: str, assigned: Assigned, public: tuple[str, ...]) -> Variable:
    at = assigned.at if assigned.at.file else None
    value = assigned.value
    if value is None:
        return Variable(name, None, at)
    names = (name, file.ours(name))
    is_setting = any(map(says_itself_public, names))
    declared = is_setting or any(fnmatchcase(each, pattern) for each in names for pattern in public)
    shown = declared and tells_nothing(value, is_setting=is_setting)
    if shown:
        return Variable(name, value, at)
    login = login_in(value)
    return Variable(name, seal(value, file.ours(name)), at, seal(login.password) if login else None)
