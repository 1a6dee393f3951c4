"""All addresses of a host that a URL names, or why they are not known."""

from __future__ import annotations

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from golive import Environment, Unavailable
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.http.other_hosts import MAX_ADDRESSES, OtherHosts
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_lab.parts.dns.demo import serving
from golive_lab.parts.ports import standing

FOUR, SIX = ("192.0.2.1",), ("2001:db8::1",)
MANY = tuple(f"192.0.2.{n}" for n in range(1, MAX_ADDRESSES + 2))


async def addresses(four: tuple[str, ...] | None, six: tuple[str, ...] | None) -> list[str]:
    """Ask a resolver that has these for A and AAAA; None is SERVFAIL."""

    def answer(query: dns.message.Message, response: dns.message.Message) -> None:
        question = query.question[0]
        kind, records = ("AAAA", six) if question.rdtype == dns.rdatatype.AAAA else ("A", four)
        if records is None:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif records:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *records))

    with standing() as place:
        async with serving(place.ports.spare[0], answer):
            resolvers = DnsSettings(resolvers=(f"127.0.0.1:{place.ports.spare[0]}",))
            dns_client = Dns(Pace(RateLimit(), Environment("x")))
            return await OtherHosts(dns_client, resolvers, None, None).addresses("a.test")  # type: ignore[arg-type]  # no HTTP


async def test_those_of_both_families_are_returned() -> None:
    assert await addresses(FOUR, SIX) == [*FOUR, *SIX]
    assert await addresses(FOUR, ()) == [*FOUR]
    assert await addresses((), ()) == []


@pytest.mark.parametrize(("four", "six", "kind"), [(None, SIX, "A"), (FOUR, None, "AAAA"), (None, None, "A")])
async def test_what_a_resolver_cannot_say_is_not_that_there_is_none(
    four: tuple[str, ...] | None, six: tuple[str, ...] | None, kind: str
) -> None:
    with pytest.raises(Unavailable, match=f"the resolver says SERVFAIL to {kind} of a.test"):
        await addresses(four, six)


async def test_more_than_are_looked_at_are_not_cut() -> None:
    with pytest.raises(Unavailable, match=f"has {len(MANY)} addresses"):
        await addresses(MANY, ())
