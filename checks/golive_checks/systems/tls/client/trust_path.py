"""Whether the certificates that a server sends lead to a trusted root, and if not, why (RFC 5280, section 6)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import TYPE_CHECKING

from golive_checks.dated import table
from golive_checks.systems.tls.client import name_constraints
from golive_checks.systems.tls.client.certificates import (
    Certificate,
    access,
    common_name,
    extension,
    read,
    serves,
    signed,
    text,
)
from golive_checks.systems.tls.client.name_constraints import canonical
from golive_checks.systems.tls.client.strictness import Breach, not_strict, not_understood

if TYPE_CHECKING:
    from cryptography import x509

MAX_DEPTH = 8
MAX_SIGNATURES = 40
"""Signatures verified for one chain, however many certificates of one name a server sends."""
SOUND = frozenset(table("browsers").facts["hashes"])
LEAST_RSA_BITS: int = table("browsers").facts["least_rsa_bits"]


class Obstacle(StrEnum):
    """Why clients find no way from a certificate to a root that they trust."""

    LEAF_EXTENSION = auto()
    """The leaf has a critical extension that some client does not know: `detail` is its number."""
    SELF_SIGNED = auto()
    OTHER_ROOT = auto()
    """The chain ends in `name`, a root that is not trusted."""
    INCOMPLETE = auto()
    """`detail`, the issuer of `name`, is neither sent nor trusted; `url` is where it can be fetched."""
    OWN_ROOT = auto()
    """It leads to `name`, a root that this machine trusts and Mozilla does not."""
    # What is wrong with `name`, a CA that did sign the certificate below it:
    EXPIRED = auto()
    NOT_YET_VALID = auto()
    NO_CA = auto()
    MAY_NOT_SIGN = auto()
    TOO_DEEP = auto()
    NOT_FOR_SERVERS = auto()
    NOT_FOR_NAMES = auto()
    CA_EXTENSION = auto()


@dataclass(frozen=True)
class Broken:
    """Where a path breaks: the certificate's common name, and a day, number or name that goes with it."""

    by: Obstacle
    name: str = ""
    detail: str = ""
    url: str = ""


class Oddity(StrEnum):
    """What some clients put up with in a chain, and others may not."""

    OUT_OF_ORDER = auto()
    NOT_PART = auto()
    """`count` of the certificates are not part of the chain."""
    NOT_STRICT = auto()
    """`name` breaks a rule that strict clients hold it to."""


@dataclass(frozen=True)
class Odd:
    """Something odd about a chain that leads to a root all the same."""

    how: Oddity
    count: int = 0
    name: str = ""
    breach: Breach | None = None


@dataclass(frozen=True)
class Found:
    """What a search for a trusted root came to: the path, leaf first and the root last, or where it breaks."""

    broken: Broken | None = None
    oddities: tuple[Odd, ...] = ()
    root: str = ""
    public: bool = False
    path: tuple[Certificate, ...] = ()


def find_path(
    sent: "Sequence[x509.Certificate]",
    trusted: "Sequence[x509.Certificate]",
    public: "Sequence[x509.Certificate]",
    at: dt.datetime,
) -> Found:
    """Look for a path from the leaf, `sent[0]`, through what was sent to a trusted root.

    Browsers take a path without weak signatures and keys where there is one, so that is looked for first. OpenSSL
    takes the first one that it finds, and so curl and Node do: where a weak certificate lies on that, it counts.
    """
    if oid := not_understood(sent[0]):
        return Found(Broken(Obstacle.LEAF_EXTENSION, detail=oid))
    path = _Search(sent, trusted, at, weak=False).path((sent[0],))
    if path is None:
        search = _Search(sent, trusted, at, weak=True)
        path = search.path((sent[0],))
    if path is None:
        return Found(search.reason())
    if any(not _signed_soundly(each) or not _strong_key(each) for each in sent[1:]):
        path = _first_way(sent, trusted, at) or path
    root = path[-1]
    return Found(
        None,
        tuple(_oddities(sent, path)),
        root=text(root.subject),
        public=root in public,
        path=tuple(read(certificate) for certificate in path),
    )


def _first_way(
    sent: "Sequence[x509.Certificate]", trusted: "Sequence[x509.Certificate]", at: dt.datetime
) -> "tuple[x509.Certificate, ...]":
    """Return the path that OpenSSL takes: roots before what was sent, in its order, those that are valid first.

    Source: X509_verify_cert(3), X509_V_FLAG_TRUSTED_FIRST; it never goes back to try another issuer.
    """
    path = [sent[0]]
    while path[-1] not in trusted:
        last, name = path[-1], canonical(path[-1].issuer)
        fitting = [
            each
            for each in (*trusted, *sent[1:])
            if each not in path and canonical(each.subject) == name and _identified(last, each)
        ]
        valid = [each for each in fitting if each.not_valid_before_utc <= at <= each.not_valid_after_utc]
        if not fitting or len(path) > MAX_DEPTH:
            return ()
        path.append((valid or fitting)[0])
    return tuple(path)


