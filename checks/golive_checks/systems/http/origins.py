"""The origin by which a browser knows a host."""

from dataclasses import dataclass

from golive import Fact, probe
from golive_checks.subjects import Host

HTTPS = 443


@dataclass(frozen=True)
class Origin(Fact):
    """Scheme, host and port as a browser's Origin header has them (RFC 6454, section 6.2)."""

    origin: str


@probe("http.origin")
async def origin(host: Host) -> Origin:
    """Take the host's origin from the profile."""
    return Origin(origin_of(host))


def origin_of(host: Host) -> str:
    """Write a host's https origin; the usual port is left out."""
    return f"https://{host.name}" + ("" if host.port == HTTPS else f":{host.port}")
