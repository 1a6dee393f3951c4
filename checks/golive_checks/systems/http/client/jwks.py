"""The RSA keys of a JSON Web Key Set (RFC 7517), in PEM as servers hold them."""

import base64
import json
from dataclasses import dataclass

MAX_KEYS = 3
MAX_DIGITS = 3000
"""Of a modulus in base64url: 16,384 bits, twice what OpenSSL verifies with in reasonable time."""


@dataclass(frozen=True)
class PublicKey:
    """A public key: its id, empty where it has none, and itself in PEM."""

    id: str
    pem: bytes


def rsa_keys(jwks: bytes) -> tuple[PublicKey, ...]:
    """Read the first RSA keys of a set; none where it is no set, or what is in it is no key."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    found = []
    try:
        keys = [key for key in json.loads(jwks)["keys"] if key.get("kty") == "RSA"]
        for key in keys[:MAX_KEYS]:
            public = RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key()
            pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            found.append(PublicKey(str(key.get("kid", "")), pem))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return tuple(found)
    return tuple(found)


def _number(text: str) -> int:
    digits = text[:MAX_DIGITS]
    return int.from_bytes(base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4)))
