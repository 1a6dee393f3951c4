"""A service of Traefik's, and all that bears on it, in nginx's words. Pure.

Source: https://doc.traefik.io/traefik/reference/routing-configuration/http/load-balancing/service/
"""

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from golive import Location, Unavailable
from golive_checks.systems.caddy.client.values import pairs
from golive_checks.systems.nginx.places import Backend, Proxied, ProxyNumber
from golive_checks.systems.traefik.client.values import duration_s, entries, pick, truth, whole

DIAL_TIMEOUT_S = 30.0
IDLE_TIMEOUT_S = 90.0
IDLE_CONNECTIONS = 200
"""Traefik's defaults, for each server."""
GIVEN = {
    "host": "$host",
    "x-forwarded-for": "$proxy_add_x_forwarded_for",
    "x-forwarded-proto": "$scheme",
    "upgrade": "$http_upgrade",
    "connection": "$connection_upgrade",
}
"""What Traefik hands on of itself."""
OWN = frozenset({"x-forwarded-for", "upgrade", "connection"})
"""Traefik writes these after all middlewares, whatever they have set."""
FIELDS = frozenset(
    {
        *("loadbalancer", "weighted", "highestrandomweight", "mirroring", "failover"),
        *("server", "servers", "strategy", "sticky", "healthcheck", "passivehealthcheck", "passhostheader"),
        *("responseforwarding", "serverstransport"),
        # What the API adds.
        *("status", "usedby", "serverstatus", "error", "type", "name", "provider"),
    }
)
"""Of a service and of its load balancer; Traefik takes nothing of a file or container with another."""
MAX_SERVICES = 50
DEFAULT_TRANSPORT = "default@internal"
"""The static configuration's `serversTransport`."""


def proxied(
    name: str, services: Mapping[str, Any], transports: Mapping[str, Any], request: Mapping[str, str], at: Location
) -> Proxied:
    """Return where a service leads, how long Traefik waits, and what it hands on."""
    balancers = _balancers(name, services)
    servers = [str(pairs(server).get("url", "")) for each in balancers for server in entries(each.get("servers"))]
    found = [backend(url) for url in servers]
    unresolved = ""
    if not servers:
        unresolved = f"the service {name} names no servers"
    elif None in found:
        unresolved = f"the port of {servers[found.index(None)].removeprefix('http://')} is not in the configuration"
    first = balancers[0] if balancers else {}
    held = _transport(name, first, transports)
    waits = pairs(held.get("forwardingtimeouts"))
    headers = {header: (value,) for header, value in GIVEN.items()}
    if not truth(first.get("passhostheader"), default=True):
        headers["host"] = ("$proxy_host",)
    headers |= {header: (value,) for header, value in request.items() if header in GIVEN and header not in OWN}
    if request.get("x-forwarded-for") == "":  # only where it is taken away is it not written either
        headers["x-forwarded-for"] = ("",)
    idle = whole(held.get("maxidleconnsperhost"))
    return Proxied(
        target=servers[0] if servers else f"http://{name.partition('@')[0]}",
        at=at,
        backends=() if unresolved else tuple(dict.fromkeys(each for each in found if each)),
        unresolved=unresolved,
        connect_timeout=_time(waits, "dialtimeout", DIAL_TIMEOUT_S, at),
        send_timeout=ProxyNumber(math.inf, name="sending"),
        read_timeout=_time(waits, "responseheadertimeout", math.inf, at),
        http_version="1.1",
        headers=tuple(sorted(headers.items())),
        keepalive=ProxyNumber(IDLE_CONNECTIONS if idle == 0 else max(idle, 0), name="maxIdleConnsPerHost"),
        keepalive_timeout=_time(waits, "idleconntimeout", IDLE_TIMEOUT_S, at),
    )


def _transport(name: str, balancer: Mapping[str, Any], transports: Mapping[str, Any]) -> Mapping[str, Any]:
    transport = qualified(str(balancer.get("serverstransport") or DEFAULT_TRANSPORT), name.partition("@")[2])
    if transport not in transports:
        raise Unavailable(
            f"the service {name} names the serversTransport {transport}, which golive did not see",
            fix="Name the file that declares it under `dynamic`, or correct the name.",
        )
    return pairs(transports[transport])


def _balancers(name: str, services: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the load balancers that requests to a service may end at."""
    found, left, seen = list[Mapping[str, Any]](), [name], set[str]()
    while left:
        each = left.pop(0)
        # Services may name each other in a circle.
        if each in seen:
            continue
        if len(seen) > MAX_SERVICES:
            raise Unavailable(f"the service {name} leads to more than {MAX_SERVICES} others")
        seen.add(each)
        held = pairs(services.get(each))
        if strange := [name for name in (*held, *pairs(held.get("loadbalancer"))) if name not in FIELDS]:
            raise Unavailable(f"the service {each} has the field {strange[0]}, which golive does not know")
        if balancer := pairs(held.get("loadbalancer")):
            found.append(balancer)
        provider = each.partition("@")[2]
        for kind in ("weighted", "highestrandomweight"):
            left += [
                qualified(str(pairs(one).get("name", "")), provider) for one in entries(pick(held, kind, "services"))
            ]
        for kind, what in (("mirroring", "service"), ("failover", "service"), ("failover", "fallback")):
            if named := pick(held, kind, what):
                left.append(qualified(str(named), provider))
    return found


def qualified(name: str, provider: str) -> str:
    """Return a name with its provider: its own, or that of what names it."""
    return name.lower() if "@" in name else f"{name.lower()}@{provider}"


def backend(url: str) -> Backend | None:
    """Return where a server's address leads; None where its port is not known."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return None
    return Backend(parts.hostname, port) if parts.hostname and port and not url.endswith(":") else None


def _time(block: Mapping[str, Any], name: str, default: float, at: Location) -> ProxyNumber:
    """Read a time that counts; zero is no limit."""
    shown = {"dialtimeout": "dialTimeout", "responseheadertimeout": "responseHeaderTimeout"}.get(
        name, "idleConnTimeout"
    )
    value = duration_s(block.get(name))
    if value is None:
        return ProxyNumber(default, name=shown)
    return ProxyNumber(value or math.inf, at, shown)
