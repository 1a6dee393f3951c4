"""From Traefik's routers to places, by what is so for a request that comes there. Pure.

Traefik tries the routers of an entry point by priority, which is the length of the rule where none is given. The first
whose rule a request fits takes it, through the entry point's middlewares and then its own.

Source: https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/router/
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from golive import Location, Unavailable
from golive_checks.systems.caddy.client.values import pairs
from golive_checks.systems.caddy.matching import covers
from golive_checks.systems.nginx.client.parser import BrokenError
from golive_checks.systems.nginx.patterns import searches
from golive_checks.systems.nginx.places import Listen, ProxyNumber, ProxyPlace, ServerBlock
from golive_checks.systems.nginx.rules import Handler
from golive_checks.systems.traefik.client.setup import TraefikSetup
from golive_checks.systems.traefik.client.values import pick, whole, words
from golive_checks.systems.traefik.middlewares import Passing, passed
from golive_checks.systems.traefik.rules import RuleError, Term, TraefikMatcher, terms
from golive_checks.systems.traefik.services import DEFAULT_TRANSPORT, proxied, qualified

NOBODY = ""
"""The host that no name matches."""
MAX_PLACES, MAX_CHAIN = 5_000, 100
UPGRADES = frozenset({"connection", "upgrade"})
REFUSES_NOBODY = Passing()
FIELDS = frozenset(
    {
        *("rule", "service", "middlewares", "entrypoints", "tls", "priority", "rulesyntax", "observability"),
        # What the API adds.
        *("status", "using", "error", "name", "provider"),
    }
)
"""Of a router; Traefik takes nothing of a file or container with another."""
EVERY_SNI = "HostSNI(`*`)"


@dataclass(frozen=True)
class Router:
    """A router by its name and provider, with its rule as terms."""

    name: str
    held: Mapping[str, Any]
    at: Location
    terms: list[Term]
    priority: int
    tls: bool

    @property
    def provider(self) -> str:
        """Where it is declared: `docker`, `file`."""
        return self.name.partition("@")[2]

    @property
    def shown(self) -> str:
        """Its name without the provider."""
        return self.name.partition("@")[0]


def servers(setup: TraefikSetup) -> tuple[ServerBlock, ...]:
    """Return a server block for each entry point and host name that routers ask for, and one for all other names.

    Raises:
        BrokenError: Traefik would leave out a router.
        Unavailable: there is more of it than golive follows, or a part that it cannot see.
    """
    for name, held in setup.of("routers").items():
        if strange := [field for field in held if field not in FIELDS]:
            raise Unavailable(f"the router {name} has the field {strange[0]}, which golive does not know")
    return tuple(block for name in setup.entry_points for block in _Reading(setup, name).blocks())


@dataclass
class _Reading:
    setup: TraefikSetup
    entry_point: str
    made: int = 0
    hosts: dict[str, None] = field(default_factory=dict)

    def blocks(self) -> Iterator[ServerBlock]:
        held = self.setup.entry_point(self.entry_point)
        listen = Listen("*", _port(str(held.get("address", ""))), default=False)
        at = Location(self.setup.file)
        redirection = pairs(pick(held, "http", "redirections", "entrypoint"))
        leads: tuple[ProxyPlace, ...] = ()
        if redirection.get("to"):
            leads = (self.place(REFUSES_NOBODY, "answer", at, f"the redirection of {self.entry_point}"),)
        routers = sorted(self.routers(), key=lambda router: (-router.priority, router.name))
        if self.is_for_tcp(routers):
            return
        routers = _by_tls(routers, listen.port, self.entry_point)
        if leads:  # it comes before all routers, unless it is given a priority
            routers = [
                router for router in routers if router.priority > (whole(redirection.get("priority")) or math.inf)
            ]
        for host in (*self.names(routers), NOBODY):
            self.made = 0
            inner = (*(place for router in routers for place in self.of(router, host)), *leads)
            outer = self.place(REFUSES_NOBODY, "answer", at, f"the entry point {self.entry_point}", inner=inner)
            yield ServerBlock((host,) if host else (), (replace(listen, default=not host),), at, outer, first_wins=True)

    def routers(self) -> Iterator[Router]:
        for name, held in self.setup.of("routers").items():
            wanted = words(held.get("entrypoints")) or self.setup.usual
            if not {each.lower() for each in wanted} & {*self.setup.entry_points}:  # else it is served at the others
                raise BrokenError(
                    f"the router {name} names the entry point {wanted[0]}, which there is not", self.at(name)
                )
            if self.entry_point in {each.lower() for each in wanted}:
                yield self.router(name, held)

    def is_for_tcp(self, routers: list[Router]) -> bool:
        """Return whether TCP routers alone are meant to have the entry point: theirs come before HTTP's.

        Raises:
            Unavailable: it is also HTTP's.
        """
        wanted = {name: words(held.get("entrypoints")) for name, held in self.setup.of("tcprouters").items()}
        usual = self.setup.usual
        here = [n for n, at in wanted.items() if self.entry_point in {each.lower() for each in at or usual}]
        rules = {str(pairs(self.setup.of("tcprouters")[name]).get("rule", "")) for name in here if wanted[name]}
        named = any(router.held.get("entrypoints") for router in routers)
        if here and routers and (named or rules != {EVERY_SNI} or not all(wanted[name] for name in here)):
            raise Unavailable(
                f"the TCP router {here[0]} takes connections of {self.entry_point} before the routers of HTTP",
                fix="Give TCP an entry point of its own, or have a person look at this one.",
            )
        return bool(here)

    def at(self, router: str) -> Location:
        return self.setup.at.get(router, Location(self.setup.file))

    def router(self, name: str, held: Mapping[str, Any]) -> Router:
        rule = str(held.get("rule", ""))
        syntax = str(held.get("rulesyntax") or self.setup.syntax)
        found, error = _read(rule, older=syntax == "v2")
        if not self.setup.versioned and "rulesyntax" not in held and found != _read(rule, older=True)[0]:
            raise Unavailable(
                f"the router {name} has a rule that Traefik 2 and Traefik 3 read differently",
                fix="Give Traefik's `version` in the entry.",
            )
        if not re.fullmatch(r"[+-]?\d*", str(held.get("priority", ""))):
            raise BrokenError(f"Traefik refuses the router {name}: its priority is no whole number", self.at(name))
        if error:
            raise BrokenError(f"Traefik refuses the router {name}: {error}", self.at(name))
        asked = (held.get("tls"), pick(self.setup.entry_point(self.entry_point), "http", "tls"))
        tls = any(each is not None and each != "false" for each in asked)
        return Router(name, held, self.at(name), found, whole(held.get("priority")) or len(rule.encode()), tls)

    def names(self, routers: list[Router]) -> dict[str, None]:
        """Return the names that rules ask for or leave out, as nginx writes them: a pattern after a tilde."""
        asked = [m for router in routers for term in router.terms for m in term]
        exact = {_name(m.parameters[0]): None for m in asked if m.name == "Host" and m.parameters[0] != "*"}
        return exact | {f"~{m.parameters[0]}": None for m in asked if m.name == "HostRegexp"}

    def of(self, router: Router, host: str) -> Iterator[ProxyPlace]:
        """Yield the places of a router for requests to a host: one for each alternative of its rule."""
        for term in router.terms:
            if (asked := _asked(term, host)) is not None:
                end = self.end(router)
                yield replace(self.place(REFUSES_NOBODY, "answer", router.at, end.label, inner=(end,)), **asked)

    def end(self, router: Router) -> ProxyPlace:
        through = passed(self.middlewares(router), router.at, tls=router.tls)
        found = self.answer(router, through)
        for rewrites in reversed(through.rewrites):
            found = replace(self.place(through, "answer", router.at, found.label, inner=(found,)), rewrites=rewrites)
        if through.unless:  # it may answer in the service's place
            other = replace(self.place(through, "answer", router.at, found.label), when=through.unless[0])
            found = self.place(through, "answer", router.at, found.label, inner=(other, found))
        return found

    def answer(self, router: Router, through: Passing) -> ProxyPlace:
        service = str(router.held.get("service", ""))
        label = f"the router {router.shown}"
        # Those services, such as api@internal, are Traefik itself.
        if through.answers or service.endswith("@internal"):
            return self.place(through, "answer", router.at, label)
        name = qualified(service, router.provider)
        services = self.setup.of("services")
        if name not in services:
            raise self.gone(f"the router {router.name}", "service", name, router.at)
        usual = {DEFAULT_TRANSPORT: pairs(self.setup.static.get("serverstransport"))}
        transports = {**usual, **self.setup.of("serverstransports")}
        found = proxied(name, services, transports, through.request, router.at)
        return self.place(through, "passed", router.at, label, proxied=found, passes="a service")

    def middlewares(self, router: Router) -> dict[str, Mapping[str, Any]]:
        of_entry = pick(self.setup.entry_point(self.entry_point), "http", "middlewares")
        left = [qualified(each, router.provider) for each in (*words(of_entry), *words(router.held.get("middlewares")))]
        known, found, followed = self.setup.of("middlewares"), dict[str, Mapping[str, Any]](), 0
        while left:
            name = left.pop(0)
            if name not in known:
                raise self.gone(f"the router {router.name}", "middleware", name, router.at)
            held = pairs(known[name])
            if not held:
                raise BrokenError(
                    f"the middleware {name} is empty: Traefik leaves out the routers that name it", router.at
                )
            if "chain" in held:
                provider = name.partition("@")[2]
                left = [*(qualified(each, provider) for each in words(pick(held, "chain", "middlewares"))), *left]
            else:
                found[name] = held
            followed += 1
            if followed > MAX_CHAIN:  # chains may name one another
                raise Unavailable(f"the router {router.name} has more than {MAX_CHAIN} middlewares")
        return found

    def gone(self, who: str, what: str, name: str, at: Location) -> BrokenError | Unavailable:
        provider = name.partition("@")[2]
        if provider not in self.setup.providers:
            return Unavailable(
                f"{who} names the {what} {name}, and golive did not see what that provider has",
                fix="Name its files in the profile's `traefik`, or a command that prints /api/rawdata.",
            )
        return BrokenError(f"{who} names the {what} {name}, which there is not: Traefik leaves the router out", at)

    def place(self, through: Passing, handler: Handler, at: Location, label: str, **more: Any) -> ProxyPlace:
        self.made += 1
        if self.made > MAX_PLACES:
            raise Unavailable(f"Traefik's routers come to more than {MAX_PLACES} places, which golive does not follow")
        limit = min(through.body, default=math.inf)
        values: dict[str, Any] = {
            "modifier": "",
            "path": "",
            "at": at,
            "body_limit": ProxyNumber(limit, at if through.body else None, "maxRequestBodyBytes"),
            "proxied": None,
            "fallback": "",
            "inner": (),
            "rule": through.rule,
            "handler": handler,
            "adds": tuple(each for each in through.adds.values() if each),
            "label": label,
        }
        return ProxyPlace(**{**values, **more})


def _port(address: str) -> int:
    port = address.partition("/")[0].rpartition(":")[2]
    return int(port) if port.isdecimal() else 0


def _name(host: str) -> str:
    """Return a rule's host as nginx writes it, whose star stands for any number of labels, Traefik's for one."""
    name = host.lower().rstrip(".")
    if name.startswith("**."):
        return name[1:]
    return f"~^[^.]+{re.escape(name[1:])}$" if name.startswith("*.") else name


def _read(rule: str, *, older: bool) -> tuple[list[Term], str]:
    """Return a rule's terms, or why it is none."""
    try:
        return terms(rule, older=older), ""
    except RuleError as error:
        return [], str(error)


