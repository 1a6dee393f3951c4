"""DSSE envelopes: a payload, its type, and signatures over both.

Source: https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from golive.evidence import EvidenceError
from golive.evidence.keys import key_id

PAYLOAD_TYPE = "application/vnd.in-toto+json"
LARGEST = 4 * 1024 * 1024
"""The bytes of an envelope; that of a profile with a thousand waivers has a quarter of it."""
SIGNATURES = 32


def sealed(payload: bytes, key: Ed25519PrivateKey) -> str:
    """Return the envelope of a payload, signed, as JSON."""
    signature = key.sign(signed_bytes(PAYLOAD_TYPE, payload))
    envelope = {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": key_id(key.public_key()), "sig": base64.b64encode(signature).decode()}],
    }
    return json.dumps(envelope) + "\n"


def signed_bytes(kind: str, payload: bytes) -> bytes:
    """Return what a signature is over (PAE): nothing can be moved from the payload to its type."""
    name = kind.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)


def opened(text: bytes, keys: Sequence[Ed25519PublicKey]) -> tuple[bytes, Ed25519PublicKey]:
    """Return the payload of an envelope, and which of the keys signed it.

    Raises:
        EvidenceError: not an envelope, or signed by none of the keys.
    """
    envelope = _parsed(text)
    kind, payload, signatures = envelope.get("payloadType"), envelope.get("payload"), envelope.get("signatures")
    if kind != PAYLOAD_TYPE or not isinstance(signatures, list) or len(signatures) > SIGNATURES:
        raise EvidenceError("the evidence is no DSSE envelope of an in-toto statement")
    body = _decoded(payload)
    signed = signed_bytes(PAYLOAD_TYPE, body)
    # Which key made a signature is tried, never believed: the key's name in the envelope is not signed.
    for signature in _signatures(signatures):
        for key in keys:
            try:
                key.verify(signature, signed)
            except InvalidSignature:
                continue
            return body, key
    raise EvidenceError("the evidence is not signed by that key" if len(keys) == 1 else "no such key has signed it")


def _parsed(text: bytes) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise EvidenceError("the evidence is larger than any envelope that golive writes")
    try:
        envelope = json.loads(text)
    except (ValueError, RecursionError):
        envelope = None
    if not isinstance(envelope, dict):
        raise EvidenceError("the evidence is no DSSE envelope: it is not a JSON object")
    return envelope


def _signatures(entries: Iterable[Any]) -> Iterable[bytes]:
    for entry in entries:
        yield _decoded(entry.get("sig") if isinstance(entry, dict) else None)


def _decoded(text: object) -> bytes:
    """Return what is in base64, in either alphabet, as the protocol allows."""
    try:
        if not isinstance(text, str):
            raise ValueError("no text")  # noqa: TRY301, TRY004 - one kind of trouble
        return base64.b64decode(text.replace("-", "+").replace("_", "/").encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        raise EvidenceError("the evidence is no DSSE envelope: its payload or a signature is not base64") from None
