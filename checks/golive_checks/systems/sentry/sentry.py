"""Where errors are sent: the DSNs of the apps' variables, whether their ingest takes anything, and what is served."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from golive import Effect, Fact, Settings, Unavailable, probe
from golive.profile.types import Duration
from golive_checks.placeholders import placeholder
from golive_checks.shapes import split_url
from golive_checks.subjects import Host
from golive_checks.systems.aws.client.aws import AwsSettings
from golive_checks.systems.env.files import EnvFile
from golive_checks.systems.env.sources import EnvSources
from golive_checks.systems.http.client.message import ACCEPT_ANY, ACCEPT_PAGE
from golive_checks.systems.http.page import Page, PageDoor
from golive_checks.systems.page.bundle import Bundle
from golive_checks.systems.vendors.client.answer import VendorAnswer
from golive_checks.systems.vendors.client.client import LOOPBACK, ApiBase, Vendor, VendorApi

NAMES: Mapping[str, str] = {"api": "SENTRY_DSN", "web": "VITE_SENTRY_DSN"}
"""The variable of each role: the first is what Sentry's own libraries read."""
KEY = re.compile(r"[0-9a-f]{32}")
"""A DSN's public key, of Sentry and of GlitchTip: a UUID without hyphens."""
PROJECT = re.compile(r"\d{1,20}")
SERVED = re.compile(r"https?://([0-9a-f]{32})@([A-Za-z0-9.:-]{1,260})((?:/[\w.-]{1,50}){0,4})/(\d{1,20})(?!\d)")
LOADER = re.compile(r"(?:js(?:-[a-z0-9]{2,12})?\.sentry-cdn\.com|/js-sdk-loader)/([0-9a-f]{32})(?:\.min)?\.js")
"""Sentry's loader script, by the DSN's public key: each region has a host of its own, such as js-de.sentry-cdn.com, and
a Sentry of one's own a path (docs.sentry.io/platforms/javascript/install/loader)."""
MAX_SERVED = 100

CLIENT = "golive/1"
EMPTY = b"{}\n"
"""An envelope without items (develop.sentry.dev/sdk/data-model/envelopes): nothing in it becomes an event."""

Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
"""An organization's or a project's name in Sentry's URLs, or its number."""


class EventLookup(BaseModel):
    """How a test event is found again by Sentry's Web API."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    token: SecretStr
    """A token with the scope project:read alone (GlitchTip: event:read)."""
    organization: Slug
    """The organization, by its slug."""
    api_project: Slug = ""
    """The API's project, by its slug."""
    web_project: Slug = ""
    """The web app's."""
    url: ApiBase = ""
    """Where the Web API is, without /api/0; empty: at sentry.io, or on the DSN's own host where that is another."""
    within_s: Duration = Field(default=60.0, gt=0, le=600)
    """How long an event may take from the ingest to the API."""

    @model_validator(mode="after")
    def _some_project(self) -> "EventLookup":
        if not self.api_project and not self.web_project:
            raise ValueError("needs api_project, web_project or both")
        return self

    def project_of(self, role: str) -> str:
        """Return the slug of a role's project; empty where none is given."""
        return self.web_project if role == "web" else self.api_project


class ErrorTracking(Settings):
    """Where the apps' errors go."""

    home: ClassVar[str] = "observability.errors"

    service: Literal["sentry", "other"] = "sentry"
    """Sentry and what is compatible (GlitchTip, a Relay); any other needs an attestation."""
    api_variable: str = NAMES["api"]
    """The API's variable that holds its DSN."""
    web_variable: str = NAMES["web"]
    """The web app's."""
    test_event: bool = False
    """Send each project one event of level info, where `allow` has `write`. It stays in Sentry, in one issue."""
    lookup: EventLookup | None = None
    """How that event is found again; without it nobody looks whether it arrived."""


@dataclass(frozen=True)
class DsnTarget:
    """Where a DSN leads. Its public key stands in every bundle, and is no secret."""

    base: str
    project: str
    key: str

    @property
    def path(self) -> str:
        """Where envelopes go (develop.sentry.dev/sdk/foundations/transport/authentication)."""
        return f"/api/{self.project}/envelope/"


class DsnOddity(StrEnum):
    """How a value differs from `https://KEY@HOST/PROJECT`."""

    PLACEHOLDER = auto()
    OTHER_FORM = auto()
    SECRET_KEY = auto()
    """There is a password: the secret key, which Sentry dropped in 2018."""
    OTHER_KEY = auto()
    """The public key is not 32 hex digits."""
    NO_PROJECT = auto()
    """The path does not end in a number."""
    CLEAR_TEXT = auto()
    """http, to another machine than this one."""


