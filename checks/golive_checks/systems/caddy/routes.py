"""From Caddy's routes to places, by what is so for a request that comes there. Pure.

Caddy tries routes in order, and each may change what those after it do. What one changes for some paths alone is
followed both ways, so that every place holds what counts there. The first place that matches answers.

Source: https://caddyserver.com/docs/json/apps/http/servers/routes
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from golive import Location, Unavailable
from golive_checks.systems.caddy.client.values import items, pairs, texts
from golive_checks.systems.caddy.matching import RouteCondition, conditions, host_names
from golive_checks.systems.caddy.proxied import proxied
from golive_checks.systems.nginx.added import AddedHeader
from golive_checks.systems.nginx.guards import REFUSALS
from golive_checks.systems.nginx.places import Listen, ProxyNumber, ProxyPlace, ServerBlock
from golive_checks.systems.nginx.rewrites import Rewrite
from golive_checks.systems.nginx.rules import Handler

MAX_PLACES = 5_000
MAX_DEPTH = 30
NOBODY = ""
"""The host that no name matches."""
HTTP_PORT, HTTPS_PORT = 80, 443
HARMLESS = frozenset(
    {
        "encode",
        "vars",
        "map",
        "templates",
        "tracing",
        "log_append",
        "push",
        "intercept",
        "rate_limit",
        "waf",
        "crowdsec",
    }
)
"""Handlers that hand on what they are given, or refuse it: none of them answers in the application's place."""
ANSWERS = frozenset({"reverse_proxy", "file_server", "static_response", "error", "acme_server", "metrics"})

_Step = Mapping[str, Any]
"""A route, or a handler."""
_Deep = tuple[_Step, int]
"""It, and how deep it is nested."""


def servers(config: Mapping[str, Any], file: str, version: str) -> tuple[ServerBlock, ...]:
    """Return a server block for each host name that Caddy's servers ask for, and one for all other names.

    Raises:
        Unavailable: there is more of it than golive follows.
    """
    found = pairs(pairs(pairs(config["apps"]).get("http")).get("servers"))
    return tuple(block for server in found.values() for block in _Reading(pairs(server), file, version).blocks())


@dataclass(frozen=True)
class _State:
    """What the routes so far have made so."""

    body: tuple[float, ...] = ()
    rule: str = ""
    answers: tuple[Mapping[str, Any], ...] = ()
    """What is done to the headers of answers."""
    request: tuple[Mapping[str, Any], ...] = ()
    groups: frozenset[str] = frozenset()
    label: str = ""


