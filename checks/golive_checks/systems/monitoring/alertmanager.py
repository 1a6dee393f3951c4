"""Where Alertmanager sends what: its tree of routes, inhibitions, intervals and silences. No receiver's settings."""

import datetime as dt
import re
import sys
from dataclasses import dataclass, replace

from golive import Fact, Now, Unavailable, probe, shortened
from golive_checks.subjects.monitoring import Alertmanager
from golive_checks.systems.machine.client.yamlnodes import Node, documents, items, pairs, scalar
from golive_checks.systems.monitoring.client.monitors import Monitors
from golive_checks.systems.monitoring.client.promql import Matcher
from golive_checks.systems.monitoring.intervals import hours, spans, texts
from golive_checks.systems.monitoring.prometheus import one_line, whole

MAX_ROUTES, MAX_DEPTH, MAX_SILENCES = 2000, 20, 2000
MATCHER = re.compile(
    r'\s*("(?:[^"\\]|\\.)*"|[^=!~\s{},"]+)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^,}"\s]*(?:\s+[^,}"\s]+)*)\s*(?:,|$)'
)
"""One matcher of a list: a name, an operator, a value in quotes or without."""
CLASSIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
"""https://prometheus.io/docs/alerting/latest/configuration/#label-matchers"""


@dataclass(frozen=True)
class AlertRoute:
    """A node of the tree. The root's matchers are none."""

    receiver: str
    matchers: tuple[Matcher, ...] = ()
    goes_on: bool = False
    """Its `continue`: whether the siblings after it are tried as well."""
    mute: tuple[str, ...] = ()
    active: tuple[str, ...] = ()
    routes: tuple["AlertRoute", ...] = ()


@dataclass(frozen=True)
class Inhibition:
    """Alerts that match `target` are muted while one that matches `source` fires with the same labels `equal`."""

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()


@dataclass(frozen=True)
class Interval:
    """A time interval by its name, and the hours of the year to come in which it holds."""

    name: str
    hours: str
    """A bit for each, the first the lowest, in hexadecimal."""
    trouble: str = ""
    """Why its hours are not known."""


@dataclass(frozen=True)
class Silence:
    """A silence that holds now, or is going to."""

    id: str
    matchers: tuple[Matcher, ...]
    by: str
    comment: str
    ends: dt.datetime | None
    pending: bool = False


@dataclass(frozen=True)
class Routing(Fact):
    """All of it. `sending` names the receivers that send somewhere, `silent` those that do not."""

    root: AlertRoute
    sending: tuple[str, ...]
    silent: tuple[str, ...] = ()
    inhibitions: tuple[Inhibition, ...] = ()
    intervals: tuple[Interval, ...] = ()
    silences: tuple[Silence, ...] = ()


@probe("monitoring.routing")
async def routing(at: Alertmanager, now: Now, monitors: Monitors) -> Routing:
    """Read Alertmanager's configuration, and its silences."""
    got = await monitors.json(at, "/api/v2/status")
    original = str(got.body.part("config").data.get("original") or "")
    if not got.ok or not original:
        raise Unavailable(
            f"Alertmanager answers {got.status} when asked for its configuration (/api/v2/status)",
            fix="give its base URL, with its path where it has one",
        )
    return replace(understood(original, now.at), silences=await _silences(at, monitors))


def understood(text: str, now: dt.datetime) -> Routing:
    """Read a configuration; raises Unavailable for what Alertmanager itself would not take."""
    config = pairs(next(iter(documents(text, "Alertmanager's configuration")), None))
    sending, silent = _receivers(config)
    return Routing(
        _route(config.get("route"), "", [0]),
        sending,
        silent,
        tuple(_inhibition(node) for node in whole(items(config.get("inhibit_rules")), MAX_ROUTES, "inhibition rules")),
        tuple(
            _interval(node, now)
            for key in ("time_intervals", "mute_time_intervals")
            for node in whole(items(config.get(key)), MAX_ROUTES, "time intervals")
        ),
    )


def _interval(node: Node, now: dt.datetime) -> Interval:
    """Read a time interval; one that golive does not understand is in doubt by itself, not the whole configuration."""
    name = scalar(pairs(node).get("name")) or ""
    try:
        return Interval(name, hours(spans(pairs(node).get("time_intervals")), now))
    except Unavailable as gap:
        return Interval(name, "0", gap.reason)


