"""The CAA records on the way up from a host, as a certificate authority looks them up (RFC 8659)."""

import asyncio
import re
from dataclasses import dataclass

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.dns.client.exchange import SETTLED
from golive_checks.systems.dns.zone import levels

CRITICAL = 0x80
"""The flag of a property that an authority must understand or else refuse to issue (RFC 8659, section 4.1)."""


@dataclass(frozen=True)
class Caa:
    """One CAA record."""

    critical: bool
    tag: str
    value: str


@dataclass(frozen=True)
class CaaLevel:
    """The CAA records found at a name, or at what it is an alias of."""

    name: str
    records: tuple[Caa, ...]


@dataclass(frozen=True)
class CaaSet(Fact):
    """The CAA records at the host and at each domain above it, nearest first."""

    levels: tuple[CaaLevel, ...]

    def relevant(self, name: str) -> CaaLevel | None:
        """Climb from a name to the first records, which alone count (RFC 8659, section 3)."""
        above = levels(name)
        return next((level for level in self.levels if level.name in above and level.records), None)


@probe("dns.caa")
async def caa(host: Host, dns: Dns, ask: DnsSettings) -> CaaSet:
    """Look up the CAA records of the host and of each domain above it."""
    names = levels(host.name)
    replies = await asyncio.gather(*(dns.look_up(name, "CAA", ask, validate=False) for name in names))
    found: list[CaaLevel] = []
    for name, reply in zip(names, replies, strict=True):
        if reply.status not in SETTLED:
            if any(level.records for level in found):
                break  # climbing has ended below
            raise Unavailable(f"the resolver says {reply.word} to the CAA records of {name}")
        # An alias is followed by the resolver: what stands at its target counts as the name's own.
        found.append(CaaLevel(name, tuple(_record(record.data) for record in reply.of("CAA"))))
    return CaaSet(tuple(found))


def _record(data: str) -> Caa:
    flags, tag, value = data.split(" ", 2)
    text = value.removeprefix('"').removesuffix('"')
    plain = re.sub(r"\\(\d{3}|.)", lambda m: chr(int(m[1])) if m[1].isdigit() and len(m[1]) > 1 else m[1], text)
    return Caa(bool(int(flags) & CRITICAL), tag.lower(), plain)
