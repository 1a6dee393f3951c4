"""DNSSEC's proof that a name or a type does not exist (RFC 4035, section 5.4; RFC 5155, section 8)."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from golive_checks.systems.dns.client.exchange import DnsReply, Record, Status

if TYPE_CHECKING:
    from dns.name import Name

MAX_ITERATIONS = 500
"""Hashing that validators no longer do: they answer SERVFAIL or take the zone for unsigned (RFC 9276, section 3.2)."""


@dataclass(frozen=True)
class Denial:
    """What a name server proves of a question that has no answer, or one by a wildcard.

    `gap` says which part of the proof is missing; empty where a validator is content.
    """

    server: str
    name: str
    kind: str
    status: Status
    by: Literal["", "NSEC", "NSEC3"] = ""
    iterations: int = 0
    gap: str = ""


class _Proof(Protocol):
    """NSEC or NSEC3 records, asked the same questions."""

    iterations: int

    def covers(self, name: "Name") -> bool:
        """Return whether a record proves that nothing stands at this name."""

    def types_at(self, name: "Name") -> frozenset[int] | None:
        """Return the types that a name has, None where no record is of it."""

    def encloser(self, name: "Name", zone: "Name") -> "Name | None":
        """Return the closest name above `name` that is proven to exist."""


def denial(server: str, zone: str, reply: DnsReply, *, wildcard: bool = False) -> Denial:
    """Look for the proof of an answer that says no, or with `wildcard` of one that a wildcard gave."""
    import dns.name
    import dns.rdatatype

    name = reply.aliases[-1] if reply.aliases else reply.name
    proof, by = _proof(reply.authority)
    if proof is None:
        return Denial(server, name, reply.kind, reply.status, gap="there is neither an NSEC nor an NSEC3 record")
    if proof.iterations > MAX_ITERATIONS:
        gap = f"its NSEC3 records are hashed {proof.iterations} times more, which no validator does"
        return Denial(server, name, reply.kind, reply.status, by, proof.iterations, gap)
    of, origin = dns.name.from_text(name), dns.name.from_text(zone)
    if wildcard:
        gap = _absent(proof, of, origin)
    elif reply.status is Status.NXDOMAIN:
        gap = _no_name(proof, of, origin)
    else:
        gap = _no_type(proof, of, origin, dns.rdatatype.from_text(reply.kind))
    return Denial(server, name, reply.kind, reply.status, by, proof.iterations, gap)


def _absent(proof: _Proof, name: "Name", zone: "Name") -> str:
    above = proof.encloser(name, zone)
    if proof.covers(name):
        return ""
    if above is None:
        return f"nothing proves which name above {_shown(name)} exists"
    below = name.split(len(above) + 1)[1]
    return "" if proof.covers(below) else f"nothing proves that {_shown(below)} does not exist"


def _no_name(proof: _Proof, name: "Name", zone: "Name") -> str:
    if gap := _absent(proof, name, zone):
        return gap
    above = proof.encloser(name, zone)
    wildcard = _wildcard(above or zone)
    return "" if proof.covers(wildcard) else f"nothing proves that there is no wildcard {_shown(wildcard)}"


def _no_type(proof: _Proof, name: "Name", zone: "Name", kind: int) -> str:
    import dns.rdatatype

    types = proof.types_at(name)
    if types is None:
        if _absent(proof, name, zone):
            return f"nothing proves which types {_shown(name)} has"
        types = proof.types_at(_wildcard(proof.encloser(name, zone) or zone))
        if types is None:
            return f"nothing proves which types {_shown(name)} has"
    if kind in types or dns.rdatatype.CNAME in types:
        return f"its own proof says that {_shown(name)} has such a record"
    return ""


def _wildcard(above: "Name") -> "Name":
    import dns.name

    return dns.name.Name((b"*", *above.labels))


def _shown(name: "Name") -> str:
    return name.to_text(omit_final_dot=True)


def _proof(authority: Sequence[Record]) -> tuple[_Proof | None, Literal["", "NSEC", "NSEC3"]]:
    if hashed := [r for r in authority if r.kind == "NSEC3"]:
        return _Hashed(hashed), "NSEC3"
    if plain := [r for r in authority if r.kind == "NSEC"]:
        return _Plain(plain), "NSEC"
    return None, ""


def _types(windows: Sequence[tuple[int, bytes]]) -> frozenset[int]:
    """Read a bitmap of types (RFC 4034, section 4.1.2)."""
    return frozenset(
        window * 256 + place * 8 + bit
        for window, bitmap in windows
        for place, byte in enumerate(bitmap)
        for bit in range(8)
        if byte & (0x80 >> bit)
    )


class _Plain:
    """NSEC records: each names the next name of the zone."""

    iterations = 0

    def __init__(self, records: Sequence[Record]) -> None:
        import dns.name
        import dns.rdata
        from dns.rdtypes.ANY.NSEC import NSEC

        self._spans: list[tuple[Name, Name, frozenset[int]]] = []
        for record in records:
            data = dns.rdata.from_text("IN", "NSEC", record.data)
            assert isinstance(data, NSEC)  # noqa: S101 - for the type checker: that is the type asked for
            self._spans.append((dns.name.from_text(record.name), data.next, _types(data.windows)))

    def covers(self, name: "Name") -> bool:
        return any(
            first < name and (name < following or following <= first) and not following.is_subdomain(name)
            for first, following, _ in self._spans
        )

    def types_at(self, name: "Name") -> frozenset[int] | None:
        for first, following, types in self._spans:
            if first == name:
                return types
            if first < name and following.is_subdomain(name):
                return frozenset()  # an empty non-terminal: it exists for what stands below it
        return None

    def encloser(self, name: "Name", zone: "Name") -> "Name | None":
        spans = [(first, following) for first, following, _ in self._spans if first < name]
        shared = [name.fullcompare(end)[2] for span in spans for end in span]
        most = max(shared, default=len(zone))
        return name.split(max(most, len(zone)))[1] if most < len(name) else name


class _Hashed:
    """NSEC3 records: each names the next hash."""

    def __init__(self, records: Sequence[Record]) -> None:
        import dns.rdata
        from dns.rdtypes.ANY.NSEC3 import NSEC3

        self._spans: list[tuple[str, str, frozenset[int]]] = []
        self._hashes: dict[Name, str] = {}
        for record in records:
            data = dns.rdata.from_text("IN", "NSEC3", record.data)
            assert isinstance(data, NSEC3)  # noqa: S101 - for the type checker: that is the type asked for
            following = base64.b32hexencode(data.next).decode().lower()
            self._spans.append((record.name.split(".")[0], following, _types(data.windows)))
            self.iterations, self._salt = data.iterations, data.salt

    def _hash(self, name: "Name") -> str:
        import dns.dnssec

        if name not in self._hashes:
            self._hashes[name] = dns.dnssec.nsec3_hash(name, self._salt, self.iterations, 1).lower()
        return self._hashes[name]

    def covers(self, name: "Name") -> bool:
        hashed = self._hash(name)
        return any(
            first < hashed < following if first < following else hashed > first or hashed < following
            for first, following, _ in self._spans
        )

    def types_at(self, name: "Name") -> frozenset[int] | None:
        hashed = self._hash(name)
        return next((types for first, _, types in self._spans if first == hashed), None)

    def encloser(self, name: "Name", zone: "Name") -> "Name | None":
        for labels in range(len(name) - 1, len(zone) - 1, -1):
            above = name.split(labels)[1]
            if self.types_at(above) is not None:
                return above
        return None
