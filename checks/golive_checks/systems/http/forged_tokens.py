"""Tokens that a sound verifier refuses, each for one reason (RFC 8725; PortSwigger's and OWASP's lists). Pure."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

from golive_checks.systems.http.client.jwks import PublicKey
from golive_checks.systems.http.known_keys import PUBLISHED_KEYS

Claims = dict[str, Any]
NONE = ("none", "None", "NONE", "nOnE")
"""Verifiers that refuse the lower-case word alone have let the others in."""
DEFAULTS = (
    "",
    *("secret", "secretkey", "secret_key", "supersecret", "super-secret", "mysecret", "password"),
    *("jwt_secret", "jwtsecret", "your_jwt_secret", "your-secret-key", "your_secret_key"),
    *("changeme", "change_me", "change-me", "change_me_in_production", "changeit", "change_me_access"),
    *("dev_access", "dev_refresh", "dev_secret", "dev-secret", "dev_jwt_secret", "devsecret"),
    *PUBLISHED_KEYS,
)
"""What tutorials, templates and frameworks ship, and is tried on the API itself: some thirty requests."""
FEW = ("", "secret", "changeme", "your-256-bit-secret")
"""Tried where a good token's own key is tried offline: a verifier that has a second key beside it is rare."""
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
"""RFC 7518, section 3.2."""


def hmac_signed(claims: Mapping[str, Any], secret: bytes, alg: str = "HS256", **header: str) -> str:
    """Issue a token that is signed with a secret (RFC 7515, appendix A.1)."""
    text = _unsigned({"alg": alg, "typ": "JWT", **header}, claims)
    return f"{text}.{_encoded(hmac.digest(secret, text.encode(), HASHES[alg]))}"


def alg_of(token: str) -> str:
    """Return the HMAC that signed a token; HS256 where it is another algorithm, or no token."""
    return _hmac_of(token) or "HS256"


def is_hmac(token: str) -> bool:
    """Return whether a token is signed with a secret, and not with a private key."""
    return bool(_hmac_of(token))


def _hmac_of(token: str) -> str:
    try:
        head = token.split(".", maxsplit=1)[0]
        found = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, RecursionError):
        return ""
    alg = found.get("alg") if isinstance(found, dict) else None
    return alg if isinstance(alg, str) and alg in HASHES else ""


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
    alg = alg_of(good)
    secrets = FEW if is_hmac(good) else DEFAULTS
    found |= {f"signed with {secret!r}": hmac_signed(claims, secret.encode(), alg) for secret in secrets}
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
            found[f"HS256 with public key {number} as {form}"] = hmac_signed(claims, secret, "HS256", **header)
    return found


def _unsigned(header: Mapping[str, str], claims: Mapping[str, Any]) -> str:
    return f"{_encoded(_json(header))}.{_encoded(_json(claims))}"


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
