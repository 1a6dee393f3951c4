"""What every profile holds, whichever sections are installed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from golive.model import Location, Severity, Waiver
from golive.profile.types import Duration, Expiry, FilePath
from golive.profile.variables import VariableSources

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Grade = Literal["low", "medium", "high", "critical"]
AskedEffect = Literal["active", "write"]


class ProfilePart(BaseModel):
    """A part of a profile: unknown keys are errors, and nothing changes it once it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class OtherRelease(ProfilePart):
    """A release before or after the one that goes live. A text alone is its version."""

    version: str = ""
    """Its version, in quotes."""
    migrations: tuple[Line, ...] = ()
    """The database migrations that it has and this release has not, by name, with `*` and `?`."""


def _versioned(value: Any) -> Any:
    if isinstance(value, int | float):
        raise ValueError("a version is a text: put it in quotes")  # noqa: TRY004 - pydantic reports ValueErrors
    return {"version": value} if isinstance(value, str) else value


Neighbour = Annotated[OtherRelease, BeforeValidator(_versioned, json_schema_input_type=str | OtherRelease)]


class Release(ProfilePart):
    """What is about to go live; `--phase before` and `--phase after` ask what belongs before and after its deploy."""

    version: Line
    """The version that goes live, in quotes: `"1.10"` would otherwise be read as a number."""
    commit: str = ""
    """The commit it is built from."""
    previous: Neighbour = Field(default_factory=OtherRelease)
    """The version it replaces: `"1.9"`, or `{version: "1.9", migrations: [20250101*]}`."""
    next: Neighbour = Field(default_factory=OtherRelease)
    """The version that is planned after it, likewise."""


class ProfileWaiver(ProfilePart):
    """Permission for a red finding to remain until a date. An expired or unused waiver is itself red."""

    check: Line
    """The check's id, such as `tls.certificate-current`."""
    subject: Line = "*"
    """Which subjects, by name, with `*` and `?`."""
    reason: Line
    """Why it may remain."""
    approver: Line
    """Who gave leave."""
    expires: Expiry
    """A date, to the end of that day in UTC, or a time with its offset, such as `2026-12-31T18:00:00+01:00`."""

    def to_model(self, at: Location | None) -> Waiver:
        """Return the waiver as the report knows it."""
        return Waiver(self.check, self.subject, self.reason, self.approver, self.expires, at)


class Unknowns(ProfilePart):
    """Which unknown findings are tolerated."""

    allow: tuple[Line, ...] = ()
    """Check ids or sections, with `*` and `?`, whose `unknown` does not stop the release. The headline says so."""


class Gate(ProfilePart):
    """What stops a release. The report says in its headline where the gate was lowered."""

    fail_on: Literal["fail", "warn"] = "fail"
    """`warn`: warnings stop the release too."""
    ignore_below: Grade = "low"
    """Findings of checks below this severity do not stop the release. `low` ignores none."""
    unknown: Unknowns = Field(default_factory=Unknowns)
    """Which unknown findings are tolerated."""

    @property
    def severity(self) -> Severity:
        """The lowest severity that stops the release."""
        return Severity[self.ignore_below.upper()]


class Notify(ProfilePart):
    """Webhooks that `--notify` writes to. Their addresses are secrets: who has one can write there."""

    slack: SecretStr = SecretStr("")
    """An incoming webhook of Slack; by default what GOLIVE_SLACK_URL holds."""
    teams: SecretStr = SecretStr("")
    """A webhook of Teams' Workflows; by default what GOLIVE_TEAMS_URL holds."""


class Scope(ProfilePart):
    """Which lines of the checklist the profile is about: all, but for those that are left out here."""

    off: dict[Line, Line] = {}
    """What is left out, with the reason: a section, a line or a check, with `*` and `?`: `{storage: none is used}`."""
    only: tuple[Line, ...] = ()
    """What alone it is about, likewise: `[domains, security]`."""


class ProfileBase(ProfilePart):
    """A golive profile: the system that a release goes to, and what is demanded of it."""

    environment: Line
    """The environment's name, such as `staging`."""
    production: bool = False
    """Whether real users depend on it. golive is gentler there, and `active` and `write` need `confirm:`."""
    description: str = ""
    """What this environment is, for the reader of the profile."""
    extends: str | tuple[str, ...] = ()
    """Profiles to build on, by name or path; `golive:django` is one of golive's own. A later one overrules an earlier.

    This file overrides all. Mappings are merged key by key, anything else is replaced, and `null` removes what is
    inherited.
    """
    variables: VariableSources = Field(default_factory=VariableSources)
    """Where `${VAR}` is filled in from, after the process environment."""
    plugins: tuple[FilePath, ...] = ()
    """Python files with checks of your own."""
    confirm: str | None = None
    """The environment's name once more: in production, `allow:` counts only with it."""
    allow: tuple[AskedEffect, ...] = ()
    """What golive may do beyond reading.

    `active`: send what an attacker or a provider would. `write`: store something, and remove it again.
    """
    release: Release | None = None
    """The release that is about to go live."""
    timeout_s: Annotated[Duration, Field(gt=0)] | None = None
    """How long a run may take, in seconds or with a unit (`5m`)."""
    checklist: Scope = Field(default_factory=Scope)
    """Which lines of the checklist the profile is about."""
    vantages: dict[Line, tuple[Line, ...]] = {}
    """Where it is looked at from, by names of your own, and which sections, checks or tags each place alone is for:
    `{outside: [domains], inside: [database, "metrics.*"]}`. What none of them names is for all. See `--vantage`."""
    waivers: tuple[ProfileWaiver, ...] = ()
    """Red findings that may remain for a while."""
    gate: Gate = Field(default_factory=Gate)
    """What stops a release."""
    owners: dict[Line, Line] = {}
    """Who fixes what: a check id or section, with `*` and `?`, and the owner. The first that matches counts."""
    notify: Notify = Field(default_factory=Notify)
    """Where `golive check --notify slack` and `--notify teams` write to."""
    lab: str | None = None
    """The reference stack that `golive check` starts for this profile."""

    @field_validator("production")
    @classmethod
    def production_is_known_below(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - the field's value
        """Tell what is validated after it: some settings are no mistake but in one of the two."""
        if isinstance(info.context, dict):
            info.context["production"] = value
        return value

    @field_validator("confirm")
    @classmethod
    def confirm_names_the_environment(cls, value: str | None, info: ValidationInfo) -> str | None:
        """Refuse a confirmation of something else: it was copied from another environment."""
        environment = info.data.get("environment")
        if value is not None and environment is not None and value != environment:
            raise ValueError(f"it must repeat the environment's name, '{environment}', or be left out")
        return value