async def _silences(at: Alertmanager, monitors: Monitors) -> tuple[Silence, ...]:
    got = await monitors.json(at, "/api/v2/silences")
    if not got.ok:
        raise Unavailable(f"Alertmanager answers {got.status} when asked for its silences (/api/v2/silences)")
    found = []
    # Alertmanager keeps expired silences for five days, unless it is set otherwise.
    kept = [each for each in got.body.parts("list") if each.part("status").text("state") != "expired"]
    for each in whole(kept, MAX_SILENCES, "silences"):
        state = each.part("status").text("state")
        matchers = tuple(
            Matcher(
                m.text("name"),
                # Before 0.22 there was no isEqual, and no matcher that negates.
                _operator(regex=m.flag("isRegex"), equal=m.data.get("isEqual") is not False),
                m.text("value"),
            )
            for m in each.parts("matchers")
        )
        ends = _moment(each.text("endsAt"))
        by, comment = shortened(one_line(each.text("createdBy")), 80), shortened(one_line(each.text("comment")), 120)
        found.append(Silence(each.text("id")[:40], matchers, by, comment, ends, pending=state == "pending"))
    return tuple(found)


def _operator(*, regex: bool, equal: bool) -> str:
    return ("=~" if regex else "=") if equal else ("!~" if regex else "!=")


def _moment(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _receivers(config: dict[str, Node]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell receivers that have at least one integration from those that have none. Nothing else is kept of them."""
    sending: list[str] = []
    silent: list[str] = []
    for node in items(config.get("receivers")):
        entries = pairs(node)
        name = scalar(entries.get("name")) or ""
        integrated = any(key.endswith("_configs") and items(value) for key, value in entries.items())
        (sending if integrated else silent).append(name)
    return tuple(sending), tuple(silent)


def _route(node: Node | None, inherited: str, count: list[int], depth: int = 0) -> AlertRoute:
    entries = pairs(node)
    count[0] += 1
    receiver = scalar(entries.get("receiver")) or inherited
    if not receiver:
        raise Unavailable("Alertmanager's configuration has no route that golive understands")
    if count[0] > MAX_ROUTES or depth > MAX_DEPTH:
        raise Unavailable(f"Alertmanager has more than {MAX_ROUTES} routes, or deeper than {MAX_DEPTH}")
    return AlertRoute(
        receiver,
        _matchers(entries),
        (scalar(entries.get("continue")) or "").lower() == "true",
        texts(entries.get("mute_time_intervals")),
        texts(entries.get("active_time_intervals")),
        tuple(_route(child, receiver, count, depth + 1) for child in items(entries.get("routes"))),
    )


def _inhibition(node: Node) -> Inhibition:
    entries = pairs(node)
    return Inhibition(_matchers(entries, "source_"), _matchers(entries, "target_"), texts(entries.get("equal")))


def _matchers(entries: dict[str, Node], side: str = "") -> tuple[Matcher, ...]:
    """Read both syntaxes: `match` and `match_re` of old, and `matchers`."""
    exact = pairs(entries.get(f"{side}match"))
    regex = pairs(entries.get(f"{side}match_re"))
    found = [Matcher(name, "=", scalar(value) or "") for name, value in exact.items()]
    found += [Matcher(name, "=~", scalar(value) or "") for name, value in regex.items()]
    given = entries.get(f"{side}matchers")
    lines = [scalar(given)] if scalar(given) is not None else [scalar(line) for line in items(given)]
    for line in lines:
        found += parsed(line or "")
    return tuple(found)


def parsed(line: str) -> tuple[Matcher, ...]:
    """Read `a="b"`, `a=~b`, `{a="b",c!="d"}`; raises Unavailable for what is none."""
    inside = line.strip()
    if inside.startswith("{") and inside.endswith("}"):
        inside = inside[1:-1]
    found, at = [], 0
    while at < len(inside):
        match = MATCHER.match(inside, at)
        if match is None or match.end() == at:
            raise Unavailable("Alertmanager's configuration has a matcher that golive does not understand")
        unescaped = _classic if CLASSIC_NAME.fullmatch(match[1]) else _utf8
        found.append(Matcher(_utf8(match[1]), match[2], unescaped(match[3])))
        at = match.end()
    return tuple(found)


def _classic(text: str) -> str:
    """Read a value as Alertmanager's first parser does, which it still goes by where both can read a matcher.

    A backslash before anything but n, a quote and itself stands for itself, as before a dot in a pattern.
    """
    inside = text[1:-1] if text.startswith('"') else text
    return re.sub(r'\\([n"\\])', lambda found: {"n": "\n"}.get(found[1], found[1]), inside)


def _utf8(text: str) -> str:
    """Read a name, or the value behind one that only the newer parser takes: quotes and escapes are those of Go."""
    if not text.startswith('"'):
        return text
    known = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

    def escaped(found: re.Match[str]) -> str:
        code = found[1] or found[2] or found[3]
        return chr(min(int(code, 16), sys.maxunicode)) if code else known.get(found[4], found[4])

    return re.sub(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", escaped, text[1:-1])
