"""`custom:` in a profile: one request each, and what is expected of its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from golive import Entry, Severity, Subject, subjects
from golive.model import CheckInfo
from golive.profile.types import Duration, FilePath
from golive_checks.subjects import UrlPath
from golive_checks.systems.http.client.message import HeaderName, HeaderValue

KINDS = ("http", "dns", "tcp", "sql", "promql", "file", "command")
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
FITTING: Mapping[str, frozenset[str]] = {
    "status": frozenset({"http"}),
    "present": frozenset({"http"}),
    "absent": frozenset({"http"}),
    "headers": frozenset({"http"}),
    "json_values": frozenset({"http", "file", "command"}),
    "matches": frozenset({"http", "file", "command", "dns"}),
    "matches_not": frozenset({"http", "file", "command", "dns"}),
    "at_least": frozenset({"sql", "promql", "file", "command"}),
    "at_most": frozenset({"sql", "promql", "file", "command"}),
    "min_rows": frozenset({"sql", "promql", "dns"}),
    "max_rows": frozenset({"sql", "promql", "dns"}),
    "records": frozenset({"dns"}),
    "connects": frozenset({"tcp"}),
    "exists": frozenset({"file"}),
    "code": frozenset({"command"}),
    "within_s": frozenset({"http", "tcp", "dns"}),
}
"""Which requests each expectation can be asked of."""


def _pattern(text: str) -> str:
    import re2  # noqa: PLC0415 - most profiles have no check of their own

    try:
        re2.compile(text)
    except re2.error as error:
        raise ValueError(f"is not a regular expression that RE2 accepts: {error}") from None
    return text


def _path(text: str) -> str:
    import jsonpath  # noqa: PLC0415 - likewise

    try:
        jsonpath.compile(text)
    except jsonpath.JSONPathError as error:
        raise ValueError(f"is no JSONPath: {error}") from None
    return text


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Regex = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_pattern)]
JsonPath = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_path)]
Scalar = str | bool | int | float | None
Part = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class HttpRequest(BaseModel):
    """A request over https. With POST, PUT, PATCH or DELETE it needs `allow: [write]`."""

    model_config = Part

    host: str = ""
    """A host of the profile, by its key or its name: its access and its roots are used."""
    url: Annotated[str, Field(pattern=r"^(https://[!-~]+)?$", max_length=2000)] = ""
    """Or a URL of another host, which gets nobody's credentials."""
    path: UrlPath = "/"
    """The path at that host."""
    method: Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    """The method."""
    headers: Mapping[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Headers of this request; a secret comes from `variables:`."""
    body: str = Field(default="", max_length=100_000)
    """What is sent with it, as it stands."""

    @model_validator(mode="after")
    def _one_host(self) -> "HttpRequest":
        if bool(self.host) == bool(self.url):
            raise ValueError("needs one of host and url")
        return self


class DnsRequest(BaseModel):
    """A question to the profile's resolvers."""

    model_config = Part

    name: str = Field(min_length=1, max_length=253)
    """The name that is asked for."""
    type: Literal["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"] = "A"
    """The type of its records."""


class TcpRequest(BaseModel):
    """A connection to a port, on which nothing is sent."""

    model_config = Part

    host: str = Field(min_length=1, max_length=253)
    """A name or an IP address."""
    port: int = Field(ge=1, le=65535)
    """Its number."""


class SqlRequest(BaseModel):
    """A query to a database of the profile, in a transaction that only reads, for 2 s at most."""

    model_config = Part

    database: str = Field(min_length=1)
    """Its name under `databases`."""
    query: str = Field(min_length=1, max_length=10_000)
    """A SELECT."""


class Expectation(BaseModel):
    """What must be so of the answer: all that is given."""

    model_config = Part

    status: int | tuple[int, ...] = ()
    """The status, or one of several; without it 200 to 299."""
    present: tuple[HeaderName, ...] = ()
    """Headers that must be there."""
    absent: tuple[HeaderName, ...] = ()
    """Headers that must not."""
    headers: Mapping[HeaderName, Regex] = Field(default_factory=dict)
    """Headers, each with a regular expression that must be found in its value."""
    json_values: Mapping[JsonPath, Scalar | tuple[Scalar, ...]] = Field(default_factory=dict, alias="json")
    """JSONPath (RFC 9535), each with the value that all it finds must have, or a list of which each must be one."""
    matches: tuple[Regex, ...] = ()
    """Regular expressions (RE2) that must be found in the text."""
    matches_not: tuple[Regex, ...] = ()
    """Regular expressions that must not."""
    at_least: float | None = None
    """The least that the number may be: of SQL the first column of the first row, of PromQL each series."""
    at_most: float | None = None
    """The most that it may be."""
    min_rows: int | None = Field(default=None, ge=0)
    """How many rows, series or records there must be; without it, and without max_rows, 1."""
    max_rows: int | None = Field(default=None, ge=0)
    """How many there may be."""
    records: tuple[str, ...] | None = None
    """The records that there must be, and no others, as `dig +short` prints them."""
    connects: bool = True
    """False: nothing may listen there."""
    exists: bool = True
    """False: the file must not be there."""
    code: int = 0
    """The code that the command must end with."""
    within_s: Annotated[Duration, Field(gt=0)] | None = None
    """How long the answer may take."""


class CustomRequest(BaseModel):
    """What is asked: exactly one of these."""

    model_config = Part

    http: HttpRequest | None = None
    """A request over https."""
    dns: DnsRequest | None = None
    """A question to the resolvers."""
    tcp: TcpRequest | None = None
    """A connection to a port."""
    sql: SqlRequest | None = None
    """A query to a database of the profile."""
    promql: str = Field(default="", max_length=10_000)
    """A query to the profile's Prometheus."""
    file: FilePath = ""
    """A file on the machine that golive runs on."""
    command: tuple[str, ...] = ()
    """A command, as a list of arguments. It runs as it stands: name none that production would mind."""

    @model_validator(mode="after")
    def _one(self) -> "CustomRequest":
        given = [kind for kind in KINDS if getattr(self, kind)]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of {', '.join(KINDS)}; has {' and '.join(given) or 'none'}")
        return self

    @property
    def kind(self) -> str:
        """Which of them it is."""
        return next(kind for kind in KINDS if getattr(self, kind))


class CustomEntry(Entry):
    """A check of your own: one request, and what is expected of its answer."""

    title: Line
    """What is so when it passes, such as `The shop shows prices`."""
    severity: Literal["low", "medium", "high", "critical"] = "high"
    """How much it matters where it fails."""
    why: Line = "the profile demands it"
    """Why it matters."""
    fix: Line = "see who wrote it into the profile"
    """What to do where it fails."""
    request: CustomRequest
    """What is asked."""
    expect: Expectation = Field(default_factory=Expectation)
    """What must be so of the answer."""

    @model_validator(mode="after")
    def _fits(self) -> "CustomEntry":
        kind = self.request.kind
        for name in self.expect.model_fields_set:
            if kind not in FITTING[name]:
                key = Expectation.model_fields[name].alias or name
                raise ValueError(f"expect.{key} cannot be asked of {kind}: of {', '.join(sorted(FITTING[name]))}")
        return self


@dataclass(frozen=True)
class Custom(Subject):
    """A check of the profile's own, by its name there: its id is `custom.NAME`."""

    title: str = ""
    severity: str = "high"
    why: str = ""
    fix: str = ""
    way: str = "http"
    """The kind of its request: one of KINDS."""
    request: HttpRequest | DnsRequest | TcpRequest | SqlRequest | str | tuple[str, ...] = field(
        default="", repr=False, compare=False
    )
    expect: Expectation = field(default_factory=Expectation, compare=False)

    @property
    def writes(self) -> bool:
        """True where the request may change what it is sent to."""
        return isinstance(self.request, HttpRequest) and self.request.method in WRITES

    def as_check(self, info: CheckInfo) -> CheckInfo:
        """Return the check that it is of its own."""
        return replace(
            info,
            id=f"{info.section}.{self.name}",
            title=self.title,
            why=self.why,
            fix=self.fix,
            severity=Severity[self.severity.upper()],
            base=info.id,
        )


@subjects("custom", empty="the profile has no check of its own")
def custom(key: str, entry: CustomEntry) -> tuple[Custom, ...]:
    """Name the profile's own checks."""
    kind = entry.request.kind
    return (
        Custom(
            key,
            title=entry.title,
            severity=entry.severity,
            why=entry.why,
            fix=entry.fix,
            way=kind,
            request=getattr(entry.request, kind),
            expect=entry.expect,
            own=entry.own(),
        ),
    )
