"""Keys that a token's signature is tried with offline, as anyone may: published, guessable and short ones. Pure."""

import base64
import hmac
import itertools
import json
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from golive_checks.placeholders import PUBLISHED

PUBLISHED_KEYS: Mapping[str, str] = {
    **{
        key: what for key, what in PUBLISHED.items() if "jwt.io" in what or "jsonwebtoken" in what or "Supabase" in what
    },
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7": "the example of FastAPI's tutorial",
    "DO NOT USE THIS VALUE. INSTEAD, CREATE A COMPLEX SECRET AND KEEP IT SAFE OUTSIDE OF THE SOURCE CODE.": (
        "the example of NestJS's documentation"
    ),
    "404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970": "the key of many tutorials on Spring Security",
    "ThisTokenIsNotSoSecretChangeIt": "Symfony's published default",
    "super-secret": "the example of Flask-JWT-Extended's documentation",
    "tobemodified": "Strapi's published default",
    "DEFAULT-JWT-KEY-CHANGE-ME": "a published default",
}
"""Keys by what published them."""
WHOSE = (
    *("", "my", "your", "our", "the", "a", "some", "super", "very", "top", "this_is_my", "this_is_a", "this_is"),
    *("dev", "development", "test", "testing", "local", "default", "demo", "example", "sample", "prod", "production"),
    *("jwt", "api", "app", "auth", "access", "refresh", "token", "session", "user", "admin", "login", "web", "server"),
    *("node", "express", "nest", "nestjs", "next", "react", "django", "flask", "fastapi", "laravel", "spring", "rails"),
    *(
        "change",
        "changeme",
        "change_me",
        "replace",
        "replace_me",
        "insert",
        "enter",
        "private",
        "hs256",
        "hmac",
        "my_jwt",
    ),
    *("your_jwt", "my_super", "super_secret", "your_super", "your_access", "your_refresh", "jwt_access", "jwt_refresh"),
)
WHAT = (
    *("secret", "key", "token", "password", "pass", "secretkey", "secret_key", "secret_token", "jwt", "jwt_secret"),
    *("jwt_key", "jwt_secret_key", "access", "refresh", "access_secret", "refresh_secret", "access_token_secret"),
    *("refresh_token_secret", "private_key", "signing_key", "me", "it", "this", "secret_here", "key_here"),
    *("in_production", "me_in_production", "this_in_production", "me_please", "jwt_secret_here", "secret_key_here"),
)
BEHIND = ("", "1", "123")
PASSWORDS = (
    *("123456", "1234567", "12345678", "123456789", "1234567890", "password1", "password123", "passw0rd", "p@ssw0rd"),
    *("qwerty", "qwerty123", "qwertyuiop", "abc123", "abcdef", "abcd1234", "letmein", "iloveyou", "admin", "admin123"),
    *(
        "root",
        "toor",
        "guest",
        "welcome",
        "monkey",
        "dragon",
        "shhh",
        "shhhh",
        "shhhhh",
        "hello",
        "helloworld",
        "foobar",
    ),
    *(
        "foo",
        "bar",
        "baz",
        "keyboard cat",
        "keyboardcat",
        "s3cr3t",
        "s3cret",
        "sup3rs3cr3t",
        "topsecret",
        "hush",
        "xxx",
    ),
    *(
        "none",
        "null",
        "undefined",
        "true",
        "todo",
        "empty",
        "string",
        "random",
        "randomstring",
        "randomsecret",
        "test123",
    ),
)
Kind = Literal["published", "guessable", "short"]


@dataclass(frozen=True)
class KnownKey:
    """What kind of key was found, without the key itself."""

    kind: Kind
    published_by: str = ""
    length: int = 0
    """Its characters."""


def key_of(token: str) -> KnownKey | None:
    """Find the key that signed a token among those that are known.

    Nothing where the token is signed otherwise than by HMAC, or with another key. Some 95,000 keys are tried, in a
    fifth of a second.
    """
    text, _, signature = token.rpartition(".")
    alg = _alg(text)
    if not alg:
        return None
    try:
        wanted = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    except ValueError:
        return None
    signed, digest = text.encode(), hmac.digest
    for kind, key, published_by in _candidates():
        if digest(key, signed, alg) == wanted:
            return KnownKey(kind, published_by, len(key))
    return None


def _alg(text: str) -> str:
    """Return the hash of a token's HMAC; empty where it has none."""
    head = text.partition(".")[0]
    try:
        found = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, RecursionError):
        return ""
    alg = found.get("alg") if isinstance(found, dict) else None
    return {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}.get(alg, "") if isinstance(alg, str) else ""


def _candidates() -> Iterator[tuple[Kind, bytes, str]]:
    for key, what in PUBLISHED_KEYS.items():
        yield from (("published", form, what) for form in _forms(key))
    yield from (("guessable", key.encode(), "") for key in guessable())
    yield from (("short", key, "") for key in _short())


def _forms(key: str) -> Iterator[bytes]:
    """Yield what libraries make of a key's text: its bytes, and what base64 or hex stands for."""
    yield key.encode()
    for read in (base64.b64decode, bytes.fromhex):
        try:
            yield read(key)
        except ValueError:
            continue


def guessable() -> Iterator[str]:
    """Yield what people write who mean to change it: words of whose and of what, in every usual spelling."""
    yield from PASSWORDS
    for whose, what in itertools.product(WHOSE, WHAT):
        words = f"{whose}_{what}" if whose else what
        spelt = (words, words.replace("_", "-"), words.replace("_", ""), words.replace("_", " "), words.upper())
        yield from (f"{word}{behind}" for word in dict.fromkeys(spelt) for behind in BEHIND)


def _short() -> Iterator[bytes]:
    """Yield every key of up to two characters, every three small letters or digits, every number of four digits."""
    printable = string.digits + string.ascii_letters + string.punctuation + " "
    small = string.ascii_lowercase + string.digits
    for letters, length in ((printable, 0), (printable, 1), (printable, 2), (small, 3), (string.digits, 4)):
        yield from (bytes(map(ord, each)) for each in itertools.product(letters, repeat=length))
