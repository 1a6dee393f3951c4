"""A host that the world reaches over https, and the profile key that names it."""

import ipaddress
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from golive import Entry, Subject, subjects

HostName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(\.[A-Za-z0-9_-]{1,63})+$", max_length=253)
]
"""A fully qualified domain name without the trailing dot (RFC 1035, section 2.3.1; underscores as they occur)."""

UrlPath = Annotated[str, StringConstraints(pattern=r"^/[!-~]*$", max_length=1000)]
"""A path as in a URL: from its first slash on, percent-encoded."""


def _ip(text: str) -> str:
    return str(ipaddress.ip_address(text))


Ip = Annotated[str, AfterValidator(_ip)]
Port = Annotated[int, Field(ge=1, le=65535)]
Role = Literal["api", "app", "shop", "site", "other"]
Edge = Literal["nginx", "caddy", "traefik", "alb", "cloudflare", "vercel", "other"]


class HostEntry(Entry):
    """A host that the world reaches over https."""

    name: HostName
    """Its full domain name, such as `shop.example.com`."""
    role: Role = "other"
    """`api`; `app` and `shop`: pages; `site`: pages and API in one, as with Django, Rails, Laravel or Next.js."""
    port: Port = 443
    """Where it answers https."""
    http_port: Port = 80
    """Where it answers http, which leads to https."""
    edge: Edge = "nginx"
    """What is in front of it: what only that party could change warns at most."""
    cdn: bool = False
    """A CDN keeps this host's assets at its edge. Implied by `edge: cloudflare` and `edge: vercel` for app and shop."""
    api_path: UrlPath = ""
    """A public path that answers a GET with JSON of some size, such as a list of products."""
    asset_paths: tuple[UrlPath, ...] = Field(default=(), max_length=20)
    """Assets to look at beside those that the host's own page names: for a host that serves assets and no page."""
    reached_at: tuple[Ip, ...] = Field(default=(), max_length=20)
    """Where to look instead of at the addresses that the DNS has: for a host that is not public yet."""
    clear_text_paths: tuple[UrlPath, ...] = Field(default=(), max_length=20)
    """Paths that may answer over http, such as /.well-known/acme-challenge/ or the callback of MTN's sandbox."""


@dataclass(frozen=True)
class Host(Subject):
    """A host by its domain name. `key` is its name in the profile (`api`)."""

    key: str = ""
    role: Role = "other"
    port: int = 443
    http_port: int = 80
    edge: Edge = "nginx"
    cdn: bool = False
    api_path: str = ""
    asset_paths: tuple[str, ...] = ()
    reached_at: tuple[str, ...] = ()
    clear_text_paths: tuple[str, ...] = ()

    @property
    def has_page(self) -> bool:
        """True where people open it in a browser."""
        return self.role in {"app", "shop", "site"}

    @property
    def serves_api(self) -> bool:
        """True where programs talk to it: browsers' scripts, apps, gateways."""
        return self.role in {"api", "site"}

    @property
    def behind_cdn(self) -> bool:
        """True where the profile declares a CDN in front of its assets."""
        return self.cdn or (self.has_page and self.edge in {"cloudflare", "vercel"})

    @property
    def managed_edge(self) -> bool:
        """True where the edge's own settings are another company's: what only they can change warns at most."""
        return self.edge in {"alb", "cloudflare", "vercel"}


@subjects("hosts")
def hosts(key: str, entry: HostEntry) -> tuple[Host, ...]:
    """Name the hosts of the profile."""
    return (
        Host(
            entry.name.lower(),
            key=key,
            role=entry.role,
            port=entry.port,
            http_port=entry.http_port,
            edge=entry.edge,
            cdn=entry.cdn,
            api_path=entry.api_path,
            asset_paths=entry.asset_paths,
            reached_at=entry.reached_at,
            clear_text_paths=entry.clear_text_paths,
            own=entry.own(),
        ),
    )
