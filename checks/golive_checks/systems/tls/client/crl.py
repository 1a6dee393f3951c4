"""What a CRL says about a certificate, and whether it may say so (RFC 5280, section 5)."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from golive_checks.systems.tls.client.certificates import crl_places
from golive_checks.systems.tls.client.staple import SLACK, Staple, StapleStanding

if TYPE_CHECKING:
    from cryptography import x509


def read_crl(der: bytes, leaf: "x509.Certificate", issuer: "x509.Certificate", at: dt.datetime) -> Staple:
    """Verify a CRL in DER: who issued it, its signature, its scope and its times; then look for `leaf` in it."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        crl = x509.load_der_x509_crl(der)
        if crl.issuer != issuer.subject or not _covers(crl, leaf):
            return Staple(StapleStanding.FOREIGN)
        key: Any = issuer.public_key()
        if not crl.is_signature_valid(key):
            return Staple(StapleStanding.UNSIGNED)
        until = crl.next_update_utc
        entry = crl.get_revoked_certificate_by_serial_number(leaf.serial_number)
        reason = _reason(entry) if entry else ""
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return Staple(StapleStanding.GARBLED)
    # removeFromCRL lifts an earlier hold, in delta CRLs alone (RFC 5280, section 5.3.1).
    if entry and reason != "removeFromCRL":
        return Staple(StapleStanding.REVOKED, entry.revocation_date_utc, until, reason)
    if crl.last_update_utc > at + SLACK:
        return Staple(StapleStanding.EARLY, until=until)
    return Staple(StapleStanding.EXPIRED if until and until < at else StapleStanding.GOOD, until=until)


def _covers(crl: "x509.CertificateRevocationList", leaf: "x509.Certificate") -> bool:
    """Return whether a server's certificate would stand in it: one of several parts must be the part that it names."""
    from cryptography import x509

    try:
        part = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return True
    if part.only_contains_ca_certs or part.only_contains_attribute_certs or part.indirect_crl or part.only_some_reasons:
        return False
    names = {str(name.value) for name in part.full_name or ()}
    return not names or not names.isdisjoint(crl_places(leaf))


def _reason(entry: "x509.RevokedCertificate") -> str:
    from cryptography import x509

    try:
        return str(entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value)
    except x509.ExtensionNotFound:
        return ""
