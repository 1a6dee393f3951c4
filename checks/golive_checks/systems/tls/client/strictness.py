"""What is not as RFC 5280 wants it in a certificate: refused by all clients, or by those that verify strictly.

Python has set OpenSSL's X509_V_FLAG_X509_STRICT since 3.13 (docs.python.org, ssl.create_default_context).
"""

from enum import StrEnum, auto
from typing import TYPE_CHECKING

from golive_checks.systems.tls.client.certificates import extension

if TYPE_CHECKING:
    from cryptography import x509

UNDERSTOOD = frozenset(
    f"2.5.29.{number}"
    for number in (
        15,  # key usage
        17,  # subject alternative name
        19,  # basic constraints
        30,  # name constraints
        32,  # certificate policies
        33,  # policy mappings
        36,  # policy constraints
        37,  # extended key usage
        54,  # inhibit any policy
    )
)
"""Extensions that every client understands, and so may be critical (RFC 5280, section 4.2)."""


class Breach(StrEnum):
    """A rule of RFC 5280 that a certificate breaks and that strict clients hold it to."""

    NO_KEY_USAGE = auto()
    LAX_CONSTRAINTS = auto()
    PATH_LIMIT = auto()
    SIGNS = auto()
    NO_SUBJECT = auto()
    NO_ISSUER = auto()
    LAX_NAMES = auto()
    CRITICAL_SUBJECT_KEY = auto()
    CRITICAL_AUTHORITY_KEY = auto()
    NO_AUTHORITY_KEY = auto()
    NO_SUBJECT_KEY = auto()


def not_understood(certificate: "x509.Certificate") -> str:
    """Name the first critical extension that some client does not know; it then refuses the certificate."""
    critical = (each.oid for each in certificate.extensions if each.critical)
    return next((oid.dotted_string for oid in critical if oid.dotted_string not in UNDERSTOOD), "")


def not_strict(certificate: "x509.Certificate", *, last: bool) -> Breach | None:
    """Find what a strict client refuses about a certificate of a path; `last`: it is the root.

    The rules are those of check_extensions in OpenSSL's crypto/x509/x509_vfy.c.
    """
    from cryptography.x509 import Version

    # Versions 1 and 2 have no extensions.
    if certificate.version is not Version.v3:
        return None
    constraints, usage = extension(certificate, "BasicConstraints"), extension(certificate, "KeyUsage")
    own, theirs = extension(certificate, "SubjectKeyIdentifier"), extension(certificate, "AuthorityKeyIdentifier")
    is_ca = bool(constraints and constraints.ca)
    signs = bool(usage and usage.key_cert_sign)
    depth = constraints.path_length if constraints else None
    found = {
        Breach.NO_KEY_USAGE: is_ca and usage is None,
        Breach.LAX_CONSTRAINTS: is_ca and not _critical(certificate, "BasicConstraints"),
        Breach.PATH_LIMIT: depth is not None and not (is_ca and signs),
        Breach.SIGNS: signs and not is_ca,
        Breach.NO_SUBJECT: not list(certificate.subject) and is_ca,
        Breach.NO_ISSUER: not list(certificate.issuer),
        Breach.LAX_NAMES: _names_alone(certificate),
        Breach.CRITICAL_SUBJECT_KEY: _critical(certificate, "SubjectKeyIdentifier"),
        Breach.CRITICAL_AUTHORITY_KEY: _critical(certificate, "AuthorityKeyIdentifier"),
        Breach.NO_AUTHORITY_KEY: not last and not (theirs and theirs.key_identifier),
        Breach.NO_SUBJECT_KEY: is_ca and not own,
    }
    return next((breach for breach, holds in found.items() if holds), None)


def _critical(certificate: "x509.Certificate", name: str) -> bool:
    from cryptography import x509

    kind = getattr(x509, name)
    return any(each.critical for each in certificate.extensions if isinstance(each.value, kind))


def _names_alone(certificate: "x509.Certificate") -> bool:
    named = extension(certificate, "SubjectAlternativeName")
    return not list(certificate.subject) and bool(named) and not _critical(certificate, "SubjectAlternativeName")
