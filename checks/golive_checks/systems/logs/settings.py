"""Where a host's logs are, and how a request is known there: the profile's `security.logs`."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from golive import Settings
from golive.profile.types import Duration, FilePath
from golive_checks.subjects import UrlPath
from golive_checks.systems.http.client.message import HeaderName, OneLine
from golive_checks.systems.vendors.client.client import LOOPBACK, host_of

SOURCES = ("file", "command", "cloudwatch", "loki")
ROTATIONS = ("logrotate", "journald", "docker", "loki", "attested")


class LokiLogs(BaseModel):
    """A query to Loki."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    url: str = Field(min_length=1, pattern=r"^https?://[^\s/@?#]+[^\s@?#]*$")
    """Its address, such as https://loki.example.com."""
    query: str = Field(min_length=1, max_length=2000)
    """A selector of streams, such as `{app="api"}`."""
    tenant: Annotated[str, Field(pattern=r"^[\x21-\x7e]*$")] = ""
    """The X-Scope-OrgID, where it has tenants."""
    basic: OneLine | None = None
    """`user:password` of HTTP Basic authentication."""
    token: OneLine = SecretStr("")
    """Or a bearer token."""

    @model_validator(mode="after")
    def _in_clear(self) -> "LokiLogs":
        given = self.basic or self.token.get_secret_value()
        if given and self.url.startswith("http:") and host_of(self.url) not in LOOPBACK:
            raise ValueError("credentials go over https; http is for a Loki without, or on this machine")
        return self


class Rotation(BaseModel):
    """What keeps the logs from filling the disk: one of these. Of CloudWatch, its own retention is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    logrotate: FilePath = ""
    """A configuration of logrotate that names the log file, such as /etc/logrotate.d/api."""
    journald: tuple[str, ...] = ()
    """A command that prints journald's settings: [systemd-analyze, cat-config, systemd/journald.conf]."""
    docker: tuple[str, ...] = ()
    """A command that prints what Docker says of the container: [docker, inspect, api]."""
    loki: FilePath = ""
    """Loki's own configuration file, as YAML."""
    attested: str = ""
    """The name of an attestation that says so, where nothing else shows it."""

    @model_validator(mode="after")
    def _one(self) -> "Rotation":
        given = [name for name in ROTATIONS if getattr(self, name)]
        if len(given) > 1:
            raise ValueError(f"needs one of {', '.join(ROTATIONS)}; has {' and '.join(given)}")
        return self


class Logs(Settings):
    """Where the logs are in which a host's requests appear: one of file, command, cloudwatch, loki."""

    home: ClassVar[str] = "security.logs"

    file: FilePath = ""
    """A file on this machine."""
    command: tuple[str, ...] = ()
    """A command that prints the newest lines: journalctl, docker logs, kubectl logs, also by ssh."""
    cloudwatch: str = ""
    """The name of a log group of CloudWatch Logs, in the account and region of `aws:`."""
    loki: LokiLogs | None = None
    """A query to Loki."""
    header: HeaderName = "X-Request-Id"
    """The header from which the app takes a request's id; with traceparent, a trace's id is sent (W3C)."""
    path: UrlPath = ""
    """What golive asks for with an id of its own; empty: the host's api_path, else /."""
    watch_s: Annotated[Duration, Field(gt=0, le=300)] = 15.0
    """How long the request may take to appear."""
    id_keys: tuple[str, ...] = ()
    """Names of the id in a line beside those that are known; `a.b` is b within a."""
    time_keys: tuple[str, ...] = ()
    """Names of the time, likewise."""
    level_keys: tuple[str, ...] = ()
    """Names of the level, likewise."""
    rotation: Rotation = Rotation()
    """What keeps the logs from filling the disk."""

    @model_validator(mode="after")
    def _one_source(self) -> "Logs":
        given = [name for name in SOURCES if getattr(self, name)]
        if len(given) > 1:
            raise ValueError(f"needs one of {', '.join(SOURCES)}; has {' and '.join(given)}")
        return self
