"""What a router's middlewares do to requests and answers, one after another. Pure.

Source: https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/overview/
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from golive import Location
from golive_checks.systems.caddy.client.values import pairs
from golive_checks.systems.nginx.added import AddedHeader
from golive_checks.systems.nginx.rewrites import Rewrite
from golive_checks.systems.traefik.client.values import truth, whole, words

EVERYBODY = frozenset({"0.0.0.0/0", "::/0"})
ASKS = {
    "basicauth": "basicAuth",
    "digestauth": "digestAuth",
    "forwardauth": "forwardAuth",
    "ipallowlist": "ipAllowList",
    "ipwhitelist": "ipWhiteList",
    "oidc": "oidc",
    "jwt": "jwt",
}
HARMLESS = frozenset(
    {
        "buffering",
        "circuitbreaker",
        "compress",
        "contenttype",
        "encodedcharacters",
        "errors",
        "grpcweb",
        "inflightreq",
        "passtlsclientcert",
        "ratelimit",
        "retry",
    }
)
"""They hand on what they are given, or refuse it: none answers in the application's place."""
SECURITY = {
    "contentsecuritypolicy": "Content-Security-Policy",
    "contentsecuritypolicyreportonly": "Content-Security-Policy-Report-Only",
    "referrerpolicy": "Referrer-Policy",
    "permissionspolicy": "Permissions-Policy",
    "customframeoptionsvalue": "X-Frame-Options",
}
SWITCHES = {"framedeny": "X-Frame-Options", "contenttypenosniff": "X-Content-Type-Options"}


@dataclass(frozen=True)
class Passing:
    """What has become of a request on its way to a service."""

    rewrites: tuple[tuple[Rewrite, ...], ...] = ()
    """By middleware; each is given what the one before it made."""
    rule: str = ""
    body: tuple[int, ...] = ()
    request: Mapping[str, str] = field(default_factory=dict)
    """Headers by their lower-case names; empty: taken away."""
    adds: Mapping[str, AddedHeader | None] = field(default_factory=dict)
    """None: taken away. Answers come to the outermost middleware last, so that it has the last word."""
    answers: bool = False
    """A middleware answers every request itself, by leading elsewhere."""
    unless: tuple[str, ...] = ()
    """What is not known of some middleware, such as a plugin's."""


def passed(middlewares: Mapping[str, Mapping[str, Any]], at: Location, *, tls: bool) -> Passing:
    """Return what middlewares, by name and in order, do to a request that came by TLS or not."""
    done = Passing()
    for name, held in middlewares.items():
        for kind, ask in held.items():
            done = _one(done, kind, name, pairs(ask), at, tls=tls)
    return done


def _one(done: Passing, kind: str, name: str, ask: Mapping[str, Any], at: Location, *, tls: bool) -> Passing:
    found = tuple(_rewrites(kind, ask))
    match kind:
        case _ if kind in ASKS:
            open_to_all = "sourcerange" in ask and EVERYBODY & {*words(ask.get("sourcerange"))}
            return done if open_to_all or done.rule else replace(done, rule=ASKS[kind])
        case "stripprefix" | "stripprefixregex" | "addprefix" | "replacepath" | "replacepathregex":
            return replace(done, rewrites=(*done.rewrites, found))
        case "redirectscheme":
            # A request that already has the scheme is let through.
            leads_on = str(ask.get("scheme", "https")).lower() != ("https" if tls else "http")
            return replace(done, answers=done.answers or leads_on)
        case "headers":
            return _headers(done, name, ask, at, tls=tls)
    if (most := whole(ask.get("maxrequestbodybytes"))) > 0:
        return replace(done, body=(*done.body, most))
    return done if kind in HARMLESS else replace(done, unless=(*done.unless, f"the middleware {name}"))


def _rewrites(kind: str, ask: Mapping[str, Any]) -> Iterator[Rewrite]:
    """Yield what becomes of the path, the first that fits."""
    match kind:
        case "stripprefix":
            for prefix in words(ask.get("prefixes")):
                # Traefik puts the leading slash back where the prefix took it along.
                yield Rewrite(f"^{re.escape(prefix)}/?(.*)$", "/$1", "break")
        case "stripprefixregex":
            for pattern in words(ask.get("regex")):
                yield Rewrite(f"^(?:{pattern.removeprefix('^')})/?(?P<golive>.*)$", "/$golive", "break")
        case "addprefix":
            yield Rewrite("^(.*)$", f"{ask.get('prefix', '')}$1", "break")
        case "replacepath":
            yield Rewrite("^", str(ask.get("path", "")), "break")
        case "replacepathregex":
            pattern, to = str(ask.get("regex", "")), str(ask.get("replacement", ""))
            if pattern.startswith("^") and pattern.endswith("$"):
                yield Rewrite(pattern, to, "break")
            else:
                # Go replaces what matches within the path, a rewrite the whole path: keep what is around the match.
                start = "" if pattern.startswith("^") else "(?P<before>.*?)"
                end = "" if pattern.endswith("$") else "(?P<after>.*)$"
                inner = pattern.removeprefix("^")
                # The group before it moves the numbers of its own groups up by one.
                moved = re.sub(
                    r"\$\{?(\d)\}?",
                    lambda found: f"${{{int(found[1]) + bool(start)}}}" if found[1] != "0" else "$0",
                    to,
                )
                yield Rewrite(
                    f"^{start}{inner}{end}", f"{'${before}' * bool(start)}{moved}{'${after}' * bool(end)}", "break"
                )


def _headers(done: Passing, name: str, ask: Mapping[str, Any], at: Location, *, tls: bool) -> Passing:
    request = {name: str(value) for name, value in pairs(ask.get("customrequestheaders")).items()}
    named = {header: True for option, header in SECURITY.items() if ask.get(option)}
    named |= {header: True for option, header in SWITCHES.items() if truth(ask.get(option))}
    # Traefik sends it over TLS alone, unless it is forced to, and never while developing.
    sends_it = (tls or truth(ask.get("forcestsheader"))) and not truth(ask.get("isdevelopment"))
    if whole(ask.get("stsseconds")) > 0 and sends_it:
        named["Strict-Transport-Security"] = True
    # An empty value takes the header away.
    named |= {name: bool(value) for name, value in pairs(ask.get("customresponseheaders")).items()}
    own = {name.lower(): AddedHeader(name, at, always=True) if there else None for name, there in named.items()}
    leads_or_refuses = words(ask.get("allowedhosts")) or truth(ask.get("sslredirect"))
    unless = (f"the middleware {name}",) if leads_or_refuses and not truth(ask.get("isdevelopment")) else ()
    request, adds = {**done.request, **request}, {**own, **done.adds}
    return replace(done, request=request, adds=adds, unless=(*done.unless, *unless))
