"""What can be wrong with the security headers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.world.headers import PAGE_POLICY

if TYPE_CHECKING:
    from collections.abc import Callable

    from golive_lab.world import World

HSTS, NOSNIFF, FRAMES, CSP = "headers.hsts", "headers.nosniff", "headers.frames", "headers.csp"
REFERRER, PERMISSIONS = "headers.referrer", "headers.permissions"


def headers(**changes: Any) -> Callable[[World], World]:
    """Change what headers the edge sends, and nothing else."""

    def change(world: World) -> World:
        return replace(world, web=replace(world.web, headers=replace(world.web.headers, **changes)))

    return change


def policy(old: str, new: str, **changes: Any) -> Callable[[World], World]:
    """Change the pages' policy in one place."""
    return headers(policy=(PAGE_POLICY.replace(old, new),), **changes)


FAULTS = (
    Fault("headers.hsts-absent", HSTS, "No answer has Strict-Transport-Security", headers(hsts=())),
    Fault("headers.hsts-short", HSTS, "HSTS holds for a day", headers(hsts=("max-age=86400; includeSubDomains",))),
    Fault("headers.hsts-off", HSTS, "HSTS has max-age=0", headers(hsts=("max-age=0; includeSubDomains",))),
    Fault("headers.hsts-malformed", HSTS, "HSTS has no max-age", headers(hsts=("includeSubDomains; preload",))),
    Fault(
        "headers.hsts-second-is-better",
        HSTS,
        "The app's HSTS of five minutes comes before the proxy's of a year",
        headers(hsts=("max-age=300; includeSubDomains", "max-age=31536000; includeSubDomains")),
    ),
    Fault(
        "headers.hsts-without-subdomains",
        HSTS,
        "HSTS leaves the subdomains out",
        headers(hsts=("max-age=31536000",)),
        outcome="warn",
    ),
    Fault(
        "headers.hsts-half-a-year",
        HSTS,
        "HSTS holds for half a year",
        headers(hsts=("max-age=15768000; includeSubDomains",)),
        outcome="warn",
    ),
    Fault(
        "headers.only-on-success",
        HSTS,
        "Error answers have no security headers",
        headers(on_errors=False),
        also=(NOSNIFF, FRAMES, CSP, REFERRER, PERMISSIONS, "proxy.headers-kept"),
    ),
    Fault(
        "headers.isolated-by-half",
        "headers.isolation",
        "The app sends Cross-Origin-Embedder-Policy without Cross-Origin-Opener-Policy",
        headers(opener=()),
    ),
    Fault("headers.nosniff-absent", NOSNIFF, "No answer has X-Content-Type-Options", headers(nosniff=())),
    Fault("headers.nosniff-wrong", NOSNIFF, "X-Content-Type-Options is none", headers(nosniff=("none",))),
    Fault(
        "headers.frames-any",
        FRAMES,
        "frame-ancestors * lets any site frame the pages, whatever X-Frame-Options says",
        policy("frame-ancestors 'none'", "frame-ancestors *"),
    ),
    Fault(
        "headers.frames-absent",
        FRAMES,
        "Neither frame-ancestors nor X-Frame-Options",
        policy("; frame-ancestors 'none'", "", frame_options=()),
    ),
    Fault(
        "headers.frames-allow-from",
        FRAMES,
        "X-Frame-Options ALLOW-FROM alone",
        policy("; frame-ancestors 'none'", "", frame_options=("ALLOW-FROM https://partner.test",)),
    ),
    Fault(
        "headers.frames-any-on-443",
        FRAMES,
        "Any host's usual port may frame the pages",
        policy("frame-ancestors 'none'", "frame-ancestors https://*:443", frame_options=()),
    ),
    Fault("headers.csp-absent", CSP, "The pages have no Content-Security-Policy", headers(policy=())),
    Fault(
        "headers.csp-reports-only",
        CSP,
        "The policy of the pages only reports",
        headers(policy=(), reported_policy=(PAGE_POLICY,)),
    ),
    Fault(
        "headers.csp-unsafe-inline", CSP, "Inline scripts may run", policy("script-src", "script-src 'unsafe-inline'")
    ),
    Fault(
        "headers.csp-any-https", CSP, "Scripts may come from any https host", policy("script-src", "script-src https:")
    ),
    Fault(
        "headers.csp-unsafe-eval", CSP, "Text may be run as a script", policy("script-src", "script-src 'unsafe-eval'")
    ),
    Fault(
        "headers.csp-any-on-443",
        CSP,
        "Scripts may come from any host's usual port",
        policy("script-src", "script-src https://*:443"),
    ),
    Fault(
        "headers.csp-same-nonce",
        CSP,
        "Every answer has the same nonce",
        policy("script-src", "script-src 'nonce-c2FtZQ'"),
    ),
    Fault(
        "headers.csp-no-break-space",
        CSP,
        "A no-break space, as editors put in, makes browsers drop script-src",
        policy("script-src ", "script-src\u00a0"),
    ),
    Fault("headers.csp-plugins", CSP, "Plugins may come from anywhere", policy("object-src 'none'", "object-src *")),
    Fault(
        "headers.csp-dynamic-alone",
        CSP,
        "'strict-dynamic' without a nonce or hash: no script runs",
        policy("script-src", "script-src 'strict-dynamic'"),
    ),
    Fault(
        "headers.csp-twice",
        CSP,
        "script-src is there twice, and the second does not count",
        policy("script-src 'self' https://js.stripe.com", "script-src 'self' https://js.stripe.com; script-src 'none'"),
    ),
    Fault("headers.csp-clear", CSP, "Frames may come in clear", policy("frame-src", "frame-src http://partner.test")),
    Fault(
        "headers.csp-without-stripe",
        CSP,
        "Stripe.js is not allowed",
        policy("script-src 'self' https://js.stripe.com", "script-src 'self'"),
    ),
    Fault("headers.csp-without-api", CSP, "The API may not be called", policy("https://<api> ", "")),
    Fault("headers.csp-without-websocket", CSP, "The WebSocket may not be opened", policy("wss://<api> ", "")),
    Fault(
        "headers.csp-inline-styles",
        CSP,
        "Inline styles are allowed",
        policy("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
        outcome="warn",
    ),
    Fault("headers.csp-base-open", CSP, "base-uri is missing", policy("base-uri 'none'; ", ""), outcome="warn"),
    Fault("headers.referrer-absent", REFERRER, "No answer has a Referrer-Policy", headers(referrer=())),
    Fault("headers.referrer-unsafe", REFERRER, "Other sites get whole URLs", headers(referrer=("unsafe-url",))),
    Fault("headers.permissions-absent", PERMISSIONS, "The pages have no Permissions-Policy", headers(permissions=())),
    Fault(
        "headers.permissions-old",
        PERMISSIONS,
        "Permissions-Policy is written as Feature-Policy was",
        headers(permissions=("camera 'none'; microphone 'none'",)),
    ),
    Fault(
        "headers.permissions-open",
        PERMISSIONS,
        "Any frame may use the camera",
        headers(permissions=("camera=*, microphone=(), geolocation=()",)),
    ),
)
