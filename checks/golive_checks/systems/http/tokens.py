"""How a host's protected route takes tokens that nobody should accept."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from pydantic import Field, SecretStr

from golive import Effect, Fact, Now, Settings, Unavailable, probe
from golive.profile.types import FilePath
from golive_checks.subjects import Host, UrlPath
from golive_checks.systems.http.answers import Routes
from golive_checks.systems.http.client.jwks import PublicKey, rsa_keys
from golive_checks.systems.http.client.message import ACCEPT_JSON, Access, OneLine
from golive_checks.systems.http.door import Door
from golive_checks.systems.http.forged_tokens import Claims, claims_of, confused, forgeries, hmac_signed
from golive_checks.systems.http.front import HostDoor
from golive_checks.systems.http.known_keys import KnownKey, key_of
from golive_checks.systems.machine.client.files import Files

LIFE_S = 300
NO_TOKEN, VALID, EXPIRED, AUDIENCE = "no token", "valid", "expired", "wrong audience"


class Jwt(Settings):
    """What golive may know of the API's tokens, so that it can forge bad ones that are like good ones."""

    home: ClassVar[str] = "security.jwt"

    token: OneLine = SecretStr("")
    """A token that is accepted, such as a test user's: `${GOLIVE_JWT}`."""
    secret: SecretStr = SecretStr("")
    """The HS256 secret: with it golive issues a token of its own, one that has expired, and one for somebody else."""
    claims: Mapping[str, str | int | bool] = Field(default_factory=dict)
    """The claims of such a token, such as `sub`; `exp` and `iat` are added."""
    audience: str = ""
    """The audience (`aud`) that the API demands; empty: it demands none."""
    expired_token: OneLine = SecretStr("")
    """A token that was good once, where golive does not have the secret."""
    foreign_token: OneLine = SecretStr("")
    """A good token for another audience, such as a refresh token, where golive does not have the secret."""
    jwks_path: UrlPath = ""
    """Where the API shows its public keys: they are tried as an HS256 secret."""
    public_key: FilePath = ""
    """A file with the public key that tokens are verified with, in PEM: it is tried likewise."""


@dataclass(frozen=True)
class TokenAnswers(Fact):
    """The status that each kind of token got; empty where the host names no protected route. No token is kept."""

    path: str = ""
    statuses: Mapping[str, int] = field(default_factory=dict)
    keys: Mapping[str, KnownKey] = field(default_factory=dict)
    """Tokens whose key was found offline, by the key of the profile that gives the token."""


def _requests(routes: Routes, ask: Jwt) -> int:
    good, others = _issued(ask, 0)
    shown, confused_ones = bool(ask.jwks_path), 2 * (bool(ask.jwks_path) + bool(ask.public_key))
    tried = 1 + bool(good) + len(others) + len(forgeries({}, good)) + shown + confused_ones
    return tried if routes.protected else 0


@probe("http.token-answers", requests=_requests, effect=Effect.ACTIVE)
async def token_answers(
    host: Host,
    door: HostDoor,
    routes: Routes,
    ask: Jwt,
    files: Files,
    now: Now,
) -> TokenAnswers:
    """Ask a protected route without a token, with a good one, and with forged ones."""
    if not routes.protected:
        return TokenAnswers()
    if door.access.basic or "authorization" in {name.lower() for name in door.access.headers}:
        raise Unavailable(
            f"{host.name}: what opens its wall uses the Authorization header, which a token needs too",
            fix="let golive through by another header, or without one",
        )
    at = int(now.at.timestamp())
    good, others = _issued(ask, at)
    tokens = {NO_TOKEN: "", **({VALID: good} if good else {}), **others}
    tokens |= forgeries(claims_of(good) | {"exp": at + LIFE_S}, good)
    keys = [PublicKey("", await _public_key(ask.public_key, files))] if ask.public_key else []
    if ask.jwks_path:
        shown = await door.get(ask.jwks_path, accept=ACCEPT_JSON)
        keys += rsa_keys(shown.content)
    tokens |= confused(keys, claims_of(good) | {"exp": at + LIFE_S})

    answers = await answers_to(tokens, door, routes.protected)
    return TokenAnswers(routes.protected, answers, await asyncio.to_thread(_known_keys, ask, good))


def _known_keys(ask: Jwt, good: str) -> dict[str, KnownKey]:
    """Try the known keys on the profile's tokens, and on golive's own where the profile gives the secret."""
    given = {name: getattr(ask, name).get_secret_value() for name in ("token", "expired_token", "foreign_token")}
    given |= {"secret": good} if ask.secret.get_secret_value() and not given["token"] else {}
    return {f"security.jwt.{name}": key for name, token in given.items() if token and (key := key_of(token))}


async def answers_to(tokens: Mapping[str, str], door: Door, path: str) -> dict[str, int]:
    """Return the status that a route answers to each token, by the tokens' names; an empty one is not sent."""

    async def status(token: str) -> int:
        given = {**door.access.headers, **({"authorization": SecretStr(f"Bearer {token}")} if token else {})}
        return (await replace(door, access=Access(headers=given)).get_anew(path)).status

    statuses = await asyncio.gather(*map(status, tokens.values()))
    return dict(zip(tokens, statuses, strict=True))


def claims_of_good(ask: Jwt, at: int) -> Claims:
    """Return the claims of a token that is accepted, as far as the profile lets golive know them."""
    good, _ = _issued(ask, at)
    return claims_of(good) | {"exp": at + LIFE_S}


async def _public_key(path: str, files: Files) -> bytes:
    """Read a public key in PEM, and never a private one."""
    data = (await files.read(path)).data
    if b"-----BEGIN PUBLIC KEY-----" not in data and b"-----BEGIN RSA PUBLIC KEY-----" not in data:
        raise Unavailable(f"{path} holds no public key in PEM", fix="see security.jwt.public_key")
    return data


def _issued(ask: Jwt, at: int) -> tuple[str, dict[str, str]]:
    """Return a good token, and those that were good once or are good elsewhere: the profile's own, or golive's."""
    secret = ask.secret.get_secret_value()
    audience: Claims = {"aud": ask.audience} if ask.audience else {}
    claims = {**ask.claims, **audience, "iat": at, "exp": at + LIFE_S}
    good = ask.token.get_secret_value() or (hmac_signed(claims, secret.encode()) if secret else "")
    given = {EXPIRED: ask.expired_token.get_secret_value(), AUDIENCE: ask.foreign_token.get_secret_value()}
    if secret:
        past = {**claims, "iat": at - 2 * LIFE_S, "exp": at - LIFE_S}
        given[EXPIRED] = given[EXPIRED] or hmac_signed(past, secret.encode())
        if ask.audience:
            given[AUDIENCE] = given[AUDIENCE] or hmac_signed({**claims, "aud": "golive-somebody-else"}, secret.encode())
    return good, {name: token for name, token in given.items() if token}
