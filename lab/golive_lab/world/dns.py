"""The DNS of the reference stack, as a description: a signed zone, its two name servers, a validating resolver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from golive_lab.world.names import API, APP, SHOP, WWW, ZONE

CDN = f"cdn.{ZONE}"
"""What the shop is an alias of."""
CAA_NAME = f"trust.{ZONE}"
"""The name under which the lab's certificate authority is permitted by CAA records."""


@dataclass(frozen=True)
class Name:
    """What a name in the zone has: an alias, or addresses."""

    alias: str = ""
    """The name it is an alias of; it has no addresses of its own then."""
    more_addresses: tuple[str, ...] = ()
    """Addresses besides the two at which the stack stands."""
    ttl_s: int = 300
    first_only: bool = False
    """Only the first of the stack's two addresses: one port to look at, as scanners of one port do."""


@dataclass(frozen=True)
class ZoneServer:
    """One of the zone's authoritative servers."""

    answers: Literal["authoritative", "without authority", "refused", "nothing"] = "authoritative"
    """As it should be; without the AA bit; REFUSED, as if it had no such zone; or it does not run at all."""
    serial_behind: int = 0
    lacks: tuple[str, ...] = ()
    """Names that are missing in its copy of the zone."""


@dataclass(frozen=True)
class ZoneSigning:
    """How the zone is signed, and what its parent says of its key.

    Resolvers bear with signatures that ended a while ago (unbound: a tenth of their lifetime, at most a day).
    """

    hours_old: float = 24
    hours_left: float = 24 * 20
    parent_knows_key: bool = True
    """Otherwise the DS record is of a key that the zone does not have."""
    denies: bool = True
    """Otherwise nothing proves that what does not exist does not: the zone has no NSEC records."""

    @property
    def validates(self) -> bool:
        """True where a validating resolver accepts the zone."""
        return self.parent_knows_key and self.hours_old > 0 and self.hours_left > 0


@dataclass(frozen=True)
class ClientResolver:
    """The resolver that clients ask."""

    answers: Literal["all", "refused", "nothing"] = "all"


@dataclass(frozen=True)
class MailRecords:
    """What the zone says of its mail; an empty record is not there."""

    mx: str = f"10 mx1.{ZONE}."
    spf: str = f"v=spf1 include:_spf.{ZONE} -all"
    dkim: str = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    """Of the selector s1: the first public key of RFC 8032, section 7.1."""
    dmarc: str = f"v=DMARC1; p=reject; rua=mailto:dmarc@{ZONE}"
    tls_rpt: str = f"v=TLSRPTv1; rua=mailto:tls@{ZONE}"


@dataclass(frozen=True)
class DemoZone:
    """The zone `demo.test` below the signed zone `test`."""

    names: Mapping[str, Name] = field(
        default_factory=lambda: {
            **{name: Name() for name in (API, APP, CDN)},
            SHOP: Name(alias=CDN),
            **{name: Name(first_only=True) for name in (ZONE, WWW)},
        }
    )
    caa: tuple[str, ...] = (f'0 issue "{CAA_NAME}"',)
    """The CAA records at the zone's apex."""
    mail: MailRecords = field(default_factory=MailRecords)
    serial: int = 2026110101
    delegated_to: tuple[str, ...] = (f"ns1.{ZONE}", f"ns2.{ZONE}")
    """The name servers that the parent zone names."""
    ns1: ZoneServer = field(default_factory=ZoneServer)
    ns2: ZoneServer = field(default_factory=ZoneServer)
    signing: ZoneSigning | None = field(default_factory=ZoneSigning)
    """None: the zone is not signed, and its parent has no DS."""
    resolver: ClientResolver = field(default_factory=ClientResolver)
