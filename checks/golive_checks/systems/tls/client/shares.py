"""Key shares of TLS 1.3: a key of our own for a group, and the secret that it makes with the server's."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

UNCOMPRESSED = b"\4"
CURVES = {23: "SECP256R1", 24: "SECP384R1", 25: "SECP521R1"}
CURVES |= {31: "BrainpoolP256R1", 32: "BrainpoolP384R1", 33: "BrainpoolP512R1"}
FINITE = {256: (2048, 560316), 257: (3072, 2625351), 258: (4096, 5736041), 259: (6144, 15705020), 260: (8192, 10965728)}
"""Size, and the number that makes the formula's value prime (RFC 7919, appendix A)."""
KEMS = {0x0201: 768, 0x0202: 1024}
KEM_CIPHERTEXT_BYTES = {768: 1088, 1024: 1568}
"""FIPS 203, table 3."""
EC_POINT_BYTES = {23: 65, 24: 97}
HYBRIDS = {0x11EC: (0x0201, 29), 0x11EB: (23, 0x0201), 0x11ED: (24, 0x0202)}
"""Two groups in the order of their shares (draft-ietf-tls-ecdhe-mlkem, section 4)."""


@dataclass(frozen=True)
class Share:
    """What a hello brings along for one group. `secret` takes the server's share; ValueError: it is none."""

    group: int
    public: bytes
    secret: Callable[[bytes], bytes]


def share(group: int) -> Share:
    """Make a key for a group, for one hello."""
    if group in HYBRIDS:
        return _hybrid(group, *map(share, HYBRIDS[group]))
    if group in KEMS:
        return _kem(group)
    if group in FINITE:
        return _finite(group)
    return _curve(group) if group in CURVES else _montgomery(group)


def known(group: int) -> bool:
    """Return whether a key can be made for a group."""
    return group in {29, 30} or group in {**HYBRIDS, **KEMS, **FINITE, **CURVES}


def _montgomery(group: int) -> Share:
    from cryptography.hazmat.primitives.asymmetric import x448, x25519

    if group == 29:  # noqa: PLR2004 - X25519; the other is X448
        key: Any = x25519.X25519PrivateKey.generate()
        read: Any = x25519.X25519PublicKey.from_public_bytes
    else:
        key, read = x448.X448PrivateKey.generate(), x448.X448PublicKey.from_public_bytes
    return Share(group, key.public_key().public_bytes_raw(), lambda theirs: bytes(key.exchange(read(theirs))))


def _curve(group: int) -> Share:
    from cryptography.hazmat.primitives.asymmetric import ec

    curve = getattr(ec, CURVES[group])()
    key = ec.generate_private_key(curve)
    numbers, size = key.public_key().public_numbers(), (curve.key_size + 7) // 8
    public = UNCOMPRESSED + numbers.x.to_bytes(size, "big") + numbers.y.to_bytes(size, "big")

    def secret(theirs: bytes) -> bytes:
        return bytes(key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(curve, theirs)))

    return Share(group, public, secret)


def _kem(group: int) -> Share:
    from cryptography.hazmat.primitives.asymmetric import mlkem

    key = getattr(mlkem, f"MLKEM{KEMS[group]}PrivateKey").generate()
    return Share(group, key.public_key().public_bytes_raw(), lambda theirs: bytes(key.decapsulate(theirs)))


def _hybrid(group: int, first: Share, second: Share) -> Share:
    """Put two together: shares and secrets stand one behind the other."""
    size = KEM_CIPHERTEXT_BYTES[KEMS[first.group]] if first.group in KEMS else EC_POINT_BYTES[first.group]

    def secret(theirs: bytes) -> bytes:
        return first.secret(theirs[:size]) + second.secret(theirs[size:])

    return Share(group, first.public + second.public, secret)


def _finite(group: int) -> Share:
    bits, offset = FINITE[group]
    prime = 2**bits - 2 ** (bits - 64) + (_e(bits - 130) + offset) * 2**64 - 1
    key, size = secrets.randbits(256), bits // 8

    def secret(theirs: bytes) -> bytes:
        number = int.from_bytes(theirs, "big")
        if not 1 < number < prime - 1:
            raise ValueError("a share outside its group")
        return int(pow(number, key, prime)).to_bytes(size, "big")

    return Share(group, pow(2, key, prime).to_bytes(size, "big"), secret)


def _e(bits: int) -> int:
    """Return the whole part of e times 2 to the power of `bits`, by its series."""
    term, total, n = 2 ** (bits + 64), 0, 0
    while term:
        total += term
        n += 1
        term //= n
    return total >> 64
