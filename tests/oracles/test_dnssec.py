"""Which signed zones validate: golive's verdict on generated zones, signed by BIND's tools, beside unbound's."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import dns.dnssec
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec
from dns.dnssectypes import Algorithm

from golive import Environment, Now, Outcome
from golive_checks.domains.dnssec import Dnssec, signed_zone_validates
from golive_checks.subjects import Host
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.dns.dnssec import ABSENT, signed_zone
from golive_checks.systems.dns.zone import Delegation, NameServer
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_lab.parts.dns.real import _answers
from golive_lab.parts.ports import standing
from golive_lab.parts.process import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from golive import Verdict

SEED = 20261129
ALL = 90
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
LOOPBACK = "127.0.0.1"
NOW = dt.datetime.now(dt.UTC)

UNBOUND = """\
server:
    directory: "{folder}"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    logfile: ""
    interface: 127.0.0.1
    port: {port}
    num-threads: 1
    do-not-query-localhost: no
    module-config: "validator iterator"
    trust-anchor: "{anchor}"
    local-zone: "." refuse
    local-zone: "test." transparent
    aggressive-nsec: no
    infra-cache-max-rtt: 300
    infra-keep-probing: yes
auth-zone:
    name: "test."
    zonefile: "{parent}"
    for-downstream: no
    for-upstream: yes