@dataclass
class _Reading:
    server: Mapping[str, Any]
    file: str
    version: str
    host: str = NOBODY
    made: int = 0
    names: list[str] = field(default_factory=list)

    def blocks(self) -> list[ServerBlock]:
        routes = items(self.server.get("routes"))
        names = dict.fromkeys(name for route in _all(routes) for name in host_names(route) if "{" not in name)
        found = []
        for self.host in (*names, NOBODY):
            self.made = 0
            inner = self.follow([(pairs(route), 0) for route in routes], _State())
            if next(itertools.islice(_walk(inner), MAX_PLACES, None), None):
                raise Unavailable(f"Caddy's routes come to more than {MAX_PLACES} ways, which golive does not follow")
            place = self.place(_State(), "files", inner=inner)
            listens = tuple(_listen(each, default=not self.host) for each in texts(self.server.get("listen")))
            at = Location(self.file)
            found.append(ServerBlock((self.host,) if self.host else (), listens, at, place, first_wins=True))
        return found

    def place(self, state: _State, handler: Handler, **more: Any) -> ProxyPlace:
        self.made += 1
        if self.made > MAX_PLACES:
            raise Unavailable(f"Caddy's routes come to more than {MAX_PLACES} ways, which golive does not follow")
        at = Location(self.file)
        limit = min(state.body, default=math.inf)
        adds, drops = _kept(state.answers, self.file)
        values: dict[str, Any] = {
            "modifier": "",
            "path": "",
            "at": at,
            "body_limit": ProxyNumber(limit, at if state.body else None, "request_body max_size"),
            "proxied": None,
            "fallback": "",
            "inner": (),
            "rule": state.rule,
            "handler": handler,
            "adds": adds,
            "drops": drops,
            "label": state.label or "the site",
        }
        return ProxyPlace(**{**values, **more})

    def follow(self, steps: list[_Deep], state: _State) -> tuple[ProxyPlace, ...]:
        """Return the places to which some routes lead, those nested in others with how deep they are."""
        for number, (step, depth) in enumerate(steps):
            if depth > MAX_DEPTH:
                raise Unavailable(f"Caddy's routes are nested more than {MAX_DEPTH} deep")
            if "handler" in step:
                if (found := self.handle(step, depth, steps[number + 1 :], state)) is not None:
                    return found
                state = _changed(step, state)
                continue
            if (group := str(step.get("group", ""))) in state.groups:
                continue
            asked = conditions(step, self.host)
            if not asked:
                continue
            rest = [] if step.get("terminal") else steps[number + 1 :]
            inner = [(pairs(each), depth) for each in items(step.get("handle"))]
            within = replace(state, groups=state.groups | {group} if group else state.groups, label=_label(step, state))
            if [] in asked:
                return self.follow([*inner, *rest], within)
            otherwise = self.follow(steps[number + 1 :], state)
            taken = self.follow([*inner, *rest], within)
            for each in reversed(asked):
                otherwise = self.branch(each, taken, otherwise)
            return otherwise
        # Caddy answers 200 with nothing, and what was deferred until there is an answer is not done
        at_once = tuple(each for each in state.answers if not each.get("deferred"))
        return (self.place(replace(state, answers=at_once), "answer"),)

    def branch(
        self, asked: list[RouteCondition], taken: tuple[ProxyPlace, ...], otherwise: tuple[ProxyPlace, ...]
    ) -> tuple[ProxyPlace, ...]:
        """Return the places where all conditions hold, and those where one does not."""
        if not asked:
            return taken
        first, *rest = asked
        inner = self.branch(rest, taken, otherwise)
        if first.refuses and not first.pattern:
            return otherwise
        if first.refuses:
            inner, otherwise = otherwise, inner
        node = self.place(_State(), "answer", modifier="~", path=first.pattern, when=first.when, inner=inner)
        return (node, *otherwise)

    def handle(self, step: _Step, depth: int, rest: list[_Deep], state: _State) -> tuple[ProxyPlace, ...] | None:
        """Return the places of a handler that answers, or leads elsewhere; None for one that hands on."""
        match step["handler"]:
            case "subroute":
                return self.follow([*((pairs(each), depth + 1) for each in items(step.get("routes"))), *rest], state)
            case "invoke":
                route = pairs(pairs(self.server.get("named_routes")).get(str(step.get("name", ""))))
                return self.follow([(route, depth + 1), *rest], state)
            case "rewrite":
                return (self.place(state, "answer", rewrites=_rewrites(step), inner=self.follow(rest, state)),)
            case name if name in ANSWERS or _hands_on(step):
                return (self.answer(step, state),) if not _hands_on(step) else None
            case name:
                return (self.place(state, "answer", when=f"the module {name}"), *self.follow(rest, state))

    def answer(self, step: _Step, state: _State) -> ProxyPlace:
        """Return the place of a handler that answers."""
        match step["handler"]:
            case "reverse_proxy":
                return self.passing(step, state)
            case "file_server":
                return self.place(state, "files")
        return self.place(replace(state, rule=_refusal(step) or state.rule), "answer")

    def passing(self, step: _Step, state: _State) -> ProxyPlace:
        if pairs(step.get("transport")).get("protocol") == "fastcgi":
            return self.place(state, "passed", passes="php_fastcgi")
        found = proxied(step, self.file, state.request, self.version)
        where = f" at {state.label}" if state.label else ""
        label = f"reverse_proxy {found.target.removeprefix('http://')}{where}"
        return self.place(state, "passed", proxied=found, passes="reverse_proxy", label=label)


def _walk(places: tuple[ProxyPlace, ...]) -> Iterator[ProxyPlace]:
    for place in places:
        yield place
        yield from _walk(place.inner)


