"""How tokens are verified, and the session's cookie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from golive_lab.world.env_texts import made_up

ME_PATH, EXPORT_PATH, SESSION_PATH = "/api/v1/me", "/api/v1/me/export", "/api/v1/session"
DELETE_PATH = "/api/v1/me/account"
AUDIENCE = "afrigest-api"
SECRET = "jwt-" + "Yq3Wm8Zt5Lc1Vb7Xn9Kd2Rp6Hs4Gj0Fa"
"""The lab's own. Split so that scanners do not take it for a live one."""
WELL_KNOWN = "secret"
JWKS_PATH = "/.well-known/jwks.json"
MODULUS = "w" + made_up("jwks", 340) + "E"
"""Of the public key of tokens that another server issues, made up: nobody has the private one."""
Verifies = Literal[
    "all", "nothing", "none", "any none", "default", "no end", "no audience", "no token", "refuses", "key as secret"
]


@dataclass(frozen=True)
class Login:
    """How tokens are verified, and what the session's cookie says."""

    verifies: Verifies = "all"
    """All that there is to a token, or all but one thing: `alg: none` in lower case, or in any other, is accepted,
    ..."""
    cookie: str = "__Host-sid=<value>; Path=/; Secure; HttpOnly; SameSite=Lax"
    """What the session's answer sets; empty for nothing."""
    export: Literal["guarded", "open", "missing"] = "guarded"
    delete: Literal["guarded", "missing"] = "guarded"
    documented: bool = True
    """The API's document names the routes for a person's data."""
    hides: bool = False
    """What is not there asks for a login too, so that nobody can tell it from what is."""
