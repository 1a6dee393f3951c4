"""What is not as RFC 5280 wants it in a certificate: refused by all clients, or by those that verify strictly.

Python has set OpenSSL's X509_V_FLAG_X509_STRICT since 3.13 (docs.python.org, ssl.create_default_context).
"""

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


def not_understood(certificate: "x509.Certificate") -> str:
    """Name the first critical extension that some client does not know; it then refuses the certificate."""
    critical = (each.oid for each in certificate.extensions if each.critical)
    return next((oid.dotted_string for oid in critical if oid.dotted_string not in UNDERSTOOD), "")


def not_strict(certificate: "x509.Certificate", *, last: bool) -> str:
    """Tell what a strict client refuses about a certificate of a path; `last`: it is the root.

    The rules are those of check_extensions in OpenSSL's crypto/x509/x509_vfy.c.
    """
    from cryptography.x509 import Version

    if certificate.version is not Version.v3:
        return ""
    constraints, usage = extension(certificate, "BasicConstraints"), extension(certificate, "KeyUsage")
    own, theirs = extension(certificate, "SubjectKeyIdentifier"), extension(certificate, "AuthorityKeyIdentifier")
    is_ca = bool(constraints and constraints.ca)
    signs = bool(usage and usage.key_cert_sign)
    depth = constraints.path_length if constraints else None
    found = {
        "it is a CA without a key usage": is_ca and usage is None,
        "its basic constraints are not critical": is_ca and not _critical(certificate, "BasicConstraints"),
        "it limits the path without being a CA that signs": depth is not None and not (is_ca and signs),
        "it may sign certificates, and is no CA": signs and not is_ca,
        "it has no subject": not list(certificate.subject) and is_ca,
        "it has no issuer": not list(certificate.issuer),
        "its names are not critical, and it has no subject": _names_alone(certificate),
        "its subject key identifier is critical": _critical(certificate, "SubjectKeyIdentifier"),
        "its authority key identifier is critical": _critical(certificate, "AuthorityKeyIdentifier"),
        "it has no authority key identifier": not last and not (theirs and theirs.key_identifier),
        "it is a CA without a subject key identifier": is_ca and not own,
    }
    return next((what for what, holds in found.items() if holds), "")


def _critical(certificate: "x509.Certificate", name: str) -> bool:
    from cryptography import x509

    kind = getattr(x509, name)
    return any(each.critical for each in certificate.extensions if isinstance(each.value, kind))


def _names_alone(certificate: "x509.Certificate") -> bool:
    named = extension(certificate, "SubjectAlternativeName")
    return not list(certificate.subject) and bool(named) and not _critical(certificate, "SubjectAlternativeName")
