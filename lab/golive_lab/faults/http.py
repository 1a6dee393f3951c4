"""What can be wrong with the edge, the API and the front ends in HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault

if TYPE_CHECKING:
    from golive_lab.world import World

Change = Callable[["World"], "World"]

REDIRECTS, HTTP2, COMPRESSES = "proxy.http-redirects", "proxy.http2-offered", "proxy.compresses"
RAW_BODY, VERSION = "proxy.raw-body-kept", "proxy.hides-version"
IMMUTABLE, EDGE = "cdn.assets-immutable", "cdn.serves-from-edge"


def web(**changes: Any) -> Change:
    """Change what the edge does, and nothing else."""
    return lambda world: replace(world, web=replace(world.web, **changes))


def plain(**changes: Any) -> Change:
    """Change what the port for clear http answers, and nothing else."""
    return lambda world: replace(world, web=replace(world.web, plain=replace(world.web.plain, **changes)))


def caching(**changes: Any) -> Change:
    """Change how long files may be kept, and nothing else."""
    return lambda world: replace(world, web=replace(world.web, caching=replace(world.web.caching, **changes)))


def app(**changes: Any) -> Change:
    """Change what the API does, and nothing else."""
    return lambda world: replace(world, app=replace(world.app, **changes))


FAULTS = (
    Fault("http.clear-content", REDIRECTS, "Port 80 serves the pages in clear", plain(answers="content")),
    Fault("http.redirect-loop", REDIRECTS, "Port 80 redirects to itself without end", plain(scheme="http")),
    Fault("http.redirect-elsewhere", REDIRECTS, "Port 80 redirects to another host", plain(host="www.demo.test")),
    Fault("http.redirect-temporary", REDIRECTS, "Port 80 redirects with 302", plain(status=302), outcome="warn"),
    Fault("http.http2-off", HTTP2, "The edge speaks HTTP/1.1 alone", web(http2=False)),
    Fault("http.gzip-off", COMPRESSES, "Nothing is compressed with gzip", web(gzip=False)),
    Fault("http.brotli-off", COMPRESSES, "Nothing is compressed with br", web(brotli=False), outcome="warn"),
    Fault("http.vary-missing", COMPRESSES, "Compressed answers do not say Vary", web(vary=False)),
    Fault("http.images-compressed", COMPRESSES, "Images are compressed once more", web(compresses_images=True)),
    Fault(
        "http.body-reserialised",
        RAW_BODY,
        "The webhook verifies JSON that was parsed and re-serialised",
        app(webhook_body="reserialised"),
    ),
    Fault("http.body-decoded", RAW_BODY, "The webhook verifies text that was decoded", app(webhook_body="decoded")),
    Fault(
        "http.server-version",
        VERSION,
        "The Server header says nginx/1.22.1",
        web(shows_version=True),
        also=("web.error-pages",),
    ),
    Fault(
        "http.powered-by",
        VERSION,
        "The API sends X-Powered-By: Express",
        app(powered_by="Express"),
        ("proxy.config-sound",),
    ),
    Fault("http.assets-not-kept", IMMUTABLE, "Hashed assets say no-store", caching(assets="no-store")),
    Fault("http.assets-no-word", IMMUTABLE, "Hashed assets have no Cache-Control", caching(assets="")),
    Fault(
        "http.assets-not-immutable",
        IMMUTABLE,
        "Hashed assets are asked for again on reload",
        caching(assets="public, max-age=31536000"),
        outcome="warn",
    ),
    Fault("http.index-kept", IMMUTABLE, "index.html is kept for a day", caching(index="public, max-age=86400")),
    Fault("http.worker-kept", IMMUTABLE, "sw.js is kept for a year", caching(worker="public, max-age=31536000")),
    Fault("http.cdn-misses", EDGE, "The CDN keeps nothing: always MISS", web(cdn_caches=False)),
)
