"""DNSSEC's arithmetic: which key a DS record means, and whether a signature is one (RFC 4034, 4035)."""

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from golive import Unavailable
from golive_checks.dated import table
from golive_checks.systems.dns.client.exchange import Record

if TYPE_CHECKING:
    from dns.rdtypes.ANY.RRSIG import RRSIG

_KNOWN = table("dnssec").facts
SHA1_ALGORITHMS = frozenset[int](_KNOWN["sha1_algorithms"])
"""No longer to be signed with, and still validated."""
SUPPORTED_ALGORITHMS = frozenset[int](_KNOWN["algorithms"])
RSA_ALGORITHMS = frozenset[int](_KNOWN["rsa_algorithms"])
SHA1_DIGEST: int = _KNOWN["sha1_digest"]
SUPPORTED_DIGESTS = frozenset[int](_KNOWN["digests"])
MAX_KEYS, MAX_SIGNATURES = 16, 8
"""Looked at for a zone, and for one set of records: a zone that changes its keys has twice as many as usual, one made
to keep validators busy has hundreds of each, all with one tag (CVE-2023-50387)."""


@dataclass(frozen=True)
class Signature:
    """One RRSIG: when it holds and, in `defect`, why it does not verify whatever the time."""

    key_tag: int
    begins: dt.datetime
    ends: dt.datetime
    defect: str = ""


@dataclass(frozen=True, order=True)
class ZoneKey:
    """A DNSKEY: its tag, its algorithm's number, and its size in bits where the algorithm leaves it open (RSA)."""

    tag: int
    algorithm: int
    bits: int = 0


def zone_keys(keys: Sequence[Record]) -> tuple[ZoneKey, ...]:
    """Describe a zone's DNSKEY records."""
    import dns.dnssec
    import dns.rdata
    from dns.rdtypes.ANY.DNSKEY import DNSKEY

    found = []
    for key in keys:
        rdata = dns.rdata.from_text("IN", "DNSKEY", key.data)
        assert isinstance(rdata, DNSKEY)  # noqa: S101 - for the type checker: that is the type asked for
        bits = _rsa_bits(rdata.key) if rdata.algorithm in RSA_ALGORITHMS else 0
        found.append(ZoneKey(dns.dnssec.key_id(rdata), int(rdata.algorithm), bits))
    return tuple(found)


def _rsa_bits(key: bytes) -> int:
    """Return a modulus's length (RFC 3110, section 2): a library that refuses a weak key could not say how weak."""
    length, start = (key[0], 1) if key[:1] != b"\0" else (int.from_bytes(key[1:3]), 3)
    return int.from_bytes(key[start + length :]).bit_length()


def algorithm_and_digest(ds: Record) -> tuple[int, int]:
    """Return the numbers of a DS record's key algorithm and of its digest."""
    _, algorithm, digest, _ = ds.data.split(" ", 3)
    return int(algorithm), int(digest)


def is_supported(ds: Record) -> bool:
    """Return whether validators take up this DS; where they take up none, the zone counts as unsigned."""
    algorithm, digest = algorithm_and_digest(ds)
    return algorithm in SUPPORTED_ALGORITHMS and digest in SUPPORTED_DIGESTS


def keys_meant(zone: str, ds: Sequence[Record], keys: Sequence[Record]) -> tuple[Record, ...]:
    """Pick the DNSKEY records that a DS record is the digest of; one by SHA-1 counts where there is no better one.

    Source: RFC 4509, section 3. unbound takes the SHA-1 one as well, BIND does not.
    """
    import dns.dnssec
    import dns.rdata

    better = [record for record in ds if is_supported(record) and algorithm_and_digest(record)[1] != SHA1_DIGEST]
    wanted = {record.data.replace(" ", "").lower() for record in better or ds}
    found = []
    for key in keys:
        rdata = dns.rdata.from_text("IN", "DNSKEY", key.data)
        for digest in SUPPORTED_DIGESTS:
            made = dns.dnssec.make_ds(f"{zone}.", rdata, digest, validating=True)  # type: ignore[arg-type]  # a DNSKEY
            if made.to_text().replace(" ", "").lower() in wanted:
                found.append(key)
                break
    return tuple(found)


def signatures(
    zone: str, records: Sequence[Record], rrsigs: Sequence[Record], keys: Sequence[Record]
) -> tuple[Signature, ...]:
    """Verify every signature over one set of records with the zone's keys.

    Raises:
        Unavailable: the libraries installed here cannot verify any, or there are too many.
    """
    covering = [r for r in rrsigs if r.name == records[0].name and r.data.split(" ", 1)[0] == records[0].kind]
    if len(keys) > MAX_KEYS or len(covering) > MAX_SIGNATURES:
        raise Unavailable(
            f"{zone} has {len(keys)} keys and {len(covering)} signatures over the {records[0].kind} of"
            f" {records[0].name}, and golive verifies with {MAX_KEYS} and {MAX_SIGNATURES} at most"
        )
    return tuple(_verified(zone, tuple(records), rrsig, tuple(keys)) for rrsig in covering)


@functools.lru_cache(maxsize=1024)  # a zone's servers have the same to verify, and so have its hosts
def _verified(zone: str, records: tuple[Record, ...], rrsig: Record, keys: tuple[Record, ...]) -> Signature:
    import dns.rdata
    from dns.rdtypes.ANY.RRSIG import RRSIG

    signed = dns.rdata.from_text("IN", "RRSIG", rrsig.data)
    assert isinstance(signed, RRSIG)  # noqa: S101 - for the type checker: that is the type asked for
    begins, ends = (dt.datetime.fromtimestamp(second, dt.UTC) for second in (signed.inception, signed.expiration))
    return Signature(signed.key_tag, begins, ends, _defect(zone, records, signed, keys))


def _defect(zone: str, records: tuple[Record, ...], signed: "RRSIG", keys: tuple[Record, ...]) -> str:
    import dns.dnssec
    import dns.exception
    import dns.name
    import dns.rrset

    origin, first = dns.name.from_text(zone), records[0]
    rrset = dns.rrset.from_text(f"{first.name}.", first.ttl, "IN", first.kind, *(record.data for record in records))
    held = dns.rrset.from_text(origin, 0, "IN", "DNSKEY", *(key.data for key in keys))
    if signed.key_tag not in map(dns.dnssec.key_id, held):
        return f"key {signed.key_tag} is not the zone's"
    if signed.algorithm not in SUPPORTED_ALGORITHMS:
        return f"by key {signed.key_tag} it has algorithm {int(signed.algorithm)}, which validators ignore"
    try:
        # Dates are for whoever judges: here it is verified as of the signature's own first second.
        dns.dnssec.validate_rrsig(rrset, signed, {origin: held}, now=signed.inception)
    except dns.exception.ValidationFailure:  # whatever else is raised says nothing about the signature
        return f"by key {signed.key_tag} it does not verify"
    except ImportError:  # dnspython's word for a cryptography that is older than it wants
        reason = "no DNSSEC signature can be verified: dnspython needs another version of cryptography"
        raise Unavailable(reason, fix="pip install --upgrade 'dnspython[dnssec]'", defect=True) from None
    return ""
