"""Which TLS sites are fit for clients: what golive says about generated ones, and which of them clients open."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from typing import TYPE_CHECKING

from tls_clients import by_chromium, by_curl, by_node, by_strict_openssl, root_file
from tls_sites import Site, generated, serving

from golive import Environment, Now, Outcome, Unavailable
from golive_checks.domains.certificates import (
    CertificatePolicy,
    certificate_current,
    certificate_strong,
    certificate_trusted,
)
from golive_checks.domains.tls import modern_versions_offered
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.tls.client.client import Tls, TlsLimits
from golive_checks.systems.tls.client.trust import Roots, Trust
from golive_checks.systems.tls.facts import modern_versions, served_chain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SEED = 20261129
ALL = 330
COUNT = ALL if os.environ.get("GOLIVE_ALL") else 20
RED = {Outcome.FAIL, Outcome.UNKNOWN}

GOLIVE_IS_RIGHT: dict[str, str] = {
    "must staple": "RFC 7633, section 4.2.3.1: Firefox refuses it without a staple; none of these four look",
    "very long life": "https://support.apple.com/en-us/103769: Apple's systems refuse more than 825 days",
}
"""Sites that golive calls red and all of these clients open: by what is odd, with the source."""


def test_golive_is_as_strict_as_the_strictest_client_and_no_stricter_than_all(tmp_path: Path) -> None:
    print(f"seed {SEED}, {COUNT} sites")
    sites = generated(SEED, COUNT)
    with serving(sites, tmp_path) as ports:
        clients = {
            "Chromium": by_chromium(ports, tmp_path),
            "curl": by_curl(ports, tmp_path),
            "Node": by_node(ports, tmp_path),
        }
        ours = asyncio.run(judged(sites, ports, Trust(ca_file=str(root_file(tmp_path)))))
    strict = by_strict_openssl(sites, tmp_path)
    wrong = []
    for site in sites:
        outcome, why = ours[site.name]
        refuse = [name for name, opened in clients.items() if not opened[site.name]]
        if refuse and outcome not in RED:
            wrong.append(f"{site}: {outcome.value}, and {', '.join(refuse)} refuse it")
        elif not strict[site.name] and not site.dual and outcome is Outcome.PASS:
            wrong.append(f"{site}: pass, and OpenSSL refuses it strictly")
        elif not refuse and strict[site.name] and outcome in RED and site.leaf not in GOLIVE_IS_RIGHT:
            wrong.append(f"{site}: {outcome.value} ({why}), and all clients open it")
    assert not wrong, "\n".join(wrong)
    assert {True, False} == {opened for client in clients.values() for opened in client.values()}


async def judged(sites: Sequence[Site], ports: Mapping[str, int], trust: Trust) -> dict[str, tuple[Outcome, str]]:
    tls = Tls(Pace(RateLimit(), Environment("test")), NetworkRoutes(Vantage()), TlsLimits())
    return {site.name: await _judged(site, ports[site.name], tls, trust) for site in sites}


async def _judged(site: Site, port: int, tls: Tls, trust: Trust) -> tuple[Outcome, str]:
    host, now = Host(site.name, port=port), Now(dt.datetime.now(dt.UTC))
    address = Address(f"{site.name}@127.0.0.1", host, "127.0.0.1")
    try:
        seen = await modern_versions(address, tls)
        served = await served_chain(address, seen, Roots(), trust, now)
    except Unavailable as gap:
        return Outcome.UNKNOWN, gap.reason
    verdicts = [
        modern_versions_offered(address, seen, served),
        certificate_trusted(address, host, served),
        certificate_current(address, host, served, CertificatePolicy(), now),
        certificate_strong(address, host, served),
    ]
    if "TLS 1.2 is the best" in verdicts[0].summary:  # advice, which no client gives
        verdicts = verdicts[1:]
    order = (Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN)
    worst = max(verdicts, key=lambda each: order.index(each.outcome))
    return worst.outcome, worst.summary
