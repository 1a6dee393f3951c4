"""Zones signed by BIND's tools, and what becomes of them afterwards."""

from __future__ import annotations

import datetime as dt
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dns.dnssec
import dns.rdatatype
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK = "127.0.0.1"
NOW = dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class SignedCase:
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


def _bind_time(hours: int) -> str:
    return f"{NOW + dt.timedelta(hours=hours):%Y%m%d%H%M%S}"


HEAD = f"@ SOA ns hostmaster 1 3600 600 604800 300\n@ NS ns\nns A {LOOPBACK}\n"


def signed(
    case: SignedCase, folder: Path, head: str = HEAD, *, key_of: Path | None = None
) -> tuple[dns.zone.Zone, Any]:
    """Sign a zone by BIND's tools, with a key of its own or that of another folder; return it and the key."""
    folder.mkdir()
    keys = key_of or folder
    keygen = ["dnssec-keygen", "-q", "-K", str(keys), "-f", "KSK", "-a", case.algorithm]
    keygen += ["-b", str(case.bits)] if case.bits else []
    if key_of:
        key = next(keys.glob("*.key")).stem
    else:
        key = subprocess.run([*keygen, case.zone], capture_output=True, text=True, check=True).stdout.strip()
    text = "\n".join([f"$TTL 300\n{head}{case.content}", (keys / f"{key}.key").read_text()])
    (folder / "zone").write_text(text + "\n")
    sign = ["dnssec-signzone", "-z", "-P", "-K", str(keys), "-o", case.zone, "-s", _bind_time(case.begins_h)]
    sign += ["-e", _bind_time(case.ends_h), "-f", str(folder / "signed")]
    sign += (
        [] if case.iterations is None else ["-3", "-", "-H", str(case.iterations), *(["-A"] if case.opt_out else [])]
    )
    done = subprocess.run([*sign, str(folder / "zone"), key], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    zone = dns.zone.from_file(str(folder / "signed"), origin=f"{case.zone}.", relativize=False)
    return zone, zone.get_rrset(zone.origin, "DNSKEY")[0]


def damaged(case: SignedCase, zone: dns.zone.Zone) -> dns.zone.Zone:
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
        if case.damage == "address changed" and not rdata.address.startswith("127."):
            zone.replace_rdataset(name, dns.rdataset.from_text("IN", "A", ttl, "198.51.100.7"))
    if case.damage == "stale signature besides":
        for name, _, rdata in list(zone.iterate_rdatas("RRSIG")):
            zone.find_rdataset(name, "RRSIG", rdata.type_covered).add(rdata.replace(key_tag=1))
    return zone


def ds_records(case: SignedCase, key: Any) -> list[str]:
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
