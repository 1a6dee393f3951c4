"""Who is logged in: tokens, verified right by default, and the session's cookie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from golive_lab.parts.asgi import HttpAnswer, as_json, header
from golive_lab.world.login import (
    AUDIENCE,
    DELETE_PATH,
    EXPORT_PATH,
    JWKS_PATH,
    ME_PATH,
    MODULUS,
    SECRET,
    SESSION_PATH,
    WELL_KNOWN,
    Login,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from golive_lab.parts.asgi import Scope


@dataclass(frozen=True)
class LoginRoutes:
    """Answers the routes that ask for a login, as the description has it."""

    login: Login

    def answer(self, scope: Scope) -> HttpAnswer | None:
        """Answer what is a person's own; None for any other path."""
        path, method = scope["path"], scope["method"]
        if method == "GET" and (public := self._public(path)):
            return public
        there = {
            ME_PATH: True,
            EXPORT_PATH: self.login.export != "missing",
            DELETE_PATH: self.login.delete != "missing",
        }
        if not there.get(path, self.login.hides and path.startswith("/api/v1/me/")):
            return None
        if not self.accepts(header(scope, "authorization").removeprefix("Bearer "), time.time()):
            return as_json(401, {"error": "unauthorized"})
        if path == DELETE_PATH:
            return None if method != "DELETE" else as_json(202, {"deleted": True})
        return as_json(200, {"name": "Awa"})

    def _public(self, path: str) -> HttpAnswer | None:
        """Answer what asks for no login."""
        if path == SESSION_PATH:
            cookie = self.login.cookie.replace("<value>", "5f0c2e9ab1d34c77")
            return HttpAnswer(200, "application/json", b'{"user":null}', (("set-cookie", cookie),) if cookie else ())
        if path == JWKS_PATH:
            key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "lab", "e": "AQAB", "n": MODULUS}
            return as_json(200, {"keys": [key]})
        return (
            as_json(200, {"name": "Awa", "orders": []}) if path == EXPORT_PATH and self.login.export == "open" else None
        )

    def accepts(self, token: str, now: float) -> bool:
        """Verify a token: RFC 7519, section 7.2."""
        if self.login.verifies in {"no token", "refuses"}:
            return self.login.verifies == "no token"
        try:
            head, body, signature = token.split(".")
            says, claims = _read(head), _read(body)
        except ValueError:
            return False
        return (
            self._signed(says, f"{head}.{body}", signature)
            and (self.login.verifies == "no end" or float(claims.get("exp", 0)) > now)
            and (self.login.verifies == "no audience" or claims.get("aud") == AUDIENCE)
        )

    def _signed(self, says: Mapping[str, Any], text: str, signature: str) -> bool:
        algorithm = str(says.get("alg"))
        if self.login.verifies == "nothing":
            return True
        if self.login.verifies == "none" and algorithm == "none":
            return True
        if self.login.verifies == "any none" and algorithm != "none" and algorithm.lower() == "none":
            return True
        if self.login.verifies == "key as secret" and hmac.compare_digest(sign(text, public_pem()), signature):
            return algorithm == "HS256"
        keys = [SECRET, *([WELL_KNOWN] if self.login.verifies == "default" else [])]
        return algorithm == "HS256" and any(hmac.compare_digest(sign(text, key), signature) for key in keys)


def token(claims: Mapping[str, Any], secret: str = SECRET) -> str:
    """Issue a token."""
    text = f"{_write({'alg': 'HS256', 'typ': 'JWT'})}.{_write(claims)}"
    return f"{text}.{sign(text, secret)}"


def public_pem() -> str:
    """Write the public key as servers hold it."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers  # noqa: PLC0415 - one fault has use for it
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 - likewise

    modulus = int.from_bytes(base64.urlsafe_b64decode(MODULUS + "=="))
    public = RSAPublicNumbers(65537, modulus).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def sign(text: str, secret: str) -> str:
    """Sign with HS256."""
    return _encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _write(content: Mapping[str, Any]) -> str:
    return _encode(json.dumps(content, separators=(",", ":")).encode())


def _read(part: str) -> Mapping[str, Any]:
    found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - it came from outside, and is of no use
    return found
