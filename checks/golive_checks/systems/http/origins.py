"""The origin by which a browser knows a host."""

from dataclasses import dataclass

from golive import Fact, probe
from golive_checks.subjects import Host
from golive_checks.systems.http.client.suffixes import site_of

HTTPS = 443


@dataclass(frozen=True)
class Origin(Fact):
    """Scheme, host and port as a browser's Origin header has them (RFC 6454, section 6.2)."""

    origin: str
    site: str = ""
    """What lies below it is one owner's: example.co.uk, shop.vercel.app."""


@probe("http.origin")
async def origin(host: Host) -> Origin:
    """Take the host's origin from the profile."""
    return Origin(origin_of(host), site_of(host.name))


def origin_of(host: Host) -> str:
    """Write a host's https origin; the usual port is left out."""
    return f"https://{host.name}" + ("" if host.port == HTTPS else f":{host.port}")
