"""What the profile needs of the reverse proxy in front of a host."""

from dataclasses import dataclass
from typing import ClassVar

from golive import Fact, Settings, probe
from golive_checks.subjects import Host

NODE_KEEPALIVE_S = 5.0
"""Node's server.keepAliveTimeout (https://nodejs.org/api/http.html#serverkeepalivetimeout)."""


class ProxyPolicy(Settings):
    """What the reverse proxy in front of the API should be like. A host may override it."""

    home: ClassVar[str] = "domains.proxy"

    max_connect_timeout_s: float = 60
    """A connection within one site is made in milliseconds; nginx's own default is the limit."""
    max_send_timeout_s: float = 120
    """How long the API may take between two reads of a request's body."""
    max_read_timeout_s: float = 120
    """How long a client may wait between two reads from the API before it gets 504."""
    min_read_timeout_s: float = 10
    """Payment providers answer slowly: a proxy that gives up first turns a payment made into an error shown."""
    max_websocket_timeout_s: float = 86_400
    """A WebSocket may be silent for long: its location has a limit of its own."""
    upload_path: str = "/"
    """Where the largest upload goes, as the client asks for it."""
    largest_upload_bytes: int = 1_048_576
    """The largest body that the application accepts there."""
    max_body_bytes: int = 104_857_600
    """A larger limit, or none, lets a client fill the disk; it warns."""
    websocket_path: str = ""
    """The WebSocket's path, such as /socket.io/; empty: there is none."""
    app_keepalive_s: float = NODE_KEEPALIVE_S
    """How long the application keeps an idle connection (Node: server.keepAliveTimeout)."""
    keepalive_margin_s: float = 1
    """By how much the application must keep it longer than the proxy reuses it."""
    other_ports: tuple[int, ...] = ()
    """Ports of other services that the API's host also proxies to."""


@dataclass(frozen=True)
class ProxyNeeds(Fact):
    """What a host needs of the proxy: the policy of the profile with what its entry overrides."""

    policy: ProxyPolicy


def websocket_path(host: Host, ask: ProxyPolicy) -> str:
    """Return the path of a host's WebSocket. One for all hosts means those that programs talk to, not every page's."""
    named = "websocket_path" in host.own.get("proxy", {})
    return ask.websocket_path if named or host.serves_api or host.api_path else ""


@probe("proxy.needs")
async def proxy_needs(host: Host, ask: ProxyPolicy) -> ProxyNeeds:
    """Tell from the profile what the host needs of the proxy."""
    return ProxyNeeds(ask)
