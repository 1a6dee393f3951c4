"""Do the zone's name servers say the same?"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from golive import Verdict, check, unknown, verdict
from golive_checks.subjects import Host
from golive_checks.systems.dns.client.exchange import SETTLED, DnsReply, Status
from golive_checks.systems.dns.zone import NameServerAnswer, ServerAnswers

ENOUGH = 2
"""Name servers that a zone must have, so that one may be down (RFC 1034, section 4.1)."""
SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
"""Registries below a country's top-level domain, as in `co.uk`."""


def operator(name_server: str) -> str:
    """Tell who runs a name server: the label under which its name is registered, without the numbers at its end.

    Servers of one operator copy one database; those of two are kept in step by other means, at their own pace. An
    operator spreads his names over registries, so that no one of them can take him down: Route 53 gives out
    ns-1.awsdns-01.com, .net, .org and .co.uk, Azure ns1-01.azure-dns.com, .net, .org and .info. So the label counts,
    not the whole registrable domain.
    """
    labels = name_server.lower().rstrip(".").split(".")
    country = 2  # letters of a country's top-level domain (ISO 3166)
    suffix = 2 if len(labels) > ENOUGH and len(labels[-1]) == country and labels[-2] in SECOND_LEVEL else 1
    label = labels[-suffix - 1] if len(labels) > suffix else labels[0]
    return label.rstrip("-0123456789") or label


SECOND_SERVER = "Add a second name server, in another network, to the zone and at the registrar."


@check("dns.servers-agree")
def servers_agree(host: Host, seen: ServerAnswers) -> Verdict:
    """All name servers of the zone answer authoritatively, with the same data.

    Why: Resolvers use any of them. One that does not have the zone or the host, or serves last week's copy, makes the
    host fail for some visitors, some of the time: the hardest outage to find. Serials, record types and CNAME targets
    are compared within one operator, addresses only if a server gives the same ones twice: weighted and geographic
    answers differ by design.

    Fix: Make the lagging server transfer the zone (look for NOTIFY, TSIG or firewall trouble), or take it out of the
    NS records here and at the registrar.

    Source: RFC 1912, section 2.8; Zonemaster's delegation and consistency tests; SOA timers are not judged
    """
    fails = [f"{name} has no address" for name in seen.lost]
    fails += dict.fromkeys(f"{each.server} {word}" for each in seen.said if (word := _lame(each.soa)))
    names = {each.server for each in seen.said} | set(seen.lost)
    places = {each.endpoint for each in seen.said}
    if len(names) < ENOUGH or (len(places) < ENOUGH and not seen.skipped):  # two names of one address fail together
        fails.append(f"{seen.zone} has one name server only: {', '.join(sorted(names))}")
    sound = [each for each in seen.said if each.soa.status is Status.ANSWER and each.soa.authoritative]
    fails += _differences(sound, "on whether the host exists", _existence)
    operators: dict[str, list[NameServerAnswer]] = defaultdict(list)  # providers keep serials of their own
    for each in sound:
        operators[operator(each.server)].append(each)
    for group in operators.values():
        fails += _differences(group, "in the zone's serial", _serial)
        fails += _differences(group, "in what the host is", _nature)
        fails += _differences([each for each in group if _addresses(each, again=True)], "in addresses", _addresses)
    silent = [f"{s.server} ({s.endpoint})" for s in seen.said if s.soa.status in {Status.TIMEOUT, Status.UNREACHABLE}]
    if silent and not fails:
        return unknown(f"{len(silent)} of {len(seen.said)} name servers did not answer: {', '.join(silent)}")
    alone = len(fails) == 1 and "one name server only" in fails[0]
    judged = verdict(
        fails,
        _same_place(seen.said),
        fix=SECOND_SERVER if alone else "",
        ok=f"{len(names)} name servers of {seen.zone} agree",
        evidence=[f"{each.server} ({each.endpoint}): serial {_serial(each) or each.soa.word}" for each in seen.said],
    )
    return replace(judged, unseen=seen.skipped)


def _same_place(said: Sequence[NameServerAnswer]) -> list[str]:
    """Name the name servers that are one and the same, by its address."""
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for each in said:
        names[each.endpoint][each.server] = None
    return [f"{' and '.join(here)} are one server, {place}" for place, here in names.items() if len(here) > 1]


def _lame(soa: DnsReply) -> str:
    """Say why a server that is named for the zone does not serve it; nothing where it does, or where none can tell."""
    if soa.status in {Status.TIMEOUT, Status.UNREACHABLE}:
        return ""
    if soa.status is Status.CLOSED:
        return "is down: nothing listens there"
    if soa.status is not Status.ANSWER:
        return f"does not serve {soa.name}: {soa.word}"
    return "" if soa.authoritative else f"answers for {soa.name} without authority"


def _differences(
    group: Sequence[NameServerAnswer], what: str, describe: Callable[[NameServerAnswer], str]
) -> list[str]:
    """Say who differs, in one line, if not all in the group answer the same."""
    by_word: dict[str, list[str]] = defaultdict(list)
    for each in group:
        if word := describe(each):
            by_word[word].append(each.server)
    if len(by_word) < ENOUGH:
        return []
    shown = "; ".join(f"{', '.join(dict.fromkeys(servers))}: {word}" for word, servers in sorted(by_word.items()))
    return [f"name servers differ {what} ({shown})"]


def _existence(said: NameServerAnswer) -> str:
    statuses = {reply.status for reply in said.first} & SETTLED
    if not statuses:
        return ""
    return "NXDOMAIN" if statuses == {Status.NXDOMAIN} and not said.first[0].records else "it exists"


def _serial(said: NameServerAnswer) -> str:
    soa = said.soa.of("SOA")
    return soa[0].data.split()[2] if soa else ""


def _nature(said: NameServerAnswer) -> str:
    """Tell the CNAME's target, or else which address families there are: those do not depend on who asks."""
    alias = next((reply.aliases[0] for reply in said.first if reply.aliases), "")
    if alias:
        return f"CNAME {alias}"
    if any(reply.status not in {Status.ANSWER, Status.NODATA} for reply in said.first):
        return ""
    return ", ".join(reply.kind for reply in said.first if reply.of(reply.kind)) or "no address"


def _addresses(said: NameServerAnswer, *, again: bool = False) -> str:
    """List the addresses; with `again`, only where the second asking gave the same."""
    first, second = ({r.data for reply in turn for r in reply.of(reply.kind)} for turn in (said.first, said.again))
    return "" if again and first != second else ", ".join(sorted(first))