def _by_tls(routers: list[Router], port: int, entry_point: str) -> list[Router]:
    """Return the routers that requests to an entry point come to: TLS leads to those for TLS, clear text to the others.

    Raises:
        Unavailable: there are both, and the port does not say which is spoken there.
    """
    by_tls, others = [each for each in routers if each.tls], [each for each in routers if not each.tls]
    if by_tls and others and not str(port).endswith(("443", "80")):
        raise Unavailable(
            f"the entry point {entry_point} at port {port} has routers for TLS and routers for clear text",
            fix="Name the entry points of each router.",
        )
    return others if others and (not by_tls or str(port).endswith("80")) else by_tls


def _asked(term: Term, host: str) -> dict[str, Any] | None:
    """Return what a term asks of requests to a host, as fields of a place; None where none fits."""
    patterns, unless, when = list[str](), list[str](), ""
    for each in term:
        if each.name in {"Host", "HostRegexp"}:
            fits = _fits(each, host)
            if fits == each.refuses:
                return None
            when = when if fits is not None else each.name
        elif pattern := _pattern(each):
            (unless if each.refuses else patterns).append(pattern)
        else:
            upgrade = each.name.startswith("Header") and each.parameters[0].lower() in UPGRADES and not each.refuses
            when = "upgrade" if upgrade and when in {"", "upgrade"} else f"{'!' * each.refuses}{each.name}"
    first, *more = patterns or [""]
    return {"path": first, "besides": tuple(more), "unless": tuple(unless), "when": when}


def _fits(asked: TraefikMatcher, host: str) -> bool | None:
    """Return whether a host fits; None where it is one of those that fit a pattern or a name with a star."""
    text = asked.parameters[0]
    if host.startswith(("~", "*")):
        if host in {f"~{text}", f"~{text.lower()}"} or (asked.name == "Host" and host == _name(text)):
            return True
        return None if asked.name == "HostRegexp" or text.startswith("*") else False
    if asked.name == "HostRegexp":
        return bool(host) and searches(text, host)
    name = text.lower().rstrip(".")
    return name == "*" or (bool(host) and (covers(name, host) or (name.startswith("**.") and host.endswith(name[2:]))))


def _pattern(asked: TraefikMatcher) -> str:
    match asked.name:
        case "Path":
            return f"^{re.escape(asked.parameters[0])}$"
        case "PathPrefix":
            return f"^{re.escape(asked.parameters[0])}"
        case "PathRegexp":
            return asked.parameters[0]
    return ""
