"""What can be wrong with who may read the API's answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from golive_lab.world import World

FOREIGN, KNOWN, VARIES = "cors.foreign-origins-refused", "cors.known-origins-served", "cors.varies"
EVERYWHERE = frozenset({"preflight", "answer", "error", "websocket"})


def cors(**changes: Any) -> Callable[[World], World]:
    """Change who may read the API's answers, and nothing else."""
    return lambda world: replace(world, app=replace(world.app, cors=replace(world.app.cors, **changes)))


def unkept(world: World) -> World:
    """Let the API's answers be kept for a minute, and not say that they depend on the origin."""
    kept = replace(world, web=replace(world.web, caching=replace(world.web.caching, api="public, max-age=60")))
    return cors(vary=False)(kept)


WAYS_IN = {
    "any": ("not at all", "Every origin is allowed"),
    "null": ("null", "The origin null of a sandboxed frame is allowed"),
    "prefix": ("prefix", "Origins that begin with the app's are allowed"),
    "suffix": ("suffix", "Origins that end with the app's host are allowed"),
    "unescaped-dot": ("pattern", "A pattern whose dots are not escaped lets in another domain"),
    "http-twin": ("host", "The app's host over plain http is allowed"),
    "any-subdomain": ("domain", "Every subdomain is allowed"),
    "special-character": ("word", "A pattern without an end lets in a host with an underscore"),
    "any-port": ("port", "The app's host is allowed on every port"),
    "hosting-provider": ("provider", "Every site at a hosting provider is allowed"),
    "private-network": ("network", "Pages on private networks are allowed"),
    "localhost": ("localhost", "Pages on localhost are allowed"),
}

FAULTS = (
    *(Fault(f"cors.{name}", FOREIGN, title, cors(compares=how)) for name, (how, title) in WAYS_IN.items()),
    Fault(
        "cors.any-without-credentials",
        FOREIGN,
        "Every origin is allowed, without credentials",
        cors(compares="not at all", credentials=False),
        also=(KNOWN,),
    ),
    Fault("cors.star-with-credentials", FOREIGN, "The answer is * with credentials", cors(star=True), also=(KNOWN,)),
    Fault(
        "cors.star",
        FOREIGN,
        "The answer is * without credentials",
        cors(star=True, credentials=False),
        also=(KNOWN,),
        outcome="warn",
    ),
    *(
        Fault(
            f"cors.any-on-{where}",
            FOREIGN,
            f"Only {title} allows every origin",
            cors(compares="not at all", broken_on=frozenset({where})),
        )
        for where, title in {"preflight": "preflights", "error": "errors", "websocket": "the WebSocket"}.items()
    ),
    Fault("cors.shop-forgotten", KNOWN, "The shop's origin is not allowed", cors(forgets_shop=True)),
    Fault("cors.no-credentials", KNOWN, "The app's cookies are not allowed", cors(credentials=False)),
    Fault("cors.no-authorization", KNOWN, "The header Authorization is not allowed", cors(headers="content-type")),
    Fault("cors.star-for-headers", KNOWN, "* stands for Authorization, which it never does", cors(headers="*")),
    Fault("cors.no-delete", KNOWN, "The method DELETE is not allowed", cors(methods="GET, POST")),
    Fault("cors.preflight-asks-login", KNOWN, "The preflight is answered with 401", cors(preflight_status=401)),
    Fault("cors.errors-unreadable", KNOWN, "The app cannot read errors", cors(on=EVERYWHERE - {"error"})),
    Fault(
        "cors.vary-missing",
        VARIES,
        "Answers do not say Vary: Origin, and are kept",
        unkept,
        ("health.live", "health.ready"),  # which must not be kept
    ),
    Fault("cors.vary-missing-uncached", VARIES, "Answers do not say Vary: Origin", cors(vary=False), outcome="warn"),
)
