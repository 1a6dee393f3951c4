"""Can messages flow: does the server take a user's WebSocket or Socket.IO connection, and soon?"""

import statistics

from golive import Severity, Verdict, check, not_configured, unknown, verdict
from golive.wording import duration
from golive_checks.measured import QUIET, unsure
from golive_checks.subjects import Host
from golive_checks.systems.http.engine_io import Stop, StopKind
from golive_checks.systems.http.realtime import Realtime, Way
from golive_checks.systems.http.realtime_route import RealtimePolicy


@check("messaging.connects", severity=Severity.HIGH)
def connects(host: Host, seen: Realtime, ask: RealtimePolicy) -> Verdict:
    """A user's WebSocket or Socket.IO connection is accepted through the proxy, and fast.

    Why: The proxy's upgrade, its time limits, sticky sessions and the server's own check of the token must all be right
    at once. If one is not, chats and notifications are silent or fall back to polling, and nothing else shows it.

    Fix: Pass `Upgrade` and `Connection` on for this path (in nginx with `proxy_http_version 1.1`), keep a session on
    one server (sticky sessions, or WebSocket alone), and see what the server says about the token.

    Source: RFC 6455; https://socket.io/docs/v4/reverse-proxy; https://github.com/socketio/engine.io-protocol
    """
    if not seen.path:
        return not_configured("the profile names no path for it", "hosts.*.realtime.path")
    ways = [way for way in seen.ways if not way.off] or list(seen.ways)
    fails = [f"{_name(seen, way)}: {stopped(way.stop)}" for way in ways if way.stop]
    warns, unmeasured = list[str](), list[str]()
    for way in ways:
        if way.stop:
            continue
        if between := unsure(way.connected_s, way.unsure_s, ask.connect_limit_s):
            unmeasured.append(f"{_name(seen, way)}: connected {between}")
        text = f"{_name(seen, way)}: connected after {duration(way.connected_s)}"
        if way.connected_s > ask.connect_limit_s:
            fails.append(f"{text}, more than {duration(ask.connect_limit_s)}")
        elif way.connected_s > ask.connect_warn_s:
            warns.append(f"{text}, more than {duration(ask.connect_warn_s)}")
        median, limit = statistics.median(way.pings_s or (0,)), ask.ping_limit_ms / 1000
        if median > limit:
            warns.append(f"{_name(seen, way)}: a ping takes {duration(median)}, more than {duration(limit)}")
    if unmeasured and not fails:
        return unknown(*unmeasured, fix=QUIET)
    off = [f"{way.name} is not offered" for way in seen.ways if way.off and way not in ways]
    return verdict(fails, warns, ok=_described(seen, ways), evidence=[*map(_timed, ways), *off])


STOPS = {
    StopKind.CLOSED: "the WebSocket closes the connection (code {})",
    StopKind.ENGINE_IO_3: "speaks Engine.IO 3, as socket.io 2 does; clients of today speak 4",
    StopKind.NEVER_LET_IN: "it never lets the client into the namespace",
    StopKind.NOT_ENGINE_IO: "what answers there is not Engine.IO",
    StopKind.OTHER_VERSION: "the server speaks another version of Engine.IO than {}",
    StopKind.REFUSED: "it refuses the connection",
    StopKind.STATUS: "answers {}",
    StopKind.TRANSPORT_OFF: "the server does not offer this transport",
    StopKind.UNEXPECTED: "it does not answer as Engine.IO {} does",
    StopKind.UPGRADE_STATUS: "the WebSocket upgrade answers {}",
}


def stopped(stop: Stop) -> str:
    """Say what stopped a client."""
    return STOPS[stop.kind].format(stop.number) + (f": {stop.said}" if stop.said else "")


def _name(seen: Realtime, way: Way) -> str:
    return f"{seen.path} by {way.name}" if seen.protocol == "socket.io" else seen.path


def _described(seen: Realtime, ways: list[Way]) -> str:
    how = f" {' and '.join(way.name for way in ways)}" if seen.protocol == "socket.io" else ""
    who = "with the token" if seen.with_token else "without a token"
    return f"{seen.path} lets a client in {who}{' by' + how if how else ''}"


def _timed(way: Way) -> str:
    if way.stop:
        return f"{way.name}: {stopped(way.stop)}"
    pings = ", ".join(map(duration, way.pings_s))
    timed = f"pings of {pings}" if pings else "it offers no WebSocket"
    return f"{way.name}: connected after {duration(way.connected_s)}; {timed}"