def _all(routes: list[Any], depth: int = 0) -> list[Mapping[str, Any]]:
    """Return routes with those that are nested in them."""
    found = []
    for route in map(pairs, routes):
        found.append(route)
        for handler in items(route.get("handle")) if depth < MAX_DEPTH else ():
            found += _all(items(pairs(handler).get("routes")), depth + 1)
    return found


def _listen(text: str, *, default: bool) -> Listen:
    host, _, port = text.removeprefix("tcp/").rpartition(":")
    return Listen(host or "*", int(port) if port.isdecimal() else 0, default)


def _label(route: Mapping[str, Any], state: _State) -> str:
    asked = [path for each in items(route.get("match")) for path in texts(pairs(each).get("path"))]
    return ", ".join(asked[:2]) + (", ..." if len(asked) > 2 else "") if asked else state.label  # noqa: PLR2004 - named


def _hands_on(step: _Step) -> bool:
    match step["handler"]:
        case "reverse_proxy":
            return _asks_leave(step)
        case "file_server":
            return bool(step.get("pass_thru"))
    return step["handler"] in {"headers", "request_body", "authentication", *HARMLESS}


def _asks_leave(step: _Step) -> bool:
    """Tell `forward_auth`, which asks another program whether a request may go on."""
    return bool(items(step.get("handle_response"))) and "method" in pairs(step.get("rewrite"))


def _refusal(step: _Step) -> str:
    code = str(step.get("status_code", ""))
    return f"respond {code}" if code in REFUSALS else "abort" if step.get("abort") else ""


def _rewrites(step: _Step) -> tuple[Rewrite, ...]:
    """Return what becomes of the path; a target with a variable for one that golive does not follow."""
    if prefix := str(step.get("strip_path_prefix", "")):
        return (Rewrite(f"(?i)^{_literal(prefix)}/?(.*)$", "/$1", ""),)
    uri = str(step.get("uri", "")).partition("?")[0].replace("{http.request.uri.path}", "{http.request.uri}")
    if uri.endswith("{http.request.uri}") and "{" not in uri[: -len("{http.request.uri}")]:
        return (Rewrite("^(.*)$", f"{uri.removesuffix('{http.request.uri}')}$1", ""),)
    if uri and "{" not in uri and uri.startswith("/"):
        return (Rewrite("^", uri, ""),)
    return () if not uri and set(step) <= {"handler", "method"} else (Rewrite("^", "$unknown", ""),)


def _literal(text: str) -> str:
    return "".join(each if each.isalnum() or each in "/_" else f"\\{each}" for each in text.rstrip("/"))


def _changed(step: _Step, state: _State) -> _State:
    """Return what is so after a handler that hands on."""
    match step["handler"]:
        case "request_body" if isinstance(step.get("max_size"), int) and step["max_size"] > 0:
            return replace(state, body=(*state.body, float(step["max_size"])))
        case "authentication":
            return replace(state, rule="basic_auth")
        # forward_auth is short for a reverse_proxy that hands on what the other side has permitted.
        case "reverse_proxy":
            return replace(state, rule="forward_auth")
        case "headers":
            request = (*state.request, pairs(step["request"])) if "request" in step else state.request
            answers = (*state.answers, pairs(step["response"])) if "response" in step else state.answers
            return replace(state, request=request, answers=answers)
    return state


def _kept(changes: Sequence[Mapping[str, Any]], file: str) -> tuple[tuple[AddedHeader, ...], tuple[AddedHeader, ...]]:
    """Return the headers that answers get, and those that are set and taken away again.

    What is deferred is done once there is an answer, the last first, and not to errors of Caddy's own.
    """
    at, there, lost = Location(file), dict[str, AddedHeader](), dict[str, AddedHeader]()
    at_once = [each for each in changes if not each.get("deferred")]
    for change in [*at_once, *reversed([each for each in changes if each.get("deferred")])]:
        for name in (name for what in ("add", "set") for name in pairs(change.get(what))):
            there.setdefault(name.lower(), AddedHeader(name, at, not change.get("deferred")))
        for name in texts(change.get("delete")):
            if name.lower() in there:
                lost[name.lower()] = there.pop(name.lower())
    return tuple(there.values()), tuple(each for name, each in lost.items() if name not in there)
