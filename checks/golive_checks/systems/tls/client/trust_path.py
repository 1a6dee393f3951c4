"""Whether the certificates that a server sends lead to a trusted root, and if not, why (RFC 5280, section 6)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from golive_checks.systems.tls.client.certificates import MAX_NAMES, access, common_name, extension, serves, text

if TYPE_CHECKING:
    from cryptography import x509

MAX_DEPTH = 8
MAX_SIGNATURES = 40
"""Signatures verified for one chain, however many certificates of one name a server sends."""
OWN_CA = "Where the CA is your own, name its root in the profile's trust.ca_file."


@dataclass(frozen=True)
class Judged:
    """Whether a chain leads to a trusted root."""

    problems: tuple[str, ...] = ()
    oddities: tuple[str, ...] = ()
    root: str = ""
    public: bool = False
    fix: str = ""


def judge(
    sent: "Sequence[x509.Certificate]",
    trusted: "Sequence[x509.Certificate]",
    public: "Sequence[x509.Certificate]",
    at: dt.datetime,
) -> Judged:
    """Look for a path from the leaf, `sent[0]`, through what was sent to a trusted root, and tell why there is none."""
    search = _Search(sent, trusted, at)
    path = search.path((sent[0],))
    if path is None:
        problem, fix = search.reason()
        return Judged((problem,), fix=fix)
    root = path[-1]
    where = [sent.index(certificate) for certificate in path if certificate in sent]
    problems = [] if where == sorted(where) else ["the chain is sent out of order"]
    strangers = len([c for c in sent if c not in path])
    oddities = [f"{strangers} of the {len(sent)} certificates sent are not part of its chain"] if strangers else []
    return Judged(
        tuple(problems),
        tuple(oddities),
        root=text(root.subject),
        public=root in public,
        fix="Send the leaf first, then each certificate's issuer (nginx: order of the PEM file)." if problems else "",
    )


class _Search:
    """A search for a path, which remembers the most telling reason for not finding one."""

    def __init__(
        self, sent: "Sequence[x509.Certificate]", trusted: "Sequence[x509.Certificate]", at: dt.datetime
    ) -> None:
        self._sent, self._at = sent, at
        self._trusted = list(trusted)
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
        if len(so_far) > MAX_DEPTH:
            return None
        for issuer in self._issuers(last, so_far):
            if refusal := _refusal(issuer, so_far, self._at):
                self._refused = self._refused or refusal
            elif found := self.path((*so_far, issuer)):
                return found
        return None

    def _issuers(self, of: "x509.Certificate", so_far: "tuple[x509.Certificate, ...]") -> "Iterator[x509.Certificate]":
        """Find who signed it: roots first, so that a needless cross-signature does not lead astray."""
        for candidate in (*self._trusted, *self._sent):
            if candidate.subject == of.issuer and candidate not in so_far and self._left:
                self._left -= 1
                if _signed(of, candidate):
                    yield candidate

    def reason(self) -> tuple[str, str]:
        """Tell why there is no path, and how to mend it."""
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


def _refusal(issuer: "x509.Certificate", below: "Sequence[x509.Certificate]", at: dt.datetime) -> str:
    """Tell why a certificate that did sign the last of `below` may not, or nothing."""
    from cryptography.x509 import Version

    constraints, usage = extension(issuer, "BasicConstraints"), extension(issuer, "KeyUsage")
    depth = constraints.path_length if constraints else None
    reasons = {
        f"expired on {issuer.not_valid_after_utc:%Y-%m-%d}": at > issuer.not_valid_after_utc,
        f"is not valid before {issuer.not_valid_before_utc:%Y-%m-%d}": at < issuer.not_valid_before_utc,
        "is not a CA": issuer.version is Version.v3 and not (constraints and constraints.ca),
        "has a key that may not sign certificates": usage is not None and not usage.key_cert_sign,
        f"allows at most {depth} more between it and the leaf": depth is not None and len(below) - 1 > depth,
        "may not issue for servers": not serves(issuer),
        "may not issue for these names (its name constraints)": not _names_allowed(issuer, below[0]),
    }
    reason = next((reason for reason, holds in reasons.items() if holds), "")
    return f"in its chain, {common_name(issuer.subject)} {reason}" if reason else ""


def _names_allowed(issuer: "x509.Certificate", leaf: "x509.Certificate") -> bool:
    """Hold the leaf's DNS names against the issuer's name constraints (RFC 5280, section 4.2.1.10)."""
    from cryptography.x509 import DNSName

    constraints, names = extension(issuer, "NameConstraints"), extension(leaf, "SubjectAlternativeName")
    if not constraints or not names:
        return True
    permitted = [name.value for name in constraints.permitted_subtrees or () if isinstance(name, DNSName)]
    excluded = [name.value for name in constraints.excluded_subtrees or () if isinstance(name, DNSName)]
    held = names.get_values_for_type(DNSName)[:MAX_NAMES]
    return all(not permitted or _below(name, permitted) for name in held) and not any(
        _below(name, excluded) for name in held
    )


def _below(name: str, trees: Sequence[str]) -> bool:
    return any(f".{name.lower()}".endswith(f".{tree.lower().lstrip('.')}") or not tree for tree in trees)


def _signed(certificate: "x509.Certificate", issuer: "x509.Certificate") -> bool:
    """Tell whether the issuer's key made the signature."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        certificate.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return False
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return _signed_weakly(certificate, issuer)
    return True


def _signed_weakly(certificate: "x509.Certificate", issuer: "x509.Certificate") -> bool:
    """Verify what cryptography no longer does for certificates, SHA-1 and MD5: certificate-strong speaks of those."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    with suppress(InvalidSignature, ValueError, UnsupportedAlgorithm):
        key, digest = issuer.public_key(), certificate.signature_hash_algorithm
        signature, signed = certificate.signature, certificate.tbs_certificate_bytes
        if digest and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), digest)
            return True
        if digest and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(digest))
            return True
    return False
