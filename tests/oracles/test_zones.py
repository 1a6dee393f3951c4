"""Which delegations are sound: golive's verdict on generated zones, served by BIND, beside Zonemaster's."""

from __future__ import annotations

import os
import random
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from zone_world import DEAD, ELSEWHERE, FIRST, PARENT_HEAD, SECOND, by_golive, by_zonemaster, zones_standing

from golive_checks.domains.delegation import delegation_sound
from golive_checks.domains.name_servers import servers_agree
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import resolution
from golive_checks.systems.dns.client import exchange
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.dns.zone import delegation, server_answers
from golive_checks.systems.machine.client.route import NetworkRoutes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from golive import Verdict
    from golive_checks.systems.dns.client.client import Dns
    from golive_checks.systems.machine.client.route import NetworkRoutes

SEED = 20261204
ALL = 80
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 40
"""Zonemaster takes seconds for a zone."""
MODULES = ("basic", "connectivity", "consistency", "delegation", "nameserver", "zone")

GOLIVE_IS_RIGHT = {
    "old serial": "RFC 1912, section 2.8: a copy that lags serves last week's addresses; Zonemaster notes it",
    "no host": "Zonemaster asks for the zone's own name alone, and not for the host",
    "another address": "as above; both servers are of one operator, whose copies are to be alike",
    "a dead server": "it costs resolvers seconds, and visitors with it; Zonemaster warns",
    "one server of two names": "two others are left; golive warns, Zonemaster calls it an error",
}
"""Kinds of zones that golive judges otherwise than Zonemaster, with the reason."""


@dataclass(frozen=True)
class Case:
    """A zone: the servers its parent names, those it names itself, and what they hold. Names without a dot: its own."""

    name: str
    above: tuple[str, ...] = ("ns1", "ns2")
    own: tuple[str, ...] = ("ns1", "ns2")
    glue: str = "as in the zone"
    second: str = "the same"
    second_at: str = SECOND
    alias: bool = False

    @property
    def zone(self) -> str:
        return f"{self.name}.test"

    def full(self, name: str) -> str:
        return name if "." in name else f"{name}.{self.zone}."


NAMES: list[tuple[str, ...]] = [
    *[("ns1", "ns2")] * 6,
    *[
        ("ns1",),
        ("ns2",),
        ("ns1", "ns2", "ns3"),
        ("ns1", "ns3"),
        ("ns1", "ns.elsewhere.test."),
        ("ns1", "ns2", "gone.elsewhere.test."),
    ],
    *[("ns1", "ns.nowhere.test."), ("ns1", "ns2", "ns.elsewhere.test."), ("ns3",), ("ns.elsewhere.test.", "ns2")],
]
SECONDS = ["the same"] * 5 + ["no zone", "broken", "old serial", "no host", "another address", "other names"]
GLUE = ["as in the zone"] * 6 + ["none", "another server's", "a dead server's", "one more"]


def generated() -> list[Case]:
    of, made = random.Random(SEED), list[Case]()
    for n in range(ALL):
        above = of.choice(NAMES)
        made.append(
            Case(
                f"z{n}",
                above,
                above if of.random() < 0.6 else of.choice(NAMES),
                of.choice(GLUE),
                of.choice(SECONDS),
                FIRST if of.random() < 0.08 else SECOND,
                of.random() < 0.08,
            )
        )
    return made[:: ALL // COUNT]


def addresses(case: Case) -> dict[str, str]:
    return {"ns1": FIRST, "ns2": case.second_at, "ns3": DEAD}


def child(case: Case, *, second: bool) -> str | None:
    """Return the zone's text as one of its servers has it; nothing where that server has no such zone."""
    odd = case.second if second else "the same"
    if odd == "no zone":
        return None
    serial = 7 if odd == "old serial" else 8
    names = ("ns1",) if odd == "other names" else case.own
    lines = ["$TTL 300", f"@ SOA ns1.{case.zone}. hostmaster.{case.zone}. {serial} 14400 3600 1209600 300"]
    lines += [f"@ NS {case.full(name)}" for name in names]
    for name, address in addresses(case).items():
        lines.append("ns2 CNAME alias" if name == "ns2" and case.alias else f"{name} A {address}")
    lines += [f"alias A {case.second_at}"] if case.alias else []
    if odd != "no host":
        lines.append(f"www A {'192.0.2.9' if odd == 'another address' else '192.0.2.1'}")
    if odd == "broken":
        lines = ["@ A nonsense"]
    return "\n".join(lines) + "\n"


def parent(cases: Sequence[Case]) -> str:
    lines = [*PARENT_HEAD]
    for case in cases:
        lines += [f"{case.zone}. NS {case.full(name)}" for name in case.above]
        if case.glue != "none":
            others = {"another server's": {FIRST: SECOND, SECOND: FIRST}, "a dead server's": {SECOND: DEAD}}
            for name, address in addresses(case).items():
                if name in case.above:
                    lines.append(f"{name}.{case.zone}. A {others.get(case.glue, {}).get(address, address)}")
            if case.glue == "one more" and "ns1" in case.above:
                lines.append(f"ns1.{case.zone}. A {DEAD}")
    return "\n".join(lines) + "\n"


@contextmanager
def world(cases: Sequence[Case], folder: Path) -> Iterator[int]:
    """Serve the zones, each at both servers; yield the port of all of them."""
    held = {
        FIRST: {case.zone: text for case in cases if (text := child(case, second=False))},
        SECOND: {
            "elsewhere.test": ELSEWHERE,
            **{case.zone: text for case in cases if (text := child(case, second=True))},
        },
    }
    with zones_standing(folder, parent(cases), held) as port:
        yield port


async def judged(host: Host, client: Dns, routes: NetworkRoutes, ask: DnsSettings) -> list[Verdict]:
    found = await resolution(host, client, ask)
    seen = await delegation(host, client, routes, ask)
    return [delegation_sound(host, seen, found), servers_agree(host, await server_answers(host, seen, client, ask))]


def right(case: Case, ours: Sequence[str]) -> bool:
    """Return whether golive is right where the two differ."""
    if not ours:
        return "one server of two names" in GOLIVE_IS_RIGHT and {"ns1", "ns2", "ns.elsewhere.test."} <= {*case.above}
    return case.second in GOLIVE_IS_RIGHT or all("nothing listens there" in line for line in ours)


def test_delegations_as_zonemaster_sees_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = generated()
    print(f"seed {SEED}, {COUNT} of {ALL} zones")
    with world(cases, tmp_path) as port:
        usual = exchange.parse_endpoint
        monkeypatch.setattr(exchange, "parse_endpoint", lambda text: (usual(text)[0], port))
        ours = by_golive([case.zone for case in cases], port, judged)
        theirs = by_zonemaster([case.zone for case in cases], port, *MODULES)
    wrong = [
        f"{case}\n   Zonemaster: {theirs[case.zone]}\n   golive: {ours[case.zone]}"
        for case in cases
        if bool(ours[case.zone]) != bool(theirs[case.zone]) and not right(case, ours[case.zone])
    ]
    assert not wrong, f"{len(wrong)} of {len(cases)}\n" + "\n".join(wrong)
