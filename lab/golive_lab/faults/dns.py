"""What can be wrong with the DNS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.world.dns import CDN, ClientResolver, Name, ZoneServer, ZoneSigning
from golive_lab.world.names import API, SHOP, ZONE

if TYPE_CHECKING:
    from golive_lab.world import World

EVERYTHING = ("*",)
"""A host without an address can be looked at in no way: each check of it changes."""
FOUR_WEEKS_H = 24.0 * 28


def dns(**changes: Any) -> Callable[[World], World]:
    """Change the DNS, and nothing else."""
    return lambda world: replace(world, dns=replace(world.dns, **changes))


def name(host: str, has: Name | None) -> Callable[[World], World]:
    """Give a name something else; None takes it out of the zone."""

    def change(world: World) -> World:
        names = {other: held for other, held in world.dns.names.items() if other != host}
        return replace(world, dns=replace(world.dns, names=names | ({host: has} if has else {})))

    return change


BOGUS = ("dns.resolves", "mail.*", "www.*", "web.error-pages", "web.ports-closed", "web.search-engines")
"""Checks of what the zone alone has an address for: a resolver that validates gives none."""
FAULTS = (
    Fault(
        "dns.no-record",
        turns_red="dns.resolves",
        title="The API's record is missing in the zone",
        change=name(API, None),
        also=EVERYTHING,
    ),
    Fault(
        "dns.servfail",
        turns_red="dns.resolves",
        title="Both name servers have lost the zone, so that the resolver answers SERVFAIL",
        change=dns(ns1=ZoneServer(answers="refused"), ns2=ZoneServer(answers="refused")),
        also=EVERYTHING,
    ),
    Fault(
        "dns.resolver-refuses",
        turns_red="dns.resolves",
        title="The resolver refuses to serve this machine",
        change=dns(resolver=ClientResolver(answers="refused")),
        also=EVERYTHING,
    ),
    Fault(
        "dns.resolver-down",
        turns_red="dns.resolves",
        title="The resolver is down",
        change=dns(resolver=ClientResolver(answers="nothing")),
        also=EVERYTHING,
        outcome="unknown",
    ),
    Fault(
        "dns.unspecified-address",
        turns_red="dns.addresses-public",
        title="0.0.0.0 is among the API's addresses",
        change=name(API, Name(more_addresses=("0.0.0.0",))),  # noqa: S104 - nothing is bound
        also=EVERYTHING,
    ),
    Fault(
        "dns.private-address",
        turns_red="dns.addresses-public",
        title="10.0.0.5 is among the API's addresses",
        change=name(API, Name(more_addresses=("10.0.0.5",))),
        also=EVERYTHING,
    ),
    Fault(
        "dns.serial-lags",
        turns_red="dns.servers-agree",
        title="One name server is a serial behind",
        change=dns(ns2=ZoneServer(serial_behind=1)),
    ),
    Fault(
        "dns.server-lacks-record",
        turns_red="dns.servers-agree",
        title="One name server does not have the shop",
        change=dns(ns2=ZoneServer(lacks=(SHOP,))),
    ),
    Fault(
        "dns.lame",
        turns_red="dns.servers-agree",
        title="One name server refuses questions for the zone that is delegated to it",
        change=dns(ns2=ZoneServer(answers="refused")),
    ),
    Fault(
        "dns.lame-without-authority",
        turns_red="dns.servers-agree",
        title="One name server answers without authority",
        change=dns(ns2=ZoneServer(answers="without authority")),
        stacks=("demo",),
    ),
    Fault(
        "dns.name-server-down",
        turns_red="dns.servers-agree",
        title="One name server is down",
        change=dns(ns2=ZoneServer(answers="nothing")),
    ),
    Fault(
        "dns.parent-names-another",
        turns_red="dns.delegation-sound",
        title="The parent zone still names a third server, which is gone",
        change=dns(delegated_to=(f"ns1.{ZONE}", f"ns2.{ZONE}", f"ns3.{ZONE}")),
        also=("dns.servers-agree",),
    ),
    Fault(
        "dns.parent-names-fewer",
        turns_red="dns.delegation-sound",
        title="The parent zone names one of the zone's two servers only",
        change=dns(delegated_to=(f"ns1.{ZONE}",)),
    ),
    Fault(
        "dns.denial-missing",
        turns_red="dns.signed-zone-validates",
        title='The zone is signed without NSEC records: a validating resolver refuses every answer of "no"',
        change=dns(signing=ZoneSigning(denies=False)),
        also=BOGUS,
    ),
    Fault(
        "dns.alias-gone",
        turns_red="dns.alias-lives",
        title="The shop is an alias of a name that is gone",
        change=name(SHOP, Name(alias=f"gone.{ZONE}")),
        also=EVERYTHING,
    ),
    Fault(
        "dns.alias-loops",
        turns_red="dns.alias-lives",
        title="The shop is an alias of the CDN, which is an alias of the shop",
        change=name(CDN, Name(alias=SHOP)),
        also=EVERYTHING,
    ),
    Fault(
        "dns.caa-other-authority",
        turns_red="dns.caa-permits-renewal",
        title="The CAA records permit another authority only",
        change=dns(caa=('0 issue "letsencrypt.org"',)),
    ),
    Fault(
        "dns.caa-nobody",
        turns_red="dns.caa-permits-renewal",
        title="The CAA record permits nobody",
        change=dns(caa=('0 issue ";"',)),
    ),
    Fault(
        "dns.caa-none",
        turns_red="dns.caa-permits-renewal",
        title="There is no CAA record",
        change=dns(caa=()),
        outcome="warn",
    ),
    Fault(
        "dns.signatures-expired",
        turns_red="dns.signed-zone-validates",
        title="The zone's signatures ended two days ago",
        change=dns(signing=ZoneSigning(hours_old=FOUR_WEEKS_H, hours_left=-48)),
        also=BOGUS,
    ),
    Fault(
        "dns.signatures-expire-soon",
        turns_red="dns.signed-zone-validates",
        title="The zone's signatures end in six hours",
        change=dns(signing=ZoneSigning(hours_left=6)),
    ),
    Fault(
        "dns.wrong-ds",
        turns_red="dns.signed-zone-validates",
        title="The parent's DS record is for another key",
        change=dns(signing=ZoneSigning(parent_knows_key=False)),
        also=BOGUS,
    ),
    Fault(
        "dns.long-ttl",
        turns_red="dns.ttl-allows-cutover",
        title="The shop's record lives a day, and a switch is planned",
        change=name(SHOP, Name(alias=CDN, ttl_s=86_400)),
    ),
)
