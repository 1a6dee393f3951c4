"""Does every host resolve, to addresses the world can reach, with records that may be switched when the time comes?"""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from golive import Settings, Severity, Unavailable, Verdict, check, failed, not_applicable, passed, unknown, verdict
from golive.wording import duration
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import (
    FAMILIES,
    Address,
    AddressPolicy,
    AliasChain,
    Resolution,
    is_public,
    plain,
)
from golive_checks.systems.dns.client.exchange import MAX_HOPS, UNSEEN, DnsReply, Status
from golive_checks.systems.dns.zone import ServerAnswers


class Cutover(Settings):
    """A switch of the host's records to other addresses, on the day of the release or soon after."""

    home: ClassVar[str] = "domains.cutover"

    max_ttl_s: int | None = Field(default=None, ge=1)
    """The longest that resolvers may go on giving out the old records; unset: no switch is planned."""


OTHER_FIXES = {
    Status.NXDOMAIN: "",
    Status.SERVFAIL: "Fix the zone, not the record: see dns.servers-agree and dns.signed-zone-validates.",
    Status.REFUSED: "Name resolvers that serve this machine under dns.resolvers.",
}
"""How to fix what a missing record is not the cause of; nothing where it is."""


@check("dns.resolves", severity=Severity.CRITICAL)
def resolves(host: Host, seen: Resolution) -> Verdict:
    """Every host has an address through every resolver.

    Why: A host without an address is down for everyone. NXDOMAIN means that the name does not exist, NODATA that it has
    other records but no address, SERVFAIL that its name servers are broken or that DNSSEC validation fails, REFUSED
    that the resolver does not answer this machine.

    Fix: Create an A (and AAAA) record for the host, or a CNAME to a name that has one, in the zone's own name servers.

    Source: RFC 1034, section 4.3; RFC 4074 for servers that fail at AAAA alone
    """
    addresses = sorted({record.data for reply in seen.replies for record in reply.of(reply.kind)})
    fails = [*_by_answer(seen.replies, {Status.NXDOMAIN, Status.SERVFAIL}), *_without_address(seen.replies)]
    # A resolver that turns us away says nothing of the host: that fails only where no other one has an answer.
    turned_away = _by_answer(seen.replies, {Status.REFUSED, Status.ERROR, Status.GARBAGE})
    silent = _by_answer(seen.replies, UNSEEN)
    if not addresses and not fails:
        fails = turned_away
    unheard = [kind for kind in FAMILIES if all(r.status in UNSEEN for r in seen.replies if r.kind == kind)]
    if unheard and not fails:
        return unknown(f"no resolver answers for {' and '.join(unheard)}", *silent)
    statuses = {reply.status for reply in seen.replies}
    judged = verdict(
        fails,
        [] if fails else turned_away,
        fix=next((fix for status, fix in OTHER_FIXES.items() if status in statuses), "")
        if fails or turned_away
        else "",
        ok=f"resolves to {', '.join(addresses)}",
        evidence=[f"addresses: {', '.join(addresses)}"] if fails and addresses else [],
    )
    return replace(judged, unseen=tuple(silent))


def _by_answer(replies: Iterable[DnsReply], statuses: Iterable[Status]) -> list[str]:
    """Tell which resolvers said one of these, a line for each resolver and word."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for reply in replies:
        if reply.status in statuses:
            kinds.setdefault((reply.server, reply.word), []).append(reply.kind)
    return [f"{word} for {' and '.join(kind)} from resolver {server}" for (server, word), kind in kinds.items()]


def _without_address(replies: Iterable[DnsReply]) -> list[str]:
    """Tell which resolvers know the name but have no address of either family for it."""
    by_server: dict[str, list[Status]] = {}
    for reply in replies:
        by_server.setdefault(reply.server, []).append(reply.status)
    bare = [server for server, statuses in by_server.items() if set(statuses) == {Status.NODATA}]
    return [f"the name exists but has neither A nor AAAA (NODATA) from resolver {server}" for server in bare]


@check("dns.addresses-public")
def addresses_public(address: Address, ask: AddressPolicy) -> Verdict:
    """Every address is publicly reachable.

    Why: A private, loopback or link-local address among the answers works only in the office; the visitors who get that
    answer see an outage. It also gives away how the internal network is numbered.

    Fix: Remove the record, or, if it is meant (a VPN, a test), list the network under domains.addresses.allow.

    Source: IANA's registries of special-purpose addresses (RFC 6890)
    """
    ip = plain(address.ip)
    if network := ask.allows(address.ip):
        return passed(f"{ip} is in {network}, which the profile allows")
    if is_public(address.ip):
        return passed(f"{ip} is public")
    kinds = {
        "an unspecified address": ip.is_unspecified,
        "a loopback address": ip.is_loopback,
        "a link-local address": ip.is_link_local,
        "a multicast address": ip.is_multicast,
        "a private address": ip.is_private,
    }
    kind = next((word for word, holds in kinds.items() if holds), "no public address")
    return failed(f"{address.host.name} has {ip}, {kind}")


@check("dns.alias-lives")
def alias_lives(host: Host, seen: AliasChain) -> Verdict:
    """Every CNAME leads to an address.

    Why: A CNAME whose target is gone takes the host down. If the target was at a hosting provider, whoever registers it
    there next controls the host: that is how subdomains are taken over.

    Fix: Point the CNAME at a name that exists, or remove it.

    Source: RFC 1034, section 3.6.2
    """
    path = " -> ".join((host.name, *seen.targets))
    if not seen.targets:
        return not_applicable("it is no alias: it has no CNAME")
    if seen.endless:
        why = "it leads back to itself" if seen.endless == "loop" else f"it has more than {MAX_HOPS} hops"
        return failed(f"the CNAME chain never ends: {why}", path)
    if any(reply.status is Status.ANSWER for reply in seen.ends):
        return passed(f"the alias ends in an address: {path}")
    words = dict.fromkeys(reply.word for reply in seen.ends)
    return failed(f"its CNAME leads to {seen.targets[-1]}: {', '.join(words)}", path)


@check("dns.ttl-allows-cutover", severity=Severity.MEDIUM)
def ttl_allows_cutover(host: Host, seen: ServerAnswers | Unavailable, ask: Cutover) -> Verdict:
    """The TTLs of the host's records are short enough for the planned switch.

    Why: Resolvers keep giving out the old address until the record's TTL has passed. With a TTL of a day, a switch
    takes a day, and so does reverting it.

    Fix: Lower the TTL at least one old TTL before the switch; raise it again afterwards.

    Source: RFC 1035, section 3.2.1
    """
    if ask.max_ttl_s is None:
        return not_applicable("no switch of its records is declared (domains.cutover.max_ttl_s)")
    if isinstance(seen, Unavailable):
        return unknown(seen.reason, fix=seen.fix)
    own = {
        (record.kind, record.ttl)
        for answer in seen.said
        for reply in answer.first
        for record in reply.records
        if record.name == host.name and record.kind != "RRSIG"
    }
    if not own:
        return unknown("no name server of its zone has a record for it")
    fails = [
        f"{kind} has a TTL of {duration(ttl)}; the switch allows {duration(ask.max_ttl_s)}" for kind, ttl in sorted(own)
    ]
    fails = [fail for fail, (_, ttl) in zip(fails, sorted(own), strict=True) if ttl > ask.max_ttl_s]
    return verdict(fails, ok=f"TTL {duration(max(ttl for _, ttl in own))}, the limit is {duration(ask.max_ttl_s)}")
