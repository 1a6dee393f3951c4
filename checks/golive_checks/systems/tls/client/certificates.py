"""What a certificate says about itself."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from golive import shortened

if TYPE_CHECKING:
    from cryptography import x509

MAX_TEXT = 300
"""What is kept of names that others wrote."""
RSA_PSS = "1.2.840.113549.1.1.10"
"""A key that may be used for RSA-PSS alone (RFC 8017, appendix A.2.3)."""
MAX_PLACES = 8
"""Responders and the like: one is usual."""


@dataclass(frozen=True)
class Certificate:
    """What one certificate says about itself."""

    subject: str
    issuer: str
    issuer_name: str
    """The issuer's common name."""
    issuer_organisation: str
    fingerprint: str
    """Its SHA-256, in hex."""
    not_before: dt.datetime
    not_after: dt.datetime
    names: tuple[str, ...]
    """The DNS names that it is for, in lower case."""
    key: str
    """`RSA`, `EC`, `Ed25519`, ..."""
    key_bits: int
    """0 where the key's kind or curve is not known."""
    signature_hash: str
    """`sha256`; empty for a signature that needs none (Ed25519)."""
    server_auth: bool
    """It may be used by a server: its extended key usage says so, or it has none."""
    scts: int = 0
    """Embedded proofs that it was logged (RFC 6962, section 3.3)."""
    must_staple: bool = False
    ocsp: tuple[str, ...] = ()
    issuer_at: tuple[str, ...] = ()
    """Where the issuer's certificate can be fetched."""
    curve: str = ""
    """`P-256` and so on, of a key on one."""
    signs: bool = True
    """Its key may sign handshakes: its key usage has digitalSignature, or there is none."""
    crl: tuple[str, ...] = ()
    """Where its CA publishes what it has revoked."""


def read(certificate: "x509.Certificate") -> Certificate:
    """Read what a certificate says."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509 import DNSName
    from cryptography.x509.oid import NameOID

    key, bits = _key(certificate)
    names = extension(certificate, "SubjectAlternativeName")
    dns = names.get_values_for_type(DNSName) if names else []
    ocsp, issuer_at = access(certificate)
    return Certificate(
        subject=text(certificate.subject),
        issuer=text(certificate.issuer),
        issuer_name=attribute(certificate.issuer, NameOID.COMMON_NAME),
        issuer_organisation=attribute(certificate.issuer, NameOID.ORGANIZATION_NAME),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        names=tuple(name[:MAX_TEXT].lower() for name in dns),
        key=key,
        key_bits=bits,
        signature_hash=_hash(certificate),
        server_auth=serves(certificate),
        scts=len(list(extension(certificate, "PrecertificateSignedCertificateTimestamps") or ())),
        must_staple=_must_staple(certificate),
        ocsp=ocsp,
        issuer_at=issuer_at,
        curve=_curve(certificate),
        signs=_signs(certificate),
        crl=crl_places(certificate),
    )


CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp224r1": "P-224"}
"""NIST's names (RFC 8422, appendix A)."""


def _curve(certificate: "x509.Certificate") -> str:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return ""
    return CURVES.get(key.curve.name, key.curve.name) if isinstance(key, ec.EllipticCurvePublicKey) else ""


def _signs(certificate: "x509.Certificate") -> bool:
    usage = extension(certificate, "KeyUsage")
    return usage is None or bool(usage.digital_signature)


def crl_places(certificate: "x509.Certificate") -> tuple[str, ...]:
    """Read where its CA's list of revoked certificates lies: the whole list's places, not those of its parts."""
    from cryptography.x509 import UniformResourceIdentifier as Uri

    points = list(extension(certificate, "CRLDistributionPoints") or ())[:MAX_PLACES]
    names = [name for point in points if not point.reasons for name in point.full_name or ()]
    return tuple(name.value[:MAX_TEXT] for name in names if isinstance(name, Uri))[:MAX_PLACES]


def kind_of_key(der: bytes) -> str:
    """Tell the kind of a certificate's key: `RSA`, `EC`, ...

    Raises:
        ValueError: it is no certificate.
    """
    from cryptography import x509

    return _key(x509.load_der_x509_certificate(der))[0]


def _hash(certificate: "x509.Certificate") -> str:
    """Name the signature's hash; for a signature of no known kind, its OID."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        digest = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return certificate.signature_algorithm_oid.dotted_string
    return digest.name if digest else ""


def _key(certificate: "x509.Certificate") -> tuple[str, int]:
    """Tell the key's kind and size: a curve's by its OID, as OpenSSL has two names for one of them."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

    if certificate.public_key_algorithm_oid.dotted_string == RSA_PSS:
        return "RSA-PSS", 0
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return certificate.public_key_algorithm_oid.dotted_string, 0
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "EC", key.curve.key_size
    if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey):
        return "RSA" if isinstance(key, rsa.RSAPublicKey) else "DSA", key.key_size
    sizes = {ed25519.Ed25519PublicKey: ("Ed25519", 256), ed448.Ed448PublicKey: ("Ed448", 448)}
    return next((size for kind, size in sizes.items() if isinstance(key, kind)), (type(key).__name__, 0))


def serves(certificate: "x509.Certificate") -> bool:
    """Return whether it may be used by a server, or issue for servers (RFC 5280, section 4.2.1.12)."""
    from cryptography.x509.oid import ExtendedKeyUsageOID

    usage = extension(certificate, "ExtendedKeyUsage")
    return usage is None or ExtendedKeyUsageOID.SERVER_AUTH in usage  # "any" will not do: browsers and OpenSSL agree


def _must_staple(certificate: "x509.Certificate") -> bool:
    """Return whether it requires a stapled OCSP response (RFC 7633)."""
    from cryptography.x509 import TLSFeatureType

    features = extension(certificate, "TLSFeature")
    return features is not None and TLSFeatureType.status_request in features


def access(certificate: "x509.Certificate") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read its OCSP responders, and where its issuer's certificate lies."""
    from cryptography.x509.oid import AuthorityInformationAccessOID as Access

    held = list(extension(certificate, "AuthorityInformationAccess") or ())[:MAX_PLACES]
    at = {
        method: tuple(str(d.access_location.value)[:MAX_TEXT] for d in held if d.access_method == method)
        for method in (Access.OCSP, Access.CA_ISSUERS)
    }
    return at[Access.OCSP], at[Access.CA_ISSUERS]


def extension(certificate: "x509.Certificate", name: str) -> Any:
    """Read an extension's value; None where it is not there."""
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(getattr(x509, name)).value
    except x509.ExtensionNotFound:
        return None


def common_name(name: "x509.Name") -> str:
    """Name someone by the common name, or else in full."""
    from cryptography.x509.oid import NameOID

    return attribute(name, NameOID.COMMON_NAME) or text(name)


def attribute(name: "x509.Name", oid: "x509.ObjectIdentifier") -> str:
    """Read one part of a name, empty where it is not there."""
    values = name.get_attributes_for_oid(oid)
    return shortened(str(values[0].value), MAX_TEXT) if values else ""


def text(name: "x509.Name") -> str:
    """Write a name out (RFC 4514)."""
    return shortened(name.rfc4514_string(), MAX_TEXT)


def signed(certificate: "x509.Certificate", issuer: "x509.Certificate") -> bool:
    """Tell whether the issuer's key made the signature, however weak it is."""
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
