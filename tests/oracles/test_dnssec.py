"""Which signed zones validate: golive's verdict on generated zones, signed by BIND's tools, beside unbound's."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import dns.dnssec
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec
from dns.dnssectypes import Algorithm
from signed_zones import LOOPBACK, NOW, SignedCase, damaged, ds_records, signed

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


def generated() -> list[SignedCase]:
    of = random.Random(SEED)
    made = []
    for number in range(ALL):
        algorithm, bits = of.choice(ALGORITHMS)
        hashed = algorithm == "NSEC3RSASHA1" or (algorithm != "RSASHA1" and of.random() < 0.5)
        case = SignedCase(
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


@contextmanager
def world(cases: Sequence[SignedCase], folder: Path) -> Iterator[tuple[str, str]]:
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
            zone, key = signed(case, folder / case.name)
            damaged(case, zone).to_file(str(folder / case.name / "served"), relativize=False)
            parent += [f"{case.zone}. NS ns.{case.zone}.", f"ns.{case.zone}. A {LOOPBACK}"]
            parent += [f"{case.zone}. DS {ds}" for ds in ds_records(case, key)]
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


def _golive(cases: Sequence[SignedCase], ns: str, resolver: str) -> list[Verdict]:
    ask = DnsSettings(resolvers=(resolver,), timeout_s=30)

    async def judge(client: Dns, case: SignedCase) -> Verdict:
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


def _unbound(case: SignedCase, resolver: str) -> list[str]:
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
