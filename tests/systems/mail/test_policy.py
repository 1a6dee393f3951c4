"""The MTA-STS policy as it is fetched: by https, from the one host and path, without following anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from golive import Unavailable
from golive_checks.systems.dns.client.client import DnsSettings
from golive_checks.systems.http.client.message import Access, Endpoint
from golive_checks.systems.http.door import EndpointDoor
from golive_checks.systems.http.other_hosts import OtherHosts
from golive_checks.systems.mail.domain import MailDomain
from golive_checks.systems.mail.policy import StsPolicy, sts_policy
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.asgi import HttpAnswer

POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mx.shop.example\r\nmax_age: 604800\r\n"
FIELDS = (("version", "STSv1"), ("mode", "enforce"), ("mx", "mx.shop.example"), ("max_age", "604800"))
DECLARED = MailDomain("shop.example", domain="shop.example", mta_sts=True)


@dataclass(frozen=True)
class Here(OtherHosts):
    """Opens the policy's host where the test's server listens, which cannot have its port."""

    at: Endpoint | None = None
    public: Trust | None = None
    """The roots that stand for those which the world trusts; none: the world's own."""

    async def door(self, name: str, port: int, **_: Any) -> EndpointDoor:
        assert (name, port) == ("mta-sts.shop.example", 443)
        assert self.at
        assert self.trust == Trust(), "a domain's own roots are not trusted by mail servers"
        return EndpointDoor(self.http, Access(), self.public or self.trust, self.at)


@dataclass(frozen=True)
class Names:
    """What the DNS says of the policy's host."""

    there: bool = True

    async def has_address(self, name: str) -> bool:
        assert name == "mta-sts.shop.example"
        return self.there


async def fetched(site, answer: HttpAnswer | None, *, trusted: bool = True, mail: MailDomain = DECLARED) -> Any:
    """Fetch from a server that gives this answer, or from none; return what was seen, and what was asked."""

    def respond(path: str, _ports: Any) -> HttpAnswer:
        return answer if answer and path == "/.well-known/mta-sts.txt" else HttpAnswer(404, "text/plain", b"")

    async with site(respond) as standing:
        host, address = standing.host, standing.address
        at = Endpoint(host.name, address.ip, host.port if answer else 9)
        public = standing.trust if trusted else None
        others = Here(None, DnsSettings(), standing.http, standing.trust, at, public)  # type: ignore[arg-type]  # no DNS
        return await sts_policy(mail, Names(), others), [path for _, path, _ in standing.asked]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (HttpAnswer(200, "text/plain", POLICY), StsPolicy(200, "", "text/plain", FIELDS)),
        (HttpAnswer(200, "text/plain; charset=utf-8", POLICY), StsPolicy(200, "", "text/plain", FIELDS)),
        (HttpAnswer(200, "text/html", b"<p>hello"), StsPolicy(200, "", "text/html", (("", "<p>hello"),))),
        (HttpAnswer(200, "text/plain", b""), StsPolicy(200, "", "text/plain")),
        (HttpAnswer(404, "text/plain", POLICY), StsPolicy(404, "", "text/plain")),
        (
            HttpAnswer(301, "text/plain", POLICY, (("location", "https://elsewhere.example/"),)),
            StsPolicy(301, "", "text/plain"),
        ),
    ],
)
async def test_the_policy_is_what_the_one_path_answers(site, answer: HttpAnswer, expected: StsPolicy) -> None:
    seen, asked = await fetched(site, answer)
    assert seen == expected
    assert asked == ["/.well-known/mta-sts.txt"]


async def test_a_certificate_that_the_world_does_not_trust_is_seen(site) -> None:
    seen, _ = await fetched(site, HttpAnswer(200, "text/plain", POLICY), trusted=False)
    assert seen.distrust


async def test_a_host_that_nobody_listens_at_answers_nothing(site) -> None:
    assert await fetched(site, None) == (StsPolicy(), [])


async def test_nothing_is_fetched_that_is_not_declared(site) -> None:
    silent = MailDomain("shop.example", domain="shop.example")
    assert await fetched(site, HttpAnswer(200, "text/plain", POLICY), mail=silent) == (StsPolicy(asked=False), [])


async def test_a_host_without_an_address_is_not_asked() -> None:
    others = OtherHosts(None, DnsSettings(), None, Trust())  # type: ignore[arg-type]  # neither is used
    assert await sts_policy(DECLARED, Names(there=False), others) == StsPolicy()  # type: ignore[arg-type]


async def test_a_policy_without_end_is_a_gap(site) -> None:
    with pytest.raises(Unavailable):
        await fetched(site, HttpAnswer(200, "text/plain", b"mx: a.example\n" * 1_000_000))
