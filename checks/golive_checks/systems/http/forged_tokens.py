"""Tokens that a sound verifier refuses, each for one reason (RFC 8725; PortSwigger's and OWASP's lists). Pure."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

from golive_checks.placeholders import PUBLISHED
from golive_checks.systems.http.client.jwks import PublicKey

Claims = dict[str, Any]
NONE = ("none", "None", "NONE", "nOnE")
"""Verifiers that refuse the lower-case word alone have let the others in."""
DEFAULTS = (
    "",
    "secret",
    "secretkey",
    "secret_key",
    "supersecret",
    "jwt_secret",
    "jwtsecret",
    "your_jwt_secret",
    "your-secret-key",
    "changeme",
    "change_me",
    "dev_access",
    *(text for text, what in PUBLISHED.items() if "jwt.io" in what or "jsonwebtoken" in what or "Supabase" in what),
)
"""Secrets of tutorials and templates, as https://github.com/wallarm/jwt-secrets collects them."""


def hs256(claims: Mapping[str, Any], secret: bytes, **header: str) -> str:
    """Issue a token that is signed with a secret (RFC 7515, appendix A.1)."""
    text = _unsigned({"alg": "HS256", "typ": "JWT", **header}, claims)
    return f"{text}.{_encoded(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def claims_of(token: str) -> Claims:
    """Read a token's claims without verifying it; none where it is none."""
    try:
        body = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def forgeries(claims: Claims, good: str) -> dict[str, str]:
    """Return forged tokens with the claims of a good one, so that nothing but the forgery is wrong with them."""
    found = {f"alg {word}": _unsigned({"alg": word, "typ": "JWT"}, claims) + "." for word in NONE}
    found |= {f"signed with {secret!r}": hs256(claims, secret.encode()) for secret in DEFAULTS}
    if good.count(".") == 2:  # noqa: PLR2004 - a header, claims and a signature
        head, _, signature = good.split(".")
        altered = _encoded(_json({**claims, "golive": "altered"}))
        found["altered after it was signed"] = f"{head}.{altered}.{signature}"
        found["without its signature"] = f"{good.rpartition('.')[0]}."
    return found


def confused(keys: Iterable[PublicKey], claims: Claims) -> dict[str, str]:
    """Return tokens signed by HS256 with a public key as the secret, in the forms in which servers hold it."""
    found = {}
    for number, key in enumerate(keys, 1):
        header = {"kid": key.id} if key.id else {}
        for form, secret in {"PEM": key.pem, "PEM without its last line break": key.pem.rstrip(b"\n")}.items():
            found[f"HS256 with public key {number} as {form}"] = hs256(claims, secret, **header)
    return found


def _unsigned(header: Mapping[str, str], claims: Mapping[str, Any]) -> str:
    return f"{_encoded(_json(header))}.{_encoded(_json(claims))}"


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
