"""Which keys browsers take: one sentence for the certificate and one for the handshake."""

from golive_checks.dated import table
from golive_checks.systems.tls.client.certificates import Certificate

_TAKEN = table("browsers").facts
LEAST_RSA_BITS: int = _TAKEN["least_rsa_bits"]
CURVES: tuple[str, ...] = tuple(_TAKEN["curves"])
CA_CURVES: tuple[str, ...] = tuple(_TAKEN["ca_curves"])
BROWSERS_TAKE = f"RSA of {LEAST_RSA_BITS} bits or more, and EC on {' or '.join(CURVES)}"


def browsers_take(certificate: Certificate) -> bool:
    """Return whether browsers take a server's key."""
    return _takes(certificate, CURVES)


def browsers_take_ca(certificate: Certificate) -> bool:
    """Return whether browsers take the key of a CA: they know a curve more."""
    return _takes(certificate, CA_CURVES)


def _takes(certificate: Certificate, curves: tuple[str, ...]) -> bool:
    if certificate.key == "RSA":
        return certificate.key_bits >= LEAST_RSA_BITS
    return certificate.key == "EC" and certificate.curve in curves


def key_of(certificate: Certificate) -> str:
    """Name a key: `RSA 2048`, `EC P-256`, `Ed25519`."""
    if certificate.key == "EC":
        return f"EC {certificate.curve}".rstrip()
    return f"RSA {certificate.key_bits}" if certificate.key == "RSA" else certificate.key