@dataclass(frozen=True)
class Dsn(Fact):
    """A file's DSN. `place` is where it leads; None where it is odd in any way: nothing is sent there."""

    variable: str
    there: bool = False
    oddities: tuple[DsnOddity, ...] = ()
    placeholder: str = ""
    """Which kind of placeholder it is."""
    place: DsnTarget | None = None


@dataclass(frozen=True)
class Ingest(Fact):
    """What the ingest answers to an empty envelope; `detail` in its own words."""

    status: int
    detail: str = ""


@dataclass(frozen=True)
class Wired(Fact):
    """The DSNs that stand in what a host serves, with the file; and the keys of Sentry's loader script."""

    places: Mapping[str, tuple[DsnTarget, ...]]
    loader_keys: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


@probe("sentry.dsn")
async def dsn(file: EnvFile, sources: EnvSources, ask: AwsSettings, errors: ErrorTracking) -> Dsn:
    """Read the file's DSN."""
    wanted = {"api": errors.api_variable, "web": errors.web_variable}.get(file.role, errors.api_variable)
    values = {file.ours(name): given.value for name, given in (await sources.read(file.source, ask)).values.items()}
    value = (values.get(wanted) or "").strip()
    if not value:
        return Dsn(wanted)
    return parsed(wanted, value)


def parsed(variable: str, value: str) -> Dsn:
    """Take the value of a variable apart. It is not repeated: it may hold a secret key.

    A query and a fragment may stand behind it: Sentry's libraries read the project from the path and drop the rest.
    """
    if kind := placeholder(value):
        return Dsn(variable, there=True, oddities=(DsnOddity.PLACEHOLDER,), placeholder=kind)
    url = split_url(value)
    if url is None or url.scheme not in {"https", "http"} or not url.hostname:
        return Dsn(variable, there=True, oddities=(DsnOddity.OTHER_FORM,))
    head, _, project = url.path.rpartition("/")
    key = url.username or ""
    odd = {
        DsnOddity.SECRET_KEY: bool(url.password),
        DsnOddity.OTHER_KEY: not KEY.fullmatch(key),
        DsnOddity.NO_PROJECT: not PROJECT.fullmatch(project),
        DsnOddity.CLEAR_TEXT: url.scheme == "http" and url.hostname not in LOOPBACK,
    }
    if any(odd.values()):
        return Dsn(variable, there=True, oddities=tuple(each for each, holds in odd.items() if holds))
    place = DsnTarget(f"{url.scheme}://{url.netloc.rpartition('@')[2]}{head}", project, key)
    return Dsn(variable, there=True, place=place)


@probe("sentry.ingest", effect=Effect.ACTIVE)
async def ingest(file: EnvFile, dsn: Dsn, vendor: Vendor) -> Ingest:
    """Send an empty envelope, of which no event comes."""
    if not dsn.place:
        return Ingest(0)
    answer = await post(vendor, dsn.place, EMPTY)
    return Ingest(answer.status, detail_of(answer))


async def post(vendor: Vendor, place: DsnTarget, envelope: bytes, *, patient: bool = True) -> VendorAnswer:
    """Send an envelope to where a DSN leads."""
    auth = f"Sentry sentry_version=7, sentry_client={CLIENT}, sentry_key={place.key}"
    headers = {"content-type": "application/x-sentry-envelope", "x-sentry-auth": auth}
    api = VendorApi("Sentry's ingest", place.base)
    return await vendor.post(api, place.path, headers=headers, content=envelope, patient=patient)


def detail_of(said: VendorAnswer) -> str:
    """Return a refusal's own words; empty where it is none."""
    found = said.body.data.get("detail") if said.status >= 400 else ""  # noqa: PLR2004 - RFC 9110, section 15.5
    return shown(found) if isinstance(found, str) else ""


def shown(text: str) -> str:
    """Return what a server said, cut and without what is not printable."""
    return "".join(c for c in text[:200] if c.isprintable())


@probe("sentry.wired")
async def wired(
    host: Host,
    page: Page,
    bundle: Bundle,
    door: PageDoor,
) -> Wired:
    """Look for a DSN in the page and its scripts, which are all here already."""
    places, keys = dict[tuple[str, DsnTarget], None](), set[str]()
    for path in bundle.files:
        accept = ACCEPT_PAGE if path == page.reply.path else ACCEPT_ANY
        text = (await door.get(path, accept=accept)).text
        for found in SERVED.finditer(text):
            scheme = found[0].partition("://")[0]
            places[path, DsnTarget(f"{scheme}://{found[2]}{found[3]}", found[4], found[1])] = None
        keys.update(found[1] for found in LOADER.finditer(text))
    if max(len(places), len(keys)) > MAX_SERVED:
        raise Unavailable(f"what the page serves names more than {MAX_SERVED} DSNs of Sentry")
    listed = {path: tuple(place for at, place in places if at == path) for path, _ in places}
    return Wired(listed, tuple(sorted(keys)), bundle.missed)
