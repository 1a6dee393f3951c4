"""What watches the system once it is live, and the profile keys that name it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator

from golive import Entry, Subject, subjects
from golive.profile.types import FilePath
from golive_checks.shapes import split_url

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
API_PATHS = ("/api/v1", "/api/v2", "/-", "/graph")


def _base_url(url: str) -> str:
    parts = split_url(url)
    if parts is None or parts.scheme not in {"https", "http"} or parts.query or parts.fragment:
        raise ValueError("a base URL is https:// (or http://) and a host, perhaps with a port and a path")
    if "@" in parts.netloc:
        raise ValueError("put a user and password under basic, not in the URL")
    return url.rstrip("/")


def _api_url(url: str) -> str:
    base = _base_url(url)
    for path in API_PATHS:
        if base.endswith(path):
            raise ValueError(f"the URL ends where its user interface begins: leave out {path}")
    return base


def _sendable(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value()
    if not (value.isprintable() and value.isascii()):
        raise ValueError("has a character that is not allowed in a header, such as a line break")
    return secret


BaseUrl = Annotated[str, AfterValidator(_base_url)]
ApiUrl = Annotated[str, AfterValidator(_api_url)]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
HeaderSecret = Annotated[SecretStr, AfterValidator(_sendable)]


class WatcherEntry(Entry):
    """Where something answers, and what it wants to see first."""

    basic: HeaderSecret = SecretStr("")
    """`user:password` of HTTP Basic authentication; of Grafana Cloud `instance id:token`."""
    bearer: HeaderSecret = SecretStr("")
    """A bearer token."""
    headers: Mapping[HeaderName, HeaderSecret] = Field(default_factory=dict)
    """More headers, such as a tenant's X-Scope-OrgID."""
    ca_file: FilePath = ""
    """A PEM file with the roots to trust for it instead of the usual ones."""

    @model_validator(mode="after")
    def _kept_secret(self) -> "WatcherEntry":
        if self.basic.get_secret_value() and self.bearer.get_secret_value():
            raise ValueError("needs either basic or bearer")
        parts = split_url(getattr(self, "url", ""))
        if parts and parts.scheme == "http" and parts.hostname not in LOOPBACK and _sent(self):
            raise ValueError("credentials need https; http is only for what needs no login, or is on this machine")
        return self


class ApiEntry(WatcherEntry):
    """Where an API of Prometheus's or Alertmanager's answers, and what it wants to see first."""

    url: ApiUrl
    """Its base URL, with its path where it has one: https://monitoring.example.com/prometheus."""


class MetricsEntry(WatcherEntry):
    """A page of metrics, as Prometheus scrapes it."""

    url: BaseUrl
    """The whole URL: http://10.0.0.5:4000/metrics."""


def _sent(entry: WatcherEntry) -> dict[str, str]:
    found = {name: value.get_secret_value() for name, value in entry.headers.items()}
    if basic := entry.basic.get_secret_value():
        found["authorization"] = "Basic " + base64.b64encode(basic.encode()).decode()
    if bearer := entry.bearer.get_secret_value():
        found["authorization"] = f"Bearer {bearer}"
    return found


def _headers(entry: WatcherEntry) -> dict[str, SecretStr]:
    return {name: SecretStr(value) for name, value in _sent(entry).items()}


@dataclass(frozen=True)
class Watched(Subject):
    """Something that answers at a URL. `headers` open it."""

    url: str = ""
    headers: Mapping[str, SecretStr] = field(default_factory=dict, repr=False, compare=False)
    ca_file: str = ""

    @property
    def host(self) -> str:
        """The host that is asked."""
        parts = split_url(self.url)
        return (parts.hostname or "") if parts else ""


@dataclass(frozen=True)
class Prometheus(Watched):
    """A Prometheus, or what speaks its API: Mimir, Thanos, VictoriaMetrics, Grafana Cloud."""


@dataclass(frozen=True)
class Alertmanager(Watched):
    """The Alertmanager that Prometheus sends its alerts to."""


@dataclass(frozen=True)
class MetricsPage(Watched):
    """A page of metrics, by its name in the profile."""

    @classmethod
    def kind(cls) -> str:
        """Return the word reports use."""
        return "metrics"


@subjects("prometheus", empty="the profile declares no Prometheus")
def prometheus(entry: ApiEntry) -> tuple[Prometheus, ...]:
    """Name the Prometheus of the profile."""
    made = Prometheus("prometheus", url=entry.url, headers=_headers(entry), ca_file=entry.ca_file, own=entry.own())
    return (made,)


@subjects("alertmanager", empty="the profile declares no Alertmanager")
def alertmanager(entry: ApiEntry) -> tuple[Alertmanager, ...]:
    """Name the Alertmanager of the profile."""
    made = Alertmanager("alertmanager", url=entry.url, headers=_headers(entry), ca_file=entry.ca_file, own=entry.own())
    return (made,)


@subjects("metrics", empty="the profile declares no page of metrics")
def metrics_pages(key: str, entry: MetricsEntry) -> tuple[MetricsPage, ...]:
    """Name the pages of metrics of the profile."""
    return (MetricsPage(key, url=entry.url, headers=_headers(entry), ca_file=entry.ca_file, own=entry.own()),)