def _oddities(sent: "Sequence[x509.Certificate]", path: "Sequence[x509.Certificate]") -> Iterator[Odd]:
    where = [sent.index(certificate) for certificate in path if certificate in sent]
    if where != sorted(where):
        yield Odd(Oddity.OUT_OF_ORDER)
    if others := len([c for c in sent if c not in path]):
        yield Odd(Oddity.NOT_PART, others)
    for n, certificate in enumerate(path):
        if breach := not_strict(certificate, last=n == len(path) - 1):
            yield Odd(Oddity.NOT_STRICT, name=common_name(certificate.subject), breach=breach)


class _Search:
    """A search for a path, which remembers the most telling reason for not finding one. `weak`: take weak ones, too."""

    def __init__(
        self,
        sent: "Sequence[x509.Certificate]",
        trusted: "Sequence[x509.Certificate]",
        at: dt.datetime,
        *,
        weak: bool,
    ) -> None:
        self._sent, self._at, self._weak = sent, at, weak
        self._trusted = trusted
        self._left = MAX_SIGNATURES
        self._refused: Broken | None = None
        self._furthest: tuple[x509.Certificate, ...] = ()

    def path(self, so_far: "tuple[x509.Certificate, ...]") -> "tuple[x509.Certificate, ...] | None":
        """Continue `so_far` to a trusted root."""
        last = so_far[-1]
        if last in self._trusted:
            return so_far
        if len(so_far) > len(self._furthest):
            self._furthest = so_far
        if len(so_far) > MAX_DEPTH or not (self._weak or _signed_soundly(last)):
            return None
        for issuer in self._issuers(last, so_far):
            if refusal := _refusal(issuer, so_far, self._at, trusted=issuer in self._trusted):
                self._refused = self._refused or refusal
            elif found := self.path((*so_far, issuer)):
                return found
        return None

    def _issuers(self, of: "x509.Certificate", so_far: "tuple[x509.Certificate, ...]") -> "Iterator[x509.Certificate]":
        """Find who signed it: roots first, so that a needless cross-signature does not lead astray."""
        name = canonical(of.issuer)
        for candidate in (*self._trusted, *self._sent):
            if candidate in so_far or not self._left or canonical(candidate.subject) != name:
                continue
            self._left -= 1
            if _identified(of, candidate) and (self._weak or _strong_key(candidate)) and signed(of, candidate):
                yield candidate

    def reason(self) -> Broken:
        """Return where the path that led furthest breaks."""
        if self._refused:
            return self._refused
        last = self._furthest[-1]
        who = common_name(last.subject)
        if last.subject == last.issuer:
            return Broken(Obstacle.SELF_SIGNED if len(self._furthest) == 1 else Obstacle.OTHER_ROOT, who)
        _, issuer_at = access(last)
        return Broken(Obstacle.INCOMPLETE, who, common_name(last.issuer), issuer_at[0] if issuer_at else "")


def _refusal(
    issuer: "x509.Certificate", below: "Sequence[x509.Certificate]", at: dt.datetime, *, trusted: bool
) -> Broken | None:
    """Find why a certificate that did sign the last of `below` may not have; None where it may."""
    from cryptography.x509 import Version

    constraints, usage = extension(issuer, "BasicConstraints"), extension(issuer, "KeyUsage")
    depth = constraints.path_length if constraints else None
    # Self-issued ones do not count towards the length of a path (RFC 5280, section 4.2.1.9).
    between = [each for each in below[1:] if each.subject != each.issuer]
    # Roots of version 1 have no BasicConstraints: being in the trust store is what makes them a CA.
    is_ca = bool(constraints and constraints.ca) or (trusted and issuer.version is not Version.v3)
    unknown = not_understood(issuer)
    begins, ends = issuer.not_valid_before_utc, issuer.not_valid_after_utc
    reasons = {
        Obstacle.EXPIRED: (at > ends, f"{ends:%Y-%m-%d}"),
        Obstacle.NOT_YET_VALID: (at < begins, f"{begins:%Y-%m-%d}"),
        Obstacle.NO_CA: (not is_ca, ""),
        Obstacle.MAY_NOT_SIGN: (usage is not None and not usage.key_cert_sign, ""),
        Obstacle.TOO_DEEP: (depth is not None and len(between) > depth, str(depth)),
        Obstacle.NOT_FOR_SERVERS: (not serves(issuer), ""),
        Obstacle.NOT_FOR_NAMES: (not name_constraints.allowed(issuer, below), ""),
        Obstacle.CA_EXTENSION: (bool(unknown), unknown),
    }
    name = common_name(issuer.subject)
    return next((Broken(by, name, detail) for by, (holds, detail) in reasons.items() if holds), None)


def _identified(certificate: "x509.Certificate", issuer: "x509.Certificate") -> bool:
    """Return whether the key that a certificate names as its issuer's is that one: OpenSSL looks no further if not."""
    theirs, own = extension(certificate, "AuthorityKeyIdentifier"), extension(issuer, "SubjectKeyIdentifier")
    if theirs is None:
        return True
    if theirs.key_identifier and own and theirs.key_identifier != own.digest:
        return False
    return theirs.authority_cert_serial_number in {None, issuer.serial_number}


def _signed_soundly(certificate: "x509.Certificate") -> bool:
    return read(certificate).signature_hash in SOUND


def _strong_key(certificate: "x509.Certificate") -> bool:
    held = read(certificate)
    return held.key != "RSA" or held.key_bits >= LEAST_RSA_BITS
