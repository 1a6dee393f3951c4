"""The profile of hosts of which nothing is known but their addresses: what anybody can see of them, by reading."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from golive_checks.init.hosts import LABELS

LINES = ("domains.tls", "domains.proxy", "domains.cdn", "security.cors", "security.headers")
"""The lines of the checklist about what is visible from outside."""
NOT_ASKED = {
    "proxy.raw-body-kept": "it is about webhooks",
    "cors.known-origins-served": "which origins are the product's own is not known",
}


def profile(urls: Sequence[str], resolvers: Sequence[str], ca_file: str, addresses: Sequence[str]) -> dict[str, Any]:
    """Return the profile of some URLs; an http:// one with a port says where its host answers http.

    Raises:
        ValueError: one is no URL of a host with a name.
    """
    hosts: dict[str, dict[str, Any]] = {}
    for url in urls:
        name, scheme, port, path = _parts(url)
        host = hosts.setdefault(
            name, {"name": name, "role": LABELS.get(name.partition(".")[0], "site"), "edge": "other"}
        )
        if port:
            host["http_port" if scheme == "http" else "port"] = port
        if path and host["role"] == "api":
            host["api_path"] = path
        if addresses:
            host["reached_at"] = list(addresses)
    lines = list(LINES) if addresses and not resolvers else ["domains.dns", *LINES]
    found: dict[str, Any] = {
        "environment": next(iter(hosts)) if len(hosts) == 1 else f"{len(hosts)} hosts",
        "production": True,
        "hosts": {name.replace(".", "-"): host for name, host in hosts.items()},
        "checklist": {"only": lines, "off": NOT_ASKED},
    }
    if resolvers:
        found["dns"] = {"resolvers": list(resolvers)}
    if ca_file:
        found["trust"] = {"ca_file": ca_file}
    if addresses:
        found["domains"] = {"addresses": {"allow": list(addresses)}}
    return found


def _parts(url: str) -> tuple[str, str, int | None, str]:
    """Return a URL's host, scheme, port and path."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"{url!r} is no URL") from None
    name = (parts.hostname or "").rstrip(".").lower()
    if parts.username or parts.password:
        raise ValueError("a URL with a user and a password is not taken: golive would repeat them")
    if not name or ":" in name or name.replace(".", "").isdigit():
        raise ValueError(f"{url!r} names no host: write its name, and give its address with --address")
    if "." not in name:
        raise ValueError(f"{url!r}: {name} is no full domain name")
    return name, parts.scheme, port, parts.path if parts.path != "/" else ""
