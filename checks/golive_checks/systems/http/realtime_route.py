"""Where a host's messages flow, and what its server wants to be given at the handshake."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal
from urllib.parse import quote

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from golive import Settings
from golive_checks.subjects import Host, UrlPath
from golive_checks.systems.http.client.message import HeaderName, HeaderValue, OneLine
from golive_checks.systems.http.engine_io import RESERVED, Version
from golive_checks.systems.proxy.policy import ProxyPolicy, websocket_path

Protocol = Literal["socket.io", "websocket"]
OWN_HEADERS = frozenset({"host", "connection", "upgrade", "origin", "content-type", "content-length"})
"""Headers of the handshake itself. Origin has a setting of its own."""


class RealtimePolicy(Settings):
    """Where messages flow, and how soon they must. For the host that serves them: `realtime:` in its entry."""

    home: ClassVar[str] = "observability.realtime"

    path: UrlPath = ""
    """The WebSocket's or Socket.IO's path, such as /socket.io/; empty: `websocket_path` of the host's `proxy`."""
    protocol: Protocol | None = None
    """Unset: Socket.IO where the path says so, else a plain WebSocket."""
    engine_io: Version | None = None
    """What the app's own clients speak: 4 (socket.io-client 3 and 4), 3 (socket.io-client 2). Unset: 4."""
    namespace: str = Field(default="/", pattern=r"^/[\w./-]{0,100}$")
    """Socket.IO's namespace."""
    query: Mapping[Annotated[str, StringConstraints(min_length=1)], OneLine] = Field(default_factory=dict)
    """Parameters that the server wants in the query of the handshake, such as a tenant."""
    headers: Mapping[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Headers that it wants there. Sent over verified TLS alone."""
    token: HeaderValue = SecretStr("")
    """A user's token, of a test account; empty: none is given."""
    token_in: Literal["auth", "bearer", "query"] = "auth"  # noqa: S105 - a place
    """Where it goes: Socket.IO's `auth` as `token`, an Authorization header, or the query as `token`."""
    origin: str = Field(default="", pattern=r"^(https?://[A-Za-z0-9.:\[\]-]+)?$")
    """The Origin to give, as the app's page would; empty: none."""
    pings: int = Field(default=3, ge=1, le=20)
    """How many pings are timed."""
    connect_warn_s: float = Field(default=1.0, gt=0)
    """From the first byte until the server has let the user in; more warns."""
    connect_limit_s: float = Field(default=3.0, gt=0)
    """More than this fails."""
    ping_limit_ms: float = Field(default=500, gt=0)
    """The median of the pings; more warns."""

    @field_validator("headers")
    @classmethod
    def _not_the_handshakes_own(cls, headers: Mapping[str, HeaderValue]) -> Mapping[str, HeaderValue]:
        for name in headers:
            if name.lower() in OWN_HEADERS or name.lower().startswith("sec-websocket-"):
                raise ValueError(f"{name} is set by the handshake itself")
        return headers

    @field_validator("query")
    @classmethod
    def _not_engine_ios_own(cls, query: Mapping[str, OneLine]) -> Mapping[str, OneLine]:
        for name in query:
            if name in RESERVED:
                raise ValueError(f"{name} is set by the client itself; engine_io names the version")
        return query

    @model_validator(mode="after")
    def _socket_io_2_knows_no_auth(self) -> "RealtimePolicy":
        if self.engine_io == 3 and self.token.get_secret_value() and self.token_in == "auth":  # noqa: S105, PLR2004
            raise ValueError("clients of Engine.IO 3 send no auth: set token_in to query or bearer")
        return self


@dataclass(frozen=True)
class RealtimeRoute:
    """What a client asks for. `shown` is the path as the profile has it; what is sent beside it may be secret."""

    shown: str
    protocol: Protocol
    version: Version
    path: str
    """Without its query."""
    query: tuple[str, ...] = field(repr=False)
    """Parameters, encoded."""
    headers: Mapping[str, str] = field(repr=False)
    token: str = field(default="", repr=False)
    """To be sent as Socket.IO's auth."""
    credential: str = field(default="", repr=False)
    """The token as a parameter of the query, encoded."""
    bearer: str = field(default="", repr=False)
    """The token as the value of an Authorization header."""

    @property
    def secret(self) -> bool:
        """True where what is given goes over verified TLS alone."""
        return bool(self.headers or self.token or self.credential or self.bearer)

    @property
    def all_headers(self) -> dict[str, str]:
        """The headers that a client of the app's own sends."""
        return {**self.headers, **({"Authorization": self.bearer} if self.bearer else {})}

    @property
    def a_strangers_headers(self) -> dict[str, str]:
        """The headers that come along when the page of another site asks: a browser adds cookies and nothing else."""
        return {name: value for name, value in self.headers.items() if name.lower() == "cookie"}

    def asked(self, *more: str, credential: bool = True) -> str:
        """Return the path and query to ask for; `more` are parameters, encoded."""
        parts = [*self.query, *([self.credential] if credential and self.credential else []), *more]
        return f"{self.path}?{'&'.join(parts)}" if parts else self.path

    def handshake(self, transport: Literal["polling", "websocket"], *, credential: bool = True) -> str:
        """Return the path and query that opens a session of Engine.IO, or the plain WebSocket's."""
        if self.protocol == "websocket":
            return self.asked(credential=credential)
        return self.asked(f"EIO={self.version}", f"transport={transport}", credential=credential)


def route_of(host: Host, ask: RealtimePolicy, proxy: ProxyPolicy) -> RealtimeRoute | None:
    """Return where a host's messages flow; None where it has none.

    A path for all hosts means those that programs talk to: a page's host has its realtime named in its own entry.
    """
    has_one = "path" in host.own.get("realtime", {}) or host.serves_api or host.api_path
    path = (ask.path if has_one else "") or websocket_path(host, proxy)
    return opened(path, ask) if path else None


def route_for_pages(host: Host, ask: RealtimePolicy, proxy: ProxyPolicy) -> RealtimeRoute | None:
    """Return the route at the proxy's WebSocket path, which opens as `realtime` says if that is about this path."""
    path = websocket_path(host, proxy)
    if not path:
        return None
    other = ask.path and _bare(ask.path) != _bare(path)
    return opened(path, RealtimePolicy()) if other else opened(ask.path or path, ask)


def _bare(path: str) -> str:
    return path.partition("?")[0].rstrip("/")


def opened(path: str, ask: RealtimePolicy) -> RealtimeRoute:
    """Work out what is sent. A query in the path stays a query; what a client of Engine.IO sets itself is dropped."""
    bare, _, written = path.partition("?")
    protocol = ask.protocol or ("socket.io" if "/socket.io" in bare else "websocket")
    given = [part for part in written.split("&") if part]
    version: Version = ask.engine_io or 4
    if protocol == "socket.io":
        bare = bare.rstrip("/") + "/"  # as its clients do ("addTrailingSlash")
        if ask.engine_io is None and "EIO=3" in given:
            version = 3
        given = [part for part in given if part.partition("=")[0] not in RESERVED]
    named = {name: value.get_secret_value() for name, value in ask.query.items()}
    query = (*given, *(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in named.items()))
    token, place = ask.token.get_secret_value(), ask.token_in
    return RealtimeRoute(
        path,
        protocol,
        version,
        bare,
        query,
        {name: value.get_secret_value() for name, value in ask.headers.items()},
        token=token if place == "auth" else "",
        credential=f"token={quote(token, safe='')}" if token and place == "query" else "",
        bearer=f"Bearer {token}" if token and place == "bearer" else "",
    )