"""


NAMED = """\
options {{
    directory "{folder}";
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    recursion no;
    pid-file none;
    session-keyfile none;
    dnssec-validation no;
    check-names primary ignore;
}};
controls {{ }};
"""
"""It serves a signed zone as it stands, also where its chain has gaps."""


@dataclass(frozen=True)
class Case:
    """A zone: how it is signed, what stands in it, what its parent vouches for, and what became of it afterwards."""

    name: str
    algorithm: str = "ECDSAP256SHA256"
    bits: int = 0
    iterations: int | None = None
    """Of NSEC3; None: NSEC."""
    opt_out: bool = False
    content: str = "www A 192.0.2.1"
    begins_h: int = -48
    ends_h: int = 24 * 20
    ds: tuple[str, ...] = ("SHA256",)
    damage: str = "none"

    @property
    def zone(self) -> str:
        return f"{self.name}.test"


CONTENTS = [
    "www A 192.0.2.1",
    "www A 192.0.2.1\nwww AAAA 2001:db8::1",
    "www CNAME web\nweb A 192.0.2.1",
    "* A 192.0.2.1",
    "* A 192.0.2.1\nwww A 192.0.2.1",
    "deep.er.www A 192.0.2.1\nwww A 192.0.2.1",
    "*.www A 192.0.2.9\nwww A 192.0.2.1\nzzz A 192.0.2.2",
]
ALGORITHMS = [
    ("ECDSAP256SHA256", 0),
    ("ECDSAP256SHA256", 0),
    ("RSASHA256", 2048),
    ("RSASHA256", 1024),
    ("RSASHA512", 2048),
    ("ED25519", 0),
    ("RSASHA1", 1024),
    ("NSEC3RSASHA1", 2048),
]
DAMAGE = [
    *["none"] * 4,
    "no denial",
    "one span less",
    "no signature of A",
    "no signature of SOA",
    "address changed",
    "no signature of denial",
    "stale signature besides",
]
DIGESTS: list[tuple[str, ...]] = [
    *[("SHA256",)] * 8,
    ("SHA1",),
    ("SHA384",),
    ("SHA1", "SHA256"),
    ("of another key",),
    ("SHA1", "SHA256 of another key"),
    ("SHA256", "SHA1 of another key"),
    ("unknown digest",),
    ("unknown digest", "SHA256"),
]


def generated() -> list[Case]:
    of = random.Random(SEED)
    made = []
    for number in range(ALL):
        algorithm, bits = of.choice(ALGORITHMS)
        hashed = algorithm == "NSEC3RSASHA1" or (algorithm != "RSASHA1" and of.random() < 0.5)
        case = Case(
            f"z{number}",
            algorithm,
            bits,
            of.choice([0, 0, 1, 10, 100, 150]) if hashed else None,
            hashed and of.random() < 0.2,
            of.choice(CONTENTS),
            ds=of.choice(DIGESTS),
            damage=of.choice(DAMAGE),
        )
        if of.random() < 0.15:
            case = replace(case, begins_h=-24 * 30, ends_h=-72)
        elif of.random() < 0.1:
            case = replace(case, begins_h=72)
        made.append(case)
    return made


def _bind_time(hours: int) -> str:
    return f"{NOW + dt.timedelta(hours=hours):%Y%m%d%H%M%S}"


def _signed(case: Case, folder: Path) -> tuple[dns.zone.Zone, Any]:
    """Sign a zone by BIND's tools; return it and its key."""
    folder.mkdir()
    keygen = ["dnssec-keygen", "-q", "-K", str(folder), "-f", "KSK", "-a", case.algorithm]
    keygen += ["-b", str(case.bits)] if case.bits else []
    key = subprocess.run([*keygen, case.zone], capture_output=True, text=True, check=True).stdout.strip()
    lines = ["$TTL 300", "@ SOA ns hostmaster 1 3600 600 604800 300", "@ NS ns", f"ns A {LOOPBACK}", case.content]
    text = "\n".join([*lines, (folder / f"{key}.key").read_text()])
    (folder / "zone").write_text(text + "\n")
    sign = ["dnssec-signzone", "-z", "-P", "-K", str(folder), "-o", case.zone, "-s", _bind_time(case.begins_h)]
    sign += ["-e", _bind_time(case.ends_h), "-f", str(folder / "signed")]
    sign += (
        [] if case.iterations is None else ["-3", "-", "-H", str(case.iterations), *(["-A"] if case.opt_out else [])]
    )
    done = subprocess.run([*sign, str(folder / "zone"), key], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    zone = dns.zone.from_file(str(folder / "signed"), origin=f"{case.zone}.", relativize=False)
    return zone, zone.get_rrset(zone.origin, "DNSKEY")[0]


def _damaged(case: Case, zone: dns.zone.Zone) -> dns.zone.Zone:
    kinds = (dns.rdatatype.NSEC, dns.rdatatype.NSEC3)
    holders = [name for name in zone.nodes if any(zone.get_rdataset(name, kind) for kind in kinds)]
    covers = {
        "no signature of A": [dns.rdatatype.A],
        "no signature of SOA": [dns.rdatatype.SOA],
        "no signature of denial": [*kinds],
    }.get(case.damage, [])
    for name in list(zone.nodes):
        for kind in covers:
            zone.delete_rdataset(name, dns.rdatatype.RRSIG, kind)
        if case.damage == "no denial" or (case.damage == "one span less" and name == max(holders)):
            for kind in kinds:
                zone.delete_rdataset(name, kind)
                zone.delete_rdataset(name, dns.rdatatype.RRSIG, kind)
    for name, ttl, rdata in list(zone.iterate_rdatas("A")):
        if case.damage == "address changed" and rdata.address != LOOPBACK:
            zone.replace_rdataset(name, dns.rdataset.from_text("IN", "A", ttl, "198.51.100.7"))
    if case.damage == "stale signature besides":
        for name, _, rdata in list(zone.iterate_rdatas("RRSIG")):
            zone.find_rdataset(name, "RRSIG", rdata.type_covered).add(rdata.replace(key_tag=1))
    return zone


def _ds(case: Case, key: Any) -> list[str]:
    stranger = dns.dnssec.make_dnskey(ec.generate_private_key(ec.SECP256R1()).public_key(), 13, flags=257)
    anything = dns.dnssec.allow_all_policy
    found = []
    for word in case.ds:
        of = stranger if word.endswith("of another key") else key
        digest = word.split(" ", maxsplit=1)[0] if word.startswith("SHA") else "SHA256"
        text = dns.dnssec.make_ds(f"{case.zone}.", of, digest, policy=anything).to_text()
        if word == "unknown digest":
            tag, algorithm, _, data = text.split()
            text = f"{tag} {algorithm} 250 {data}"
        found.append(text)
    return found


@contextmanager
def world(cases: Sequence[Case], folder: Path) -> Iterator[tuple[str, str]]:
    """Serve the zones by BIND and their parent to unbound; yield where both are."""
    with standing() as place, ExitStack() as up:
        ns, resolver = place.ports.ns1, place.ports.resolver
        parent = [
            "$TTL 300",
            "test. SOA ns.test. hostmaster.test. 1 3600 600 604800 300",
            "test. NS ns.test.",
            f"ns.test. A {LOOPBACK}",
        ]
        stubs, zones = [], []
        for case in cases:
            zone, key = _signed(case, folder / case.name)
            _damaged(case, zone).to_file(str(folder / case.name / "served"), relativize=False)
            parent += [f"{case.zone}. NS ns.{case.zone}.", f"ns.{case.zone}. A {LOOPBACK}"]
            parent += [f"{case.zone}. DS {ds}" for ds in _ds(case, key)]
            stubs.append(f'stub-zone:\n    name: "{case.zone}."\n    stub-addr: {LOOPBACK}@{ns}\n')
            zones.append(f'zone "{case.zone}" {{ type primary; file "{folder / case.name / "served"}"; }};')
        private = ec.generate_private_key(ec.SECP256R1())
        public = dns.dnssec.make_dnskey(private.public_key(), Algorithm.ECDSAP256SHA256, flags=257)
        above = dns.zone.from_text("\n".join(parent) + "\n", origin="test.", relativize=False)
        dns.dnssec.sign_zone(above, keys=[(private, public)], inception=NOW - dt.timedelta(1), lifetime=864000)
        above.to_file(str(folder / "parent"), relativize=False)
        (folder / "named.conf").write_text(NAMED.format(folder=folder, port=ns) + "\n".join(zones))
        (folder / "unbound.conf").write_text(
            UNBOUND.format(
                folder=folder, port=resolver, parent=folder / "parent", anchor=f"test. IN DNSKEY {public.to_text()}"
            )
            + "".join(stubs)
        )
        for argv, port in (
            (["named", "-g", "-c", "named.conf"], ns),
            (["unbound", "-d", "-p", "-c", "unbound.conf"], resolver),
        ):
            argv[-1] = str(folder / argv[-1])
            up.enter_context(running(argv, log=folder / argv[0], ready=lambda port=port: _answers(port)))
        yield f"{LOOPBACK}:{ns}", f"{LOOPBACK}:{resolver}"


def _golive(cases: Sequence[Case], ns: str, resolver: str) -> list[Verdict]:
    ask = DnsSettings(resolvers=(resolver,), timeout_s=30)

    async def judge(client: Dns, case: Case) -> Verdict:
        host = Host(f"www.{case.zone}")
        seen = await signed_zone(host, Delegation(case.zone, (NameServer(f"ns.{case.zone}", (ns,)),)), client, ask)
        # What the resolver makes of it is the oracle's word: golive is to come to it by itself.
        alone = replace(seen, checked=seen.unchecked)
        return signed_zone_validates(host, alone, Now(dt.datetime.now(dt.UTC)), Dnssec())

    async def all_of_them() -> list[Verdict]:
        client = Dns(Pace(RateLimit(), Environment("oracle")))
        found = [await judge(client, case) for case in cases]
        await client.aclose()
        return found

    return asyncio.run(all_of_them())


def _unbound(case: Case, resolver: str) -> list[str]:
    """Return the questions about a zone that unbound answers with SERVFAIL because it validates."""
    host, port = resolver.split(":")
    refused = []
    for name, kind in ((f"www.{case.zone}", "A"), (f"www.{case.zone}", "AAAA"), (f"{ABSENT}.{case.zone}", "A")):
        codes = []
        for flags in (dns.flags.RD, dns.flags.RD | dns.flags.CD):
            answer = dns.query.udp(dns.message.make_query(name, kind, flags=flags), host, timeout=30, port=int(port))
            codes.append(answer.rcode())
        if codes[0] == dns.rcode.SERVFAIL and codes[1] != dns.rcode.SERVFAIL:
            refused.append(f"{kind} of {name}")
    return refused


GOLIVE_IS_RIGHT = {
    ("SHA1", "SHA256 of another key"): "RFC 4509, section 3: beside SHA-256 a SHA-1 digest is ignored, as BIND does",
}
"""DS records on which golive is stricter than unbound, with the source."""


def test_signed_zones_as_unbound_validates_them(tmp_path: Path) -> None:
    cases = generated()
    cases = random.Random(SEED + 1).sample(cases, COUNT)
    differing = []
    with world(cases, tmp_path) as (ns, resolver):
        for case, verdict in zip(cases, _golive(cases, ns, resolver), strict=True):
            refused = _unbound(case, resolver)
            red = verdict.outcome is Outcome.FAIL
            if red != bool(refused) and case.ds not in GOLIVE_IS_RIGHT:
                differing.append(
                    f"{case}\n   unbound refuses {refused}\n   golive: {verdict.outcome} {verdict.summary}"
                )
    assert not differing, f"seed {SEED}: {len(differing)} of {len(cases)}\n" + "\n".join(differing)
