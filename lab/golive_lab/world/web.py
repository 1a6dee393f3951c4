"""What the hosts' edge does in HTTP, as a description: nginx is rendered from it, and the Python edge obeys it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from golive_lab.world.headers import Headers

MIN_COMPRESSED_BYTES = 1024
"""Below this nothing is compressed: a smaller body gains nothing."""

COMPRESSED_TYPES = (
    "text/html",
    "text/css",
    "text/javascript",
    "application/javascript",
    "application/json",
    "application/manifest+json",
    "image/svg+xml",
)


@dataclass(frozen=True)
class PlainPort:
    """What the port for clear http answers."""

    answers: Literal["redirect", "content", "nothing"] = "redirect"
    """A redirect, the pages themselves, or nothing at all: the port is closed."""
    status: int = 301
    scheme: Literal["https", "http"] = "https"
    """Where the redirect leads; http is the same place again, forever."""
    host: str = ""
    """The host that the redirect leads to; empty for the one that was asked."""
    takes_callbacks: bool = True
    """MTN's path is handed on to the API all the same, for MTN's sandbox calls over http."""


@dataclass(frozen=True)
class CacheHeaders:
    """The Cache-Control of each kind of file; empty for none."""

    assets: str = "public, max-age=31536000, immutable"
    """Files whose name holds a hash of their content, below /assets/."""
    index: str = "no-cache"
    worker: str = "no-cache"
    """The service worker, /sw.js."""
    other: str = "public, max-age=3600"
    api: str = "no-store"


@dataclass(frozen=True)
class Web:
    """The edge, the same for all three hosts."""

    http2: bool = True
    plain: PlainPort = field(default_factory=PlainPort)
    gzip: bool = True
    brotli: bool = True
    vary: bool = True
    """Answers that could be compressed say `Vary: Accept-Encoding`."""
    compresses_images: bool = False
    """Compresses PNG files again, which costs time and gains nothing."""
    shows_version: bool = False
    """`Server: nginx/1.22.1` in place of `Server: nginx`."""
    caching: CacheHeaders = field(default_factory=CacheHeaders)
    headers: Headers = field(default_factory=Headers)
    cdn_caches: bool = True
    """The CDN before app and shop keeps what is below /assets/: `X-Cache: HIT`. Without, `MISS` each time."""
