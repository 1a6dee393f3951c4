"""A `reverse_proxy` of Caddy's, and all that bears on it, in nginx's words. Pure.

Source: https://caddyserver.com/docs/caddyfile/directives/reverse_proxy
"""

import fnmatch
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from golive import Location
from golive_checks.systems.caddy.client.values import items, pairs, seconds, texts
from golive_checks.systems.nginx.places import Backend, Proxied, ProxyNumber

DIAL_TIMEOUT_S = 3.0
IDLE_TIMEOUT_S = 120.0
IDLE_CONNECTIONS = 32
"""Caddy's defaults, for each upstream."""
HOST_OF_UPSTREAM = (2, 11)
"""Since then Caddy asks an upstream by https under the upstream's name (https://github.com/caddyserver/caddy/pull/7454)."""
DIAL = re.compile(r"(?:tcp/|tcp[46]/)?(?P<host>\[[^\]{}]+\]|[^:/{}]+):(?P<port>[0-9]{1,5})")
GIVEN = {
    "host": "$host",
    "x-forwarded-for": "$proxy_add_x_forwarded_for",
    "x-forwarded-proto": "$scheme",
    "upgrade": "$http_upgrade",
    "connection": "$connection_upgrade",
}
"""What Caddy hands on of itself."""
SAME = {
    "{http.request.host}": "$host",
    "{http.request.hostport}": "$http_host",
    "{http.request.header.Host}": "$http_host",
    "{http.request.scheme}": "$scheme",
    "{http.request.remote.host}": "$remote_addr",
    "{http.vars.client_ip}": "$remote_addr",
    "{http.request.header.X-Forwarded-For}": "$http_x_forwarded_for",
    "{http.request.header.X-Forwarded-Proto}": "$http_x_forwarded_proto",
    "{http.request.header.X-Forwarded-Host}": "$http_x_forwarded_host",
    "{http.request.header.Upgrade}": "$http_upgrade",
    "{http.request.header.Connection}": "$http_connection_upgrade",
    "{http.reverse_proxy.upstream.hostport}": "$proxy_host",
    "{http.reverse_proxy.upstream.host}": "$proxy_host",
}


OF_REQUEST = frozenset({("$host",), ("$http_host",)})


def proxied(handler: Mapping[str, Any], file: str, before: Sequence[Mapping[str, Any]], version: str) -> Proxied:
    """Return where requests go, how long Caddy waits, and what it hands on.

    `before` holds what the routes before it did to the request's headers, the earliest first.
    """
    at = Location(file)
    transport = pairs(handler.get("transport"))
    tls = "tls" in transport
    dials = [str(pairs(each).get("dial", "")) for each in items(handler.get("upstreams"))]
    backends = [_backend(dial) for dial in dials]
    unresolved = ""
    if handler.get("dynamic_upstreams") or not dials:
        unresolved = "its upstreams are looked up as it runs (dynamic)"
    elif None in backends:
        unresolved = f"the configuration does not define what {dials[backends.index(None)]} resolves to"
    versions = texts(transport.get("versions"))
    keeps = pairs(transport.get("keep_alive"))
    changes = pairs(pairs(handler.get("headers")).get("request"))
    return Proxied(
        target=f"{'https' if tls else 'http'}://{dials[0] if dials else 'dynamic'}",
        at=at,
        backends=() if unresolved else tuple(dict.fromkeys(each for each in backends if each)),
        unresolved=unresolved,
        connect_timeout=_time(transport, "dial_timeout", DIAL_TIMEOUT_S, at),
        send_timeout=_time(transport, "write_timeout", math.inf, at),
        # Whichever of the two is shorter ends the wait.
        read_timeout=min(
            (_time(transport, name, math.inf, at) for name in ("response_header_timeout", "read_timeout")),
            key=lambda number: number.value,
        ),
        http_version="1.1" if not versions or "1.1" in versions else versions[0],
        headers=_headers([*before, changes], _host(tls=tls, version=version)),
        keepalive=ProxyNumber(0 if keeps.get("enabled") is False else IDLE_CONNECTIONS, name="keepalive"),
        keepalive_timeout=_time(keeps, "idle_timeout", IDLE_TIMEOUT_S, at, "keepalive"),
    )


def _backend(dial: str) -> Backend | None:
    if dial.startswith(("unix/", "unix+")) and "{" not in dial:
        return Backend(dial, 0)
    found = DIAL.fullmatch(dial)
    return Backend(found["host"], int(found["port"])) if found else None


def _time(block: Mapping[str, Any], name: str, default: float, at: Location, shown: str = "") -> ProxyNumber:
    """Read a time that counts; nothing, or zero, leaves Caddy's own."""
    value = seconds(block.get(name))
    return ProxyNumber(value, at, shown or name) if value else ProxyNumber(default, name=shown or name)


def _host(*, tls: bool, version: str) -> tuple[str, ...]:
    """Return the Host that an upstream is asked under, unless the configuration says another."""
    if not tls:
        return ("$host",)
    if not version:
        return ("$host", "$proxy_host")
    newer = tuple(map(int, version.split(".")[:2])) >= HOST_OF_UPSTREAM
    return ("$proxy_host",) if newer else ("$host",)


def _headers(changes: Sequence[Mapping[str, Any]], host: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    fields = {name: (value,) for name, value in GIVEN.items()} | {"host": host}
    asked: tuple[str, ...] = ("$host",)  # what `{host}` stands for: an earlier route may have changed it
    for number, change in enumerate(changes):
        # reverse_proxy writes X-Forwarded-* anew, whatever stood there before
        own = number == len(changes) - 1
        for name, found in _changed(change):
            values = asked if found in OF_REQUEST else found
            asked = values if name == "host" and not own else asked
            fields |= {
                known: values for known in fields if fnmatch.fnmatchcase(known, name) and _counts(known, own=own)
            }
    return tuple(sorted(fields.items()))


def _counts(name: str, *, own: bool) -> bool:
    return own or not name.startswith("x-forwarded-")


def _changed(change: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """Return what becomes of headers, by a pattern of their lower-case names: added, then set, then taken away."""
    done = [
        (name.lower(), tuple(SAME.get(value, value) for value in texts(values)) or ("",))
        for what in ("add", "set")
        for name, values in pairs(change.get(what)).items()
    ]
    return [*done, *((name.lower(), ("",)) for name in texts(change.get("delete")))]
