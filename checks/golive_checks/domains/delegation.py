"""Does the zone above send the world to the zone's own name servers?"""

from golive import Severity, Unavailable, Verdict, check, not_applicable, unknown, verdict
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Resolution, is_public
from golive_checks.systems.dns.zone import Delegation

ELSEWHERE = "Run golive where port 53 of the parent zone's name servers can be reached."


@check("dns.delegation-sound", severity=Severity.HIGH)
def delegation_sound(host: Host, seen: Delegation, found: Resolution | Unavailable) -> Verdict:
    """The parent zone and the zone itself name the same name servers, and none of those names is an alias.

    Why: Resolvers start at the parent (the registry, for most zones). Everyone queries a server that only the parent
    still names, and nobody maintains it: once it is gone, or somebody else registers its name, lookups fail or get an
    attacker's answers. A server that only the zone names is seldom queried.

    Fix: Make the NS records at the registrar (or in the parent zone) and those in the zone the same list of names with
    A or AAAA records of their own, with glue that has the same addresses.

    Source: RFC 1034, section 4.2.2; RFC 2181, section 10.3; Zonemaster's delegation tests
    """
    parent = seen.parent
    fails = [f"{s.name} is an alias of {s.alias}: a name server's name may not be" for s in seen.servers if s.alias]
    if seen.apex_alias:
        fails.append(f"{seen.zone} is an alias of {seen.apex_alias}: at a zone's own name that hides all its records")
    if parent.gap:
        gap = f"the servers that {seen.zone} is delegated to were not seen: {parent.gap}"
        return verdict(fails, ok="") if fails else unknown(gap, fix=ELSEWHERE)
    if not parent.names:
        if not fails and _is_private(found):
            return not_applicable(f"{parent.zone} does not delegate {seen.zone}, and the host has no public address")
        fails.append(f"{parent.zone} does not delegate {seen.zone}: only resolvers that are set up for it find it")
        return verdict(fails, ok="")
    own = seen.own or parent.names
    if more := sorted({*parent.names} - {*own}):
        fails.append(f"{parent.zone} names {', '.join(more)} for {seen.zone}, which the zone itself does not")
    fails += _other_addresses(seen)
    fewer = sorted({*own} - {*parent.names})
    warns = [f"{seen.zone} names {', '.join(fewer)}, which {parent.zone} does not"] if fewer else []
    if fewer and len(parent.names) == 1:  # nobody asks the others before this one has answered
        fails.append(f"{parent.zone} names {parent.names[0]} alone for {seen.zone}, which names {len(own)} itself")
    return verdict(
        fails,
        warns,
        ok=f"{parent.zone} delegates {seen.zone} to the {len(own)} name servers that it names itself",
        evidence=[f"{parent.zone}: {', '.join(parent.names)}", f"{seen.zone}: {', '.join(seen.own)}"],
    )


def _is_private(found: Resolution | Unavailable) -> bool:
    """Return whether the host has addresses, and none that the world can reach."""
    if isinstance(found, Unavailable):
        return False
    addresses = [record.data for reply in found.replies for record in reply.of(reply.kind)]
    return bool(addresses) and not any(is_public(address) for address in addresses)


def _other_addresses(seen: Delegation) -> list[str]:
    """Say where the parent sends resolvers to other addresses than a name server of the zone's own has."""
    fails = []
    for server in seen.servers:
        glue = sorted({record.data for record in seen.parent.glue if record.name == server.name})
        if glue and server.addresses and not {*glue} <= {*server.addresses}:
            other = ", ".join(sorted({*glue} - {*server.addresses}))
            fails.append(f"{seen.parent.zone} gives {other} for {server.name}, which has {', '.join(server.addresses)}")
    return fails
