"""What goes to and fro over HTTP: where it is sent, what opens a wall, what came back; and the limits of it all."""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from golive import RunInfo, Settings, Unavailable, shortened
from golive.wording import data_size

ACCEPT_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
"""What browsers say when they open a page: some servers answer 406 to less."""
ACCEPT_JSON = "application/json, text/plain, */*"
ACCEPT_ANY = "*/*"
ACCEPT_IMAGE = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
"""What browsers say for an image: some servers choose its format by it."""
HEADERS_LIMIT_BYTES = 64 * 1024
"""nginx, Node and Apache accept at most 8 to 32 kB of headers: more is no honest answer."""


def agent(run: RunInfo) -> str:
    """Sign a request: who asks, and in which run."""
    return f"golive/{run.version} (+readiness check; run {run.id})"


class HttpSettings(Settings):
    """Limits of a fetch."""

    home: ClassVar[str] = "http"

    timeout_s: float = Field(default=10.0, gt=0, le=300)
    """Seconds from the moment a request's turn has come until its answer is complete."""
    connect_timeout_s: float = Field(default=5.0, gt=0, le=60)
    """Seconds until a connection, with TLS where it is asked for, must stand."""
    body_limit_bytes: int = Field(default=2_000_000, ge=10_000)
    """Bytes of a body, as sent, after which golive stops reading."""


def _printable(secret: SecretStr) -> SecretStr:
    """Refuse a line break, which comes easily at the end of a file."""
    if not secret.get_secret_value().isprintable():
        raise ValueError("has a character that cannot be printed, such as a line break")
    return secret


def _ascii(secret: SecretStr) -> SecretStr:
    """Refuse what cannot stand in a header (RFC 9110, section 5.5)."""
    if not secret.get_secret_value().isascii():
        raise ValueError("has a character that is not ASCII, which is not allowed in a header")
    return secret


HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
OneLine = Annotated[SecretStr, AfterValidator(_printable)]
HeaderValue = Annotated[OneLine, AfterValidator(_ascii)]


class Access(Settings):
    """What opens the wall before a host that is not public yet. Sent over verified TLS only.

    In a host's own entry it goes to that host alone; at the top of the profile, to every host that the profile names.
    """

    home: ClassVar[str] = "access"

    headers: Mapping[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Headers, such as x-vercel-protection-bypass or CF-Access-Client-Id and CF-Access-Client-Secret."""
    basic: OneLine | None = None
    """`user:password` of HTTP Basic authentication."""

    def __bool__(self) -> bool:
        """Return whether anything is given."""
        return bool(self.headers or self.basic)

    def sent(self) -> dict[str, str]:
        """Return the headers to send, with their values."""
        found = {name: value.get_secret_value() for name, value in self.headers.items()}
        if self.basic:
            found["authorization"] = "Basic " + base64.b64encode(self.basic.get_secret_value().encode()).decode()
        return found


class Tenancy(Settings):
    """How the app learns which of its tenants is meant.

    golive tells it with every request, with WebSockets and with the pages that a browser opens. Where a tenant has a
    host or a path of its own, name that host under hosts: and write the path before those that the profile names.
    """

    home: ClassVar[str] = "tenancy"

    headers: Mapping[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Headers that name the tenant golive may look at, such as x-tenant-id."""
    query: dict[str, str] = Field(default={}, max_length=10)
    """Or parameters of the query that do."""
    hosts: tuple[str, ...] = ()
    """The hosts that get it; empty: every host that the profile names."""

    def names(self, host: str) -> bool:
        """Return whether a host gets the tenant."""
        return not self.hosts or host in self.hosts

    def sent(self, host: str) -> dict[str, str]:
        """Return the headers that a host is sent."""
        if not self.names(host):
            return {}
        return {name.lower(): value.get_secret_value() for name, value in self.headers.items()}

    def path(self, host: str, path: str) -> str:
        """Return the path with the tenant in its query; what stands there already stays as it is."""
        if not self.query or not self.names(host):
            return path
        given = {part.partition("=")[0] for part in path.partition("?")[2].split("&")}
        more = urlencode({name: value for name, value in self.query.items() if name not in given})
        return path + (("&" if "?" in path else "?") + more if more else "")


@dataclass(frozen=True)
class Endpoint:
    """One address of a host, and how to speak to it."""

    host: str
    ip: str
    port: int
    secure: bool = True

    @property
    def origin(self) -> str:
        """The origin as a browser writes it, the usual port left out."""
        scheme, usual = ("https", 443) if self.secure else ("http", 80)
        return f"{scheme}://{self.host}" + (f":{self.port}" if self.port != usual else "")

    @property
    def pinned(self) -> str:
        """The origin with the address in place of the name."""
        scheme = "https" if self.secure else "http"
        return f"{scheme}://{f'[{self.ip}]' if ':' in self.ip else self.ip}:{self.port}"


@dataclass(frozen=True)
class Request:
    """What is asked of an endpoint. `access` opens the wall before it, and goes over verified TLS alone."""

    at: Endpoint
    path: str = "/"
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    access: Access = field(default_factory=Access)
    ca_file: str = ""
    """The roots to trust; empty: the usual ones."""
    verbatim: bool = False
    """The path goes out as it stands, though it be no proper one; otherwise what is wrong in it is encoded."""

    @property
    def same(self) -> tuple[object, ...]:
        """What two requests have in common that get the same answer: a host is sent the same access by all."""
        return (self.at, self.method, self.path, self.verbatim, self.ca_file, *self.headers.items(), self.body)


@dataclass(frozen=True)
class Response:
    """An answer as it came over the wire. Header names are in lower case, in the order sent."""

    url: str
    status: int
    version: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    """As sent: still compressed, and cut at the limit where `truncated`."""
    truncated: bool
    distrust: str
    """Why the certificate could not be trusted, empty where it could. Judged by the TLS checks, noted here."""
    unpacked_limit_bytes: int
    seconds: float = 0.0
    """From the first byte of the request, and of the connection where it took one, to the last of the answer."""
    unsure_s: float = 0.0
    """By how much longer it may have been, for golive itself was busy when it came."""

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value of a repeated header."""
        return tuple(v for n, v in self.headers if n == name)

    def header(self, name: str) -> str:
        """Return a list header's values as one (RFC 9110, section 5.3), empty where there is none."""
        return ", ".join(self.values(name))

    @property
    def content(self) -> bytes:
        """The body without gzip, unpacked each time; raises Unavailable where it is not all there."""
        if self.truncated:
            raise Unavailable(
                f"{self.url} is larger than {len(self.body):,} bytes, where golive stopped reading",
                fix="serve less, or raise http.body_limit_bytes",
            )
        encoding = self.header("content-encoding").lower()
        if encoding in {"", "identity"}:
            return self.body
        if encoding not in {"gzip", "x-gzip"}:
            raise Unavailable(f"{self.url} answers in {shortened(encoding, 40)}, which was not requested")
        try:
            unpacker = zlib.decompressobj(wbits=31)
            # Bounded: a few kilobytes of gzip can unpack to gigabytes.
            found = unpacker.decompress(self.body, self.unpacked_limit_bytes)
        except zlib.error:
            raise Unavailable(f"{self.url} says that it is gzip, and is not") from None
        if unpacker.unconsumed_tail or len(found) == self.unpacked_limit_bytes:
            raise Unavailable(f"{self.url} unpacks to more than {data_size(self.unpacked_limit_bytes)}")
        # zlib takes data that break off for data of which more is to come.
        if self.body and not unpacker.eof:
            raise Unavailable(f"{self.url} is gzip that breaks off")
        return found

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode("utf-8", "replace")
