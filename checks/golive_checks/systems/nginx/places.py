"""What a proxy's configuration comes to: every value the one that counts at its place, the program's defaults included.

The words are nginx's, whichever program it is: a location is a route of Caddy's or a router of Traefik's, and what a
header is set to is said in nginx's variables, such as `$host` for the name that the client asked for.
"""

from dataclasses import dataclass, field

from golive import Location
from golive_checks.systems.nginx.added import AddedHeader
from golive_checks.systems.nginx.guards import PathRefusal
from golive_checks.systems.nginx.rewrites import Rewrite
from golive_checks.systems.nginx.rules import Handler


@dataclass(frozen=True)
class ProxyNumber:
    """A time in seconds or a size in bytes. `at` is where it is set; None: it is the program's own default."""

    value: float
    at: Location | None = None
    name: str = field(default="", compare=False)
    """Of the setting, where the program has another name for it than nginx."""


@dataclass(frozen=True)
class Backend:
    """Where a request goes: a host and port, or a Unix socket with port 0."""

    host: str
    port: int

    def __str__(self) -> str:
        """Render as host:port."""
        return f"{self.host}:{self.port}" if self.port else self.host


@dataclass(frozen=True)
class Proxied:
    """A `proxy_pass` and all that bears on it.

    `backends` is empty where `unresolved` names the variable whose value the configuration does not tell. `headers`
    holds what `proxy_set_header` sets that golive knows of, by lower-case name, each with the values it may have.
    """

    target: str
    """As it is written."""
    at: Location
    backends: tuple[Backend, ...]
    unresolved: str
    connect_timeout: ProxyNumber
    send_timeout: ProxyNumber
    read_timeout: ProxyNumber
    http_version: str
    """As configured, or empty."""
    headers: tuple[tuple[str, tuple[str, ...]], ...]
    keepalive: ProxyNumber | None
    """How many idle connections its upstream block keeps; None where the block does not say, 0 without a block."""
    keepalive_timeout: ProxyNumber
    """How long it keeps them."""
    uri: str | None = None
    """What follows the host in the target, with the variables that the configuration sets put in; None: not known."""

    def header(self, name: str) -> tuple[str, ...]:
        """Return the values that the configuration may give a header; none where it does not set it."""
        return dict(self.headers).get(name, ())


@dataclass(frozen=True)
class ProxyPlace:
    """A location, or a server's own level (no path). `fallback` is the named location that `try_files` ends in."""

    modifier: str
    path: str
    at: Location
    body_limit: ProxyNumber
    """Zero is no limit."""
    proxied: Proxied | None
    fallback: str
    inner: "tuple[ProxyPlace, ...]"
    rule: str = ""
    """What keeps some or all from it, its own or inherited, such as `deny all` or `auth_basic`; empty for nothing."""
    handler: Handler = "files"
    passes: str = ""
    """The directive that hands requests on: `proxy_pass`, or another protocol's."""
    asked_by_nginx: bool = False
    """No client's request comes here as it was sent: it is `internal`, or an `auth_request` names it."""
    adds: tuple[AddedHeader, ...] = ()
    """The headers that answers get here."""
    drops: tuple[AddedHeader, ...] = ()
    """Those that the levels around it add, and that get lost here."""
    rewrites: tuple[Rewrite, ...] = ()
    """Its own, in the order in which they are tried."""
    guards: tuple[PathRefusal, ...] = ()
    condition: str = ""
    """The `if` by which it refuses some clients, such as `if ($remote_addr)`."""
    error_pages: tuple[tuple[str, str], ...] = ()
    """By status, the named location that answers instead."""

    besides: tuple[str, ...] = ()
    """More patterns that the path must match, where the first match wins."""
    unless: tuple[str, ...] = ()
    """Patterns that it must not match."""
    when: str = ""
    """What else a request must have, where the first match wins: `upgrade`, or what golive cannot tell."""
    label: str = ""
    """What the program calls it, where it is no location of nginx's."""

    @property
    def closed_by(self) -> str:
        """What keeps some or all from it, an `if` of its own included."""
        return self.rule or self.condition

    def is_open_beside(self, closed: "ProxyPlace | None") -> bool:
        """Return whether nothing keeps anybody from here, nor what keeps them from the other place."""
        by_others = closed is not None and self.condition != closed.condition
        return not self.rule and (not self.condition or by_others)

    def __str__(self) -> str:
        """Render as the configuration has it."""
        if self.label:
            return self.label
        modifier = "" if self.modifier == "@" else self.modifier
        return " ".join(filter(None, ("location", modifier, self.path))) if self.path else "server"


@dataclass(frozen=True)
class Listen:
    """An address and port that a server block listens on; `default` where it answers for names that nobody has."""

    address: str
    port: int
    default: bool


@dataclass(frozen=True)
class ServerBlock:
    """A server block."""

    names: tuple[str, ...]
    listens: tuple[Listen, ...]
    at: Location
    place: ProxyPlace
    merges_slashes: bool = True
    first_wins: bool = False
    """Whether its places are tried in order, and the first that matches answers: as with Caddy and Traefik."""

    @property
    def answers_itself(self) -> bool:
        """True where it answers all requests before a location is chosen, such as by `return 301`."""
        return self.place.handler == "answer"
