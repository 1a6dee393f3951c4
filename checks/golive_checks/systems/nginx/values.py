"""Times, sizes and defaults as nginx reads them."""

import re

# https://nginx.org/en/docs/http/ngx_http_proxy_module.html
PROXY_CONNECT_TIMEOUT = "60s"
PROXY_SEND_TIMEOUT = "60s"
PROXY_READ_TIMEOUT = "60s"
# https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size
CLIENT_MAX_BODY_SIZE = "1m"
# https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive_timeout (since 1.15.3)
UPSTREAM_KEEPALIVE_TIMEOUT = "60s"
# https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server
SERVER_PORTS = {"http": 80, "https": 443}
REUSES_BY_DEFAULT = (1, 29, 7)
"""Since then an upstream block has `keepalive 32 local`, `proxy_http_version` is 1.1 and Connection is not `close`,
unless the configuration says otherwise; before, it was the reverse. An implicit upstream reuses nothing even so.
https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive, https://github.com/nginx/nginx/pull/1080"""

MS_PER_UNIT = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
"""https://nginx.org/en/docs/syntax.html, in the order in which they may follow one another. The year and the month
that the page also lists are refused where nginx counts in milliseconds, as all its proxy timeouts do."""
TIME = re.compile(r"".join(rf"(?:(\d{{1,12}}){unit} *)?" for unit in MS_PER_UNIT) + r"(?:(\d{1,12}) *)?", re.ASCII)

BYTES_PER_UNIT = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
SIZE = re.compile(r"(\d{1,15})([kmg]?)", re.ASCII | re.IGNORECASE)


def seconds(text: str) -> float | None:
    """Read a time such as `1h 30m`, `500ms` or `60`; None where nginx would refuse it."""
    found = TIME.fullmatch(text)
    if not found or not any(found.groups()):
        return None
    *parts, bare = found.groups()
    total = sum(int(part) * scale for part, scale in zip(parts, MS_PER_UNIT.values(), strict=True) if part)
    return (total + int(bare or 0) * MS_PER_UNIT["s"]) / 1000


def size(text: str) -> int | None:
    """Read a size such as `10m`, `1024K` or `1048576` in bytes; None where nginx would refuse it."""
    found = SIZE.fullmatch(text)
    return int(found[1]) * BYTES_PER_UNIT[found[2].lower()] if found else None
