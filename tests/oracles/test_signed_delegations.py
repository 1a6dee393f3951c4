"""Signed zones and aliases at a zone's own name: golive's verdict on generated ones, beside Zonemaster's and delv's."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import dns.dnssec
import dns.zone
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from dns.dnssectypes import Algorithm
from signed_zones import NOW, SignedCase, damaged, ds_records, signed
from zone_world import ELSEWHERE, FIRST, PARENT_HEAD, RESOLVER, SECOND, by_golive, by_zonemaster, zones_standing

from golive import Now
from golive_checks.domains.delegation import delegation_sound
from golive_checks.domains.dnssec import Dnssec, signed_zone_validates
from golive_checks.domains.name_servers import servers_agree
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import resolution
from golive_checks.systems.dns.client import exchange
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.dns.dnssec import ABSENT, signed_zone
from golive_checks.systems.dns.zone import delegation, server_answers
from golive_checks.systems.machine.client.route import NetworkRoutes
from golive_lab.parts.process import program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from golive import Verdict
    from golive_checks.systems.dns.client.client import Dns
    from golive_checks.systems.machine.client.route import NetworkRoutes

SEED = 20261206
ALL = 80
COUNT = ALL if os.environ.get("GOLIVE_ALL") else 1
"""Zonemaster takes seconds for a zone."""
MODULES = ("basic", "consistency", "dnssec")
ALIAS = "alias"
"""What becomes of a zone whose own name is a CNAME: its servers answer so whatever they are asked for."""

GOLIVE_IS_RIGHT = {
    "DS01_DS_ALGO_RESERVED": "RFC 4035, section 5.2: a DS with a digest that nobody knows: unsigned; golive warns",
    "DS01_DS_ALGO_DEPRECATED": "RFC 9905: SHA-1 is still validated, and warned about",
    "ALGORITHM_DEPRECATED": "as above",
}
"""What Zonemaster alone calls an error, with the reason why golive does not fail for it."""
SOON_H = 12
"""golive asks that signatures hold for so long; nobody else looks ahead, and on the next day all of them fail."""


ALGORITHMS = [
    *[("ECDSAP256SHA256", 0)] * 4,
    ("ECDSAP384SHA384", 0),
    ("ED25519", 0),
    ("ED448", 0),
    ("RSASHA256", 1024),
    ("RSASHA256", 1280),
    ("RSASHA256", 2048),
    ("RSASHA512", 4096),
    ("RSASHA1", 1024),
    ("RSASHA1", 2048),
    ("NSEC3RSASHA1", 2048),
]
DIGESTS: list[tuple[str, ...]] = [
    *[("SHA256",)] * 6,
    ("SHA1",),
    ("SHA384",),
    ("SHA1", "SHA256"),
    ("of another key",),
    ("SHA256", "of another key"),
    ("unknown digest",),
    ("unknown digest", "SHA256"),
]
DAMAGE = [
    *["none"] * 5,
    "no signature of denial",
    "no signature of SOA",
    "no signature of A",
    "address changed",
    "one span less",
]
SECONDS = [*["the same"] * 6, "no zone", "unsigned", "signed anew", "other keys"]


@dataclass(frozen=True)
class Case:
    """A zone as its first server has it, and how the second one differs."""

    signed: SignedCase
    second: str = "the same"

    @property
    def zone(self) -> str:
        return self.signed.zone


def is_stricter(case: Case) -> bool:
    """Return whether golive may be red alone: signatures end soon, or one of the servers sends what others refuse.

    Zonemaster looks at few names, and delv asks a resolver, which takes the first server that gives a good answer.
    """
    return case.signed.ends_h < SOON_H or (case.signed.damage != "none" and case.second == "signed anew")


def generated() -> list[Case]:
    of, made = random.Random(SEED), list[Case]()
    for n in range(ALL):
        algorithm, bits = of.choice(ALGORITHMS)
        hashed = algorithm == "NSEC3RSASHA1" or (algorithm != "RSASHA1" and of.random() < 0.5)
        one = SignedCase(
            f"z{n}",
            algorithm,
            bits,
            of.choice([0, 0, 1, 5, 50, 100, 150]) if hashed else None,
            hashed and of.random() < 0.2,
            of.choice(["www A 192.0.2.1", "* A 192.0.2.1", "www CNAME web\nweb A 192.0.2.1"]),
            ds=of.choice(DIGESTS),
            damage=of.choice(DAMAGE),
        )
        if of.random() < 0.1:
            one = replace(one, begins_h=-24 * 30, ends_h=of.choice([-72, 6]))
        if of.random() < 0.1:
            one = replace(one, damage=ALIAS, ds=())
        made.append(Case(one, of.choice(SECONDS)))
    return made[:: ALL // COUNT]


HEAD = f"""\
@ SOA ns1 hostmaster 1 14400 3600 1209600 300
@ NS ns1
@ NS ns2
ns1 A {FIRST}
ns2 A {SECOND}
"""


def texts(case: Case, folder: Path) -> tuple[str, str | None, list[str]]:
    """Return a zone as both servers have it, and its DS records."""
    plain = f"$TTL 300\n{HEAD}{case.signed.content}\n"
    zone, key = signed(case.signed, folder / case.zone, HEAD)
    first = damaged(case.signed, zone).to_text(relativize=False)
    second: str | None = first
    if case.second in {"signed anew", "other keys"}:
        key_of = folder / case.zone if case.second == "signed anew" else None
        again, _ = signed(case.signed, folder / f"{case.zone}-2", HEAD, key_of=key_of)
        second = again.to_text(relativize=False)
    elif case.second != "the same":
        second = plain if case.second == "unsigned" else None
    return first, second, ds_records(case.signed, key)


@contextmanager
def world(cases: Sequence[Case], folder: Path) -> Iterator[tuple[int, str]]:
    """Serve the zones; yield the port of all servers, and the key of the zone above."""
    lines = [*PARENT_HEAD]
    first, second = {}, {"elsewhere.test": ELSEWHERE}
    # A zone with a CNAME beside its SOA is one that no server here loads: they are told that it is part of a zone
    # of theirs, and so answer with the CNAME, as those do that allow it.
    aliases = f"$TTL 300\n{HEAD}elsewhere NS ns.elsewhere\nns.elsewhere A {SECOND}\n"
    for case in cases:
        lines += [f"{case.zone}. NS ns{n}.{case.zone}." for n in (1, 2)]
        lines += [f"ns1.{case.zone}. A {FIRST}", f"ns2.{case.zone}. A {SECOND}"]
        if case.signed.damage == ALIAS:
            aliases += f"{case.signed.name} CNAME web.elsewhere.test.\nwww.{case.signed.name} A 192.0.2.1\n"
            aliases += f"ns1.{case.signed.name} A {FIRST}\nns2.{case.signed.name} A {SECOND}\n"
            continue
        one, other, ds = texts(case, folder)
        lines += [f"{case.zone}. DS {each}" for each in ds]
        first[case.zone] = one
        if other is not None:
            second[case.zone] = other
    first["test"] = second["test"] = aliases
    private = ec.generate_private_key(ec.SECP256R1())
    public = dns.dnssec.make_dnskey(private.public_key(), Algorithm.ECDSAP256SHA256, flags=257)
    above = dns.zone.from_text("\n".join(lines) + "\n", origin="test.", relativize=False)
    dns.dnssec.sign_zone(above, keys=[(private, public)], inception=NOW - dt.timedelta(1), lifetime=864000)
    with zones_standing(folder, above.to_text(relativize=False), {FIRST: first, SECOND: second}) as port:
        yield port, public.to_text()


async def judged(host: Host, client: Dns, routes: NetworkRoutes, ask: DnsSettings) -> list[Verdict]:
    found = await resolution(host, client, ask)
    seen = await delegation(host, client, routes, ask)
    keys = await signed_zone(host, seen, client, ask)
    return [
        delegation_sound(host, seen, found),
        servers_agree(host, await server_answers(host, seen, client, ask)),
        signed_zone_validates(host, keys, Now(dt.datetime.now(dt.UTC)), Dnssec()),
    ]


def by_delv(cases: Sequence[Case], port: int, key: str, folder: Path) -> dict[str, list[str]]:
    """Return the questions that delv does not validate, by zone."""
    flags, protocol, algorithm, *data = key.split()
    anchor = folder / "anchor"
    anchor.write_text(f'trust-anchors {{ "test." static-key {flags} {protocol} {algorithm} "{"".join(data)}"; }};\n')

    def refused(name: str, kind: str) -> str:
        argv = [program("delv"), f"@{RESOLVER}", "-p", str(port), "-a", str(anchor), "+root=test", name, kind]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
        said = done.stdout + done.stderr
        return said.strip().splitlines()[-1] if "resolution failed" in said and "ncache" not in said else ""

    return {
        case.zone: [
            f"{kind} of {name}: {why}"
            for name, kind in ((f"www.{case.zone}", "A"), (f"www.{case.zone}", "AAAA"), (f"{ABSENT}.{case.zone}", "A"))
            if (why := refused(name, kind))
        ]
        for case in cases
    }


def test_signed_zones_as_zonemaster_and_delv_see_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = generated()
    print(f"seed {SEED}, {COUNT} of {ALL} zones")
    with world(cases, tmp_path) as (port, key):
        usual = exchange.parse_endpoint
        monkeypatch.setattr(exchange, "parse_endpoint", lambda text: (usual(text)[0], port))
        ours = by_golive([case.zone for case in cases], port, judged)
        validated = by_delv(cases, port, key, tmp_path)
        theirs = by_zonemaster([case.zone for case in cases], port, *MODULES)
    wrong = []
    for case in cases:
        zone = case.zone
        errors = [each for each in theirs[zone] if each.split()[1] not in GOLIVE_IS_RIGHT]
        # Of a zone that counts as unsigned nothing is validated, whatever stands in it.
        ignored = case.signed.ds == ("unknown digest",) and not validated[zone]
        if ours[zone] and not errors and not validated[zone] and not is_stricter(case):
            wrong.append(f"golive alone is red: {case}: {ours[zone]}")
        if not ours[zone] and (validated[zone] or (errors and not ignored)):
            wrong.append(f"golive passes: {case}\n   Zonemaster: {errors}\n   delv: {validated[zone]}")
    assert not wrong, f"{len(wrong)} of {len(cases)}\n" + "\n".join(wrong)
