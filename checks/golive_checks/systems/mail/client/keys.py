"""Reads DKIM's public keys."""

import base64
import binascii

ED25519_BYTES = 32


def key_bits(kind: str, text: str) -> int:
    """Return the size of a key in base64: of RSA's modulus, 256 of Ed25519; 0 where it is none (RFC 8463)."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        data = base64.b64decode(text, validate=True)
        if kind == "ed25519":
            return 256 if len(data) == ED25519_BYTES else 0
        key = load_der_public_key(data)
    except (binascii.Error, ValueError):
        return 0
    return key.key_size if kind == "rsa" and isinstance(key, RSAPublicKey) else 0
