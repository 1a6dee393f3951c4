"""The security headers that the edge sends, as a description: nginx is rendered from it, the Python edge obeys it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from golive_lab.world.names import API, APP

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE_POLICY = (
    "default-src 'self'; script-src 'self' https://js.stripe.com; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self' https://<api> wss://<api> https://api.stripe.com; "
    "frame-src https://js.stripe.com https://hooks.stripe.com; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""What app and shop need; `<api>` stands for the API's host and port."""
GOOD = frozenset({200, 201, 204, 206, 301, 302, 303, 304, 307, 308})
"""The answers to which nginx adds a header without `always` (ngx_http_headers_module)."""


@dataclass(frozen=True)
class Headers:
    """The values of each header, in the order sent; several are sent as several headers, none for none."""

    hsts: tuple[str, ...] = ("max-age=31536000; includeSubDomains",)
    nosniff: tuple[str, ...] = ("nosniff",)
    referrer: tuple[str, ...] = ("strict-origin-when-cross-origin",)
    permissions: tuple[str, ...] = ("camera=(), microphone=(), geolocation=(), payment=(self)",)
    """This and what follows: of app and shop alone."""
    policy: tuple[str, ...] = (PAGE_POLICY,)
    reported_policy: tuple[str, ...] = ()
    frame_options: tuple[str, ...] = ("DENY",)
    api_policy: tuple[str, ...] = ("default-src 'none'; frame-ancestors 'none'",)
    opener: tuple[str, ...] = ("same-origin",)
    embedder: tuple[str, ...] = ("require-corp",)
    """This and the one before: of the app alone, which shows no frame of Stripe's as the shop does."""
    on_errors: bool = True
    """Error answers have them too: nginx's `always`."""

    def of(self, host: str, https_port: int) -> Iterator[tuple[str, str]]:
        """Yield the headers of a host's answers."""
        page = host != API
        sent = {
            "Strict-Transport-Security": self.hsts,
            "X-Content-Type-Options": self.nosniff,
            "Referrer-Policy": self.referrer,
            "Content-Security-Policy": self.policy if page else self.api_policy,
            "Content-Security-Policy-Report-Only": self.reported_policy if page else (),
            "Permissions-Policy": self.permissions if page else (),
            "X-Frame-Options": self.frame_options if page else (),
            "Cross-Origin-Opener-Policy": self.opener if host == APP else (),
            "Cross-Origin-Embedder-Policy": self.embedder if host == APP else (),
        }
        for name, values in sent.items():
            for value in values:
                yield name, value.replace("<api>", f"{API}:{https_port}")
