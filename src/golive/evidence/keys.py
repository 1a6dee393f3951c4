"""Ed25519 keys of the user's, as openssl and ssh-keygen write them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from golive.engine.facts import canonical
from golive.evidence import KeyFileError

FROM_VARIABLE = "env:"
PASSPHRASE = "GOLIVE_KEY_PASSPHRASE"  # noqa: S105 - the variable's name
LARGEST = 64 * 1024
"""The bytes of a key file; an encrypted one of Ed25519 has less than one thousand."""


def private_key(place: str, environ: Mapping[str, str]) -> Ed25519PrivateKey:
    """Return the key in a file or, by `env:NAME`, in a variable: PKCS #8 as PEM, or OpenSSH's own format.

    Raises:
        KeyFileError: it cannot be read, is encrypted with another passphrase, or is no Ed25519 key.
    """
    text = _read(place, environ)
    load = serialization.load_ssh_private_key if b"BEGIN OPENSSH" in text else serialization.load_pem_private_key
    word = environ.get(PASSPHRASE, "").encode() or None
    try:
        key = load(text, password=word)
    except TypeError:
        put = f"set {PASSPHRASE}" if word is None else f"it has no passphrase: unset {PASSPHRASE}"
        raise KeyFileError(f"{place}: the key cannot be opened: {put}") from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFileError(f"{place}: not a private key that can be read, or not with this passphrase") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{place}: not an Ed25519 key; make one with openssl genpkey -algorithm ed25519")
    return key


def public_key(place: str, environ: Mapping[str, str]) -> Ed25519PublicKey:
    """Return the key in a file or, by `env:NAME`, in a variable: PEM, or a line of OpenSSH's `.pub`.

    Raises:
        KeyFileError: it cannot be read, or is no public Ed25519 key.
    """
    text = _read(place, environ)
    if b"PRIVATE KEY" in text:
        raise KeyFileError(f"{place}: a private key; --signed-by takes the public one (openssl pkey -pubout)")
    load = serialization.load_ssh_public_key if text.startswith(b"ssh-") else serialization.load_pem_public_key
    try:
        key = load(text)
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFileError(f"{place}: not a public key that can be read") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError(f"{place}: not an Ed25519 key")
    return key


def _read(place: str, environ: Mapping[str, str]) -> bytes:
    """Return what is in a file or a variable, without the space around it."""
    if place.startswith(FROM_VARIABLE):
        name = place.removeprefix(FROM_VARIABLE)
        if not environ.get(name):
            raise KeyFileError(f"{place}: the variable {name} is not set")
        return environ[name].encode("utf-8", "surrogateescape").strip()
    try:
        with Path(place).open("rb") as file:
            text = file.read(LARGEST + 1)
    except (OSError, ValueError) as problem:
        raise KeyFileError(f"{place}: cannot be read: {getattr(problem, 'strerror', None) or problem}") from None
    if len(text) > LARGEST:
        raise KeyFileError(f"{place}: too large to be a key")
    return text.strip()


def key_id(key: Ed25519PublicKey) -> str:
    """Return the key's name in an envelope, as securesystemslib makes it: in-toto's tools look keys up by it."""
    described = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": key.public_bytes_raw().hex()}}
    return hashlib.sha256(canonical(described)).hexdigest()


def short_id(key: Ed25519PublicKey) -> str:
    """Return as much of a key's name as people compare."""
    return key_id(key)[:16]
