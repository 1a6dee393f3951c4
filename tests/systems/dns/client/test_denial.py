"""What counts as a proof of "no", on records by hand; tests/oracles/test_dnssec.py asks unbound about whole zones."""

import pytest

from golive_checks.systems.dns.client.denial import denial
from golive_checks.systems.dns.client.exchange import DnsReply, Record, Status

ZONE = "example.com"


def reply(status: Status, *authority: tuple[str, str], name: str = f"no.{ZONE}", kind: str = "A") -> DnsReply:
    records = tuple(Record(owner, data.split(" ", 1)[0], 300, data.split(" ", 1)[1]) for owner, data in authority)
    return DnsReply("192.0.2.1", name, kind, status, authority=records)


APEX, WWW = (ZONE, "NSEC b.example.com. SOA NS RRSIG"), ("b.example.com", "NSEC www.example.com. A RRSIG NSEC")
CASES = {
    "name and wildcard covered": (reply(Status.NXDOMAIN, APEX, WWW), ""),
    "by one span": (reply(Status.NXDOMAIN, (ZONE, "NSEC www.example.com. SOA")), ""),
    "by the last span": (reply(Status.NXDOMAIN, (ZONE, "NSEC example.com. SOA")), ""),
    "no records": (reply(Status.NXDOMAIN), "neither an NSEC nor an NSEC3"),
    "the name is not covered": (reply(Status.NXDOMAIN, APEX), "nothing proves that no.example.com does not exist"),
    "the wildcard is not covered": (reply(Status.NXDOMAIN, WWW), "no wildcard *.example.com"),
    "no such type": (reply(Status.NODATA, ("no.example.com", "NSEC z.example.com. MX")), ""),
    "its own proof has the type": (reply(Status.NODATA, ("no.example.com", "NSEC z.example.com. A")), "says that"),
    "its own proof has an alias": (reply(Status.NODATA, ("no.example.com", "NSEC z.example.com. CNAME")), "says that"),
    "an empty non-terminal": (reply(Status.NODATA, (ZONE, "NSEC a.no.example.com. SOA")), ""),
    "a wildcard without the type": (
        reply(Status.NODATA, ("*.example.com", "NSEC a.example.com. MX"), WWW),
        "",
    ),
    "another name's types": (reply(Status.NODATA, APEX), "nothing proves which types"),
    "a compact denial": (reply(Status.NODATA, ("no.example.com", "NSEC \\000.no.example.com. RRSIG NSEC TYPE128")), ""),
    "hashed too often": (
        reply(
            Status.NXDOMAIN,
            ("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.com", "NSEC3 1 0 501 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A"),
        ),
        "hashed 501 times",
    ),
}


@pytest.mark.parametrize(("said", "gap"), CASES.values(), ids=CASES)
def test_a_proof(said: DnsReply, gap: str) -> None:
    found = denial("ns1", ZONE, said).gap
    assert gap in found
    assert bool(gap) == bool(found)
