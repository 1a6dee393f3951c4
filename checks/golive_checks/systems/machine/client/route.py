"""Whether this machine has a route to an address at all, asked of the kernel: no packet is sent."""

import errno
import ipaddress
from typing import ClassVar, Literal

from golive import Client, Settings, Unavailable

Family = Literal["ipv4", "ipv6"]

FAR = {"ipv4": "1.1.1.1", "ipv6": "2606:4700:4700::1111"}
"""An address of the open internet for each family (Cloudflare's resolver): only its route is asked for."""

EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""What this machine itself ran out of: it says nothing about the address."""


class Vantage(Settings):
    """What the place golive runs at must be able to reach."""

    home: ClassVar[str] = "vantage"

    require: tuple[Family, ...] = ()
    """Address families that must be looked at: without a route to them a finding is unknown, not n/a."""


def family_of(ip: str) -> Family:
    """Tell an address' family; an IPv4 address written as IPv6 (::ffff:192.0.2.1) travels as IPv4."""
    address = ipaddress.ip_address(ip)
    return "ipv4" if address.version == 4 or getattr(address, "ipv4_mapped", None) else "ipv6"  # noqa: PLR2004 - IPv4


class NetworkRoutes(Client):
    """Asks the kernel for routes. Every client that connects to an address asks here first."""

    def __init__(self, ask: Vantage) -> None:
        self._required = ask.require
        self._refused: set[str] = set()

    def refuse(self, ip: str) -> None:
        """Keep this run from connecting to an address: in a private network it is somebody else's machine."""
        self._refused.add(ip)

    def has(self, ip: str) -> bool:
        """Return whether there is a route: connecting a UDP socket looks one up and sends nothing (connect(2))."""
        import socket

        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as unsent:
                unsent.connect((ip, 9))  # the port is of no matter: nothing is sent
        except OSError as error:
            if error.errno in EXHAUSTED:
                reason = f"this machine cannot open a socket: {error.strerror}"
                raise Unavailable(reason, fix="Raise the limit of open files (ulimit -n).", defect=True) from None
            return False
        return True

    def demand(self, ip: str) -> None:
        """Raise `Unavailable` where the address is refused, or this machine has no route to it."""
        if ip in self._refused:
            raise Unavailable(
                f"{ip} is not public, so it was not contacted",
                fix="Remove the record, or list the network under domains.addresses.allow where it is meant.",
            )
        if self.has(ip):
            return
        family = family_of(ip)
        word = "IPv4" if family == "ipv4" else "IPv6"
        raise Unavailable(
            f"no {word} here: this machine has no route to {ip}",
            no_route=family not in self._required,
            fix=f"Run golive from a machine with {word}, or drop {family} from vantage.require.",
        )

    def families(self) -> tuple[Family, ...]:
        """Name the families with a route to the open internet."""
        return tuple(family for family in ("ipv4", "ipv6") if self.has(FAR[family]))
