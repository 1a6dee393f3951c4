"""Whether the certificates that a server sends lead to a trusted root, and if not, why (RFC 5280, section 6)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from golive_checks.dated import table
from golive_checks.systems.tls.client import name_constraints
from golive_checks.systems.tls.client.certificates import (
    Certificate,
    access,
    common_name,
    extension,
    read,
    serves,
    text,
)
from golive_checks.systems.tls.client.name_constraints import canonical
from golive_checks.systems.tls.client.strictness import not_strict, not_understood

if TYPE_CHECKING:
    from cryptography import x509

MAX_DEPTH = 8
MAX_SIGNATURES = 40
"""Signatures verified for one chain, however many certificates of one name a server sends."""
OWN_CA = "Where the CA is your own, name its root in the profile's trust.ca_file."
SOUND = frozenset(table("browsers").facts["hashes"])
LEAST_RSA_BITS: int = table("browsers").facts["least_rsa_bits"]


@dataclass(frozen=True)
class Judged:
    """Whether a chain leads to a trusted root, and by which path: leaf first, the root last."""

    problems: tuple[str, ...] = ()
    oddities: tuple[str, ...] = ()
    root: str = ""
    public: bool = False
    fix: str = ""
    path: tuple[Certificate, ...] = ()


def judge(
    sent: "Sequence[x509.Certificate]",
    trusted: "Sequence[x509.Certificate]",
    public: "Sequence[x509.Certificate]",
    at: dt.datetime,
) -> Judged:
    """Look for a path from the leaf, `sent[0]`, through what was sent to a trusted root, and tell why there is none.

    Clients take a path without weak signatures and keys where there is one, so that is looked for first.
    """
    if oid := not_understood(sent[0]):
        problem = f"the certificate has a critical extension that clients do not know ({oid})"
        return Judged((problem,), fix="Have it issued anew without that extension.")
    path = _Search(sent, trusted, at, weak=False).path((sent[0],))
    if path is None:
        search = _Search(sent, trusted, at, weak=True)
        path = search.path((sent[0],))
    if path is None:
        problem, fix = search.reason()
        return Judged((problem,), fix=fix)
    root = path[-1]
    return Judged(
        (),
        tuple(_oddities(sent, path)),
        root=text(root.subject),
        public=root in public,
        path=tuple(read(certificate) for certificate in path),
    )


def _oddities(sent: "Sequence[x509.Certificate]", path: "Sequence[x509.Certificate]") -> Iterator[str]:
    where = [sent.index(certificate) for certificate in path if certificate in sent]
    if where != sorted(where):  # TLS 1.2 demanded the order; browsers, curl, Node and OpenSSL put up with any
        yield "the chain is sent out of order: send the leaf first, then each certificate's issuer"
    strangers = len([c for c in sent if c not in path])
    if strangers:
        yield f"{strangers} of the {len(sent)} certificates sent are not part of its chain"
    for n, certificate in enumerate(path):
        if what := not_strict(certificate, last=n == len(path) - 1):
            yield f"Python 3.13 and later refuse {common_name(certificate.subject) or 'the certificate'}: {what}"


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
        self._refused = ""
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
            if _identified(of, candidate) and (self._weak or _strong_key(candidate)) and _signed(of, candidate):
                yield candidate

    def reason(self) -> tuple[str, str]:
        """Tell why there is no path, and how to fix it."""
        if self._refused:
            return self._refused, ""
        last = self._furthest[-1]
        who = common_name(last.subject)
        if last.subject == last.issuer:
            if len(self._furthest) == 1:
                return "the certificate is self-signed", "Serve a certificate that a trusted CA has issued."
            return f"the chain ends in {who}, a root that is not trusted", OWN_CA
        missing = common_name(last.issuer)
        _, issuer_at = access(last)
        hint = f" The issuer lies at {issuer_at[0]}." if issuer_at else ""
        return (
            f"the chain is not complete: {missing}, the issuer of {who}, is neither sent nor a trusted root",
            f"Serve the full chain (certbot: fullchain.pem).{hint} {OWN_CA}",
        )


def _refusal(issuer: "x509.Certificate", below: "Sequence[x509.Certificate]", at: dt.datetime, *, trusted: bool) -> str:
    """Tell why a certificate that did sign the last of `below` may not, or nothing."""
    from cryptography.x509 import Version

    constraints, usage = extension(issuer, "BasicConstraints"), extension(issuer, "KeyUsage")
    depth = constraints.path_length if constraints else None
    between = [each for each in below[1:] if each.subject != each.issuer]
    is_ca = bool(constraints and constraints.ca) or (trusted and issuer.version is not Version.v3)
    unknown = not_understood(issuer)
    reasons = {
        f"expired on {issuer.not_valid_after_utc:%Y-%m-%d}": at > issuer.not_valid_after_utc,
        f"is not valid before {issuer.not_valid_before_utc:%Y-%m-%d}": at < issuer.not_valid_before_utc,
        "is not a CA": not is_ca,
        "has a key that may not sign certificates": usage is not None and not usage.key_cert_sign,
        f"allows at most {depth} more between it and the leaf": depth is not None and len(between) > depth,
        "may not issue for servers": not serves(issuer),
        "may not issue for these names (its name constraints)": not name_constraints.allowed(issuer, below),
        f"has a critical extension that clients do not know ({unknown})": bool(unknown),
    }
    reason = next((reason for reason, holds in reasons.items() if holds), "")
    return f"in its chain, {common_name(issuer.subject)} {reason}" if reason else ""


def _identified(certificate: "x509.Certificate", issuer: "x509.Certificate") -> bool:
    """Tell whether the key that a certificate names as its issuer's is that one: OpenSSL looks no further if not."""
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


def _signed(certificate: "x509.Certificate", issuer: "x509.Certificate") -> bool:
    """Tell whether the issuer's key made the signature, however weak: certificate-strong speaks of that."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import rsa

    try:
        key: Any = issuer.public_key()
        how, digest = certificate.signature_algorithm_parameters, certificate.signature_hash_algorithm
        more = [how, digest] if isinstance(key, rsa.RSAPublicKey) else [how] if how else []
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, *more)
    except (InvalidSignature, ValueError, TypeError, AttributeError, UnsupportedAlgorithm):
        return False
    return True
