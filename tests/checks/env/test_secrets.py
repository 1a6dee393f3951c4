from __future__ import annotations

import base64
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from golive import Outcome
from golive_checks.env.secrets import Signing, secrets_unpublished, session_secrets_strong
from golive_checks.env.tokens import Tokens
from golive_checks.systems.env.upkeep import Example

if TYPE_CHECKING:
    from tests.checks.env.conftest import Seen

    from golive import Verdict
    from golive_checks.systems.env.files import EnvFile

RANDOM = "q7Zt0LhXw2Bv9KcRmEy4NsGd8PjUfAoTi1VkHeWx5SbQ"
PASS, FAIL, NA = Outcome.PASS, Outcome.FAIL, Outcome.NA


def judged(api: EnvFile, seen: Seen, text: str, ask: Signing | None = None) -> Verdict:
    v = seen(text + "\n")
    return session_secrets_strong(api, v, {api: v}, ask or Signing(), Tokens())


@pytest.mark.parametrize(
    "name",
    [
        *("SECRET_KEY", "DJANGO_SECRET_KEY", "FLASK_SECRET_KEY", "SECRET_KEY_BASE", "APP_KEY", "APP_SECRET"),
        *("NEXTAUTH_SECRET", "AUTH_SECRET", "BETTER_AUTH_SECRET", "SESSION_SECRET", "COOKIE_SECRET", "JWT_SECRET"),
        *("JWT_SECRET_KEY", "ADMIN_JWT_SECRET", "MYAPP_JWT_SECRET", "ACCESS_TOKEN_SECRET", "REFRESH_TOKEN_SECRET"),
        *("TOKEN_SECRET", "ENCRYPTION_KEY", "RAILS_MASTER_KEY", "PAYLOAD_SECRET", "OAUTH2_PROXY_COOKIE_SECRET"),
        *("sessionSecret", "jwtSecret", "APP_KEYS"),
    ],
)
def test_whatever_its_name(name: str, api: EnvFile, seen: Seen) -> None:
    assert judged(api, seen, f"{name}={RANDOM}").outcome is PASS
    for weak in ("", "lions-and-tigers", "summer2026", "a" * 64, "replacemewithrandomstring"):
        assert judged(api, seen, f"{name}={weak}").outcome is FAIL


@pytest.mark.parametrize(
    "text",
    [
        *("STRIPE_SECRET_KEY=short", "AWS_SECRET_ACCESS_KEY=short", "TWITTER_ACCESS_TOKEN_SECRET=short"),
        *("COOKIE_CONSENT_KEY=consent", "SESSION_KEY=sid", "TOKEN_KEY=token", "JWT_PUBLIC_KEY=short"),
        *("JWT_ALGORITHM=HS256", "SESSION_SECRET_NAME=sid", "APP_NAME=shop", "NEXT_PUBLIC_APP_KEY=short"),
        *("ACCESS_TOKEN_EXPIRE_MINUTES=60", "RECAPTCHA_SECRET_KEY=short", "FACEBOOK_APP_SECRET=short"),
    ],
)
def test_what_signs_nothing(text: str, api: EnvFile, seen: Seen) -> None:
    assert judged(api, seen, text).outcome is NA


@pytest.mark.parametrize(
    "value",
    [
        "base64:" + base64.b64encode(bytes(range(7, 39))).decode(),
        "0b4e0b0e-7c5b-4b3f-9d1e-2f3a4b5c6d7e",
        "9f1c2ab47d5e3680c1b2a3948576d0e1",
        "HZcvrvNvbdF5BbmKTTWKcg==",
        "/run/secrets/jwt",
        "%kernel.project_dir%/config/jwt/private.pem",
        "op://Production/api/jwt",
        "arn:aws:secretsmanager:eu-west-3:123456789012:secret:jwt-AbCdEf",
    ],
)
def test_sound_ones(value: str, api: EnvFile, seen: Seen) -> None:
    assert judged(api, seen, f"JWT_SECRET={value}").outcome is PASS


def test_random_secrets_are_always_strong(api: EnvFile, seen: Seen) -> None:
    source = random.Random(11)  # noqa: S311 - a test must be the same in every run
    for size in (16, 24, 32, 48, 64):
        for _ in range(40):
            data = source.randbytes(size)
            for value in (data.hex(), base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode()):
                assert judged(api, seen, f"SESSION_SECRET={value}").outcome is PASS, value


def test_more_and_fewer_names(api: EnvFile, seen: Seen) -> None:
    assert judged(api, seen, "VAULT_SEAL=weak", Signing(secrets=("VAULT_SEAL",))).outcome is FAIL
    assert judged(api, seen, "APP_SECRET=weak", Signing(others=("APP_SECRET",))).outcome is NA
    vault = replace(api, name="vault")
    empty = seen("SESSION_SECRET=\n")
    files = {api: empty, vault: seen(f"SESSION_SECRET={RANDOM}\n", vault)}
    assert session_secrets_strong(api, empty, files, Signing(), Tokens()).outcome is PASS


@pytest.mark.parametrize(
    ("real", "example", "outcome"),
    [
        (f"SESSION_SECRET={RANDOM}", f"SESSION_SECRET={RANDOM}", FAIL),
        (f"SESSION_SECRET={RANDOM}", f"JWT_SECRET={RANDOM}", FAIL),
        (f"SESSION_SECRET={RANDOM}", "SESSION_SECRET=...", PASS),
        (f"API_TOKEN={RANDOM}", f"API_TOKEN={RANDOM}", FAIL),
        ("DB_PASSWORD=hunter22", "DB_PASSWORD=hunter22", FAIL),
        ("DATABASE_URL=postgres://a:hunter22@db/a", "DATABASE_URL=postgres://a:hunter22@localhost/a", FAIL),
        ("DATABASE_URL=postgres://a:tRu3n0rth@db/a", "DATABASE_URL=postgres://a:hunter22@db/a", PASS),
        ("PORT=4000\nS3_REGION=eu-west-3", "PORT=4000\nS3_REGION=eu-west-3", NA),
        (f"NEXT_PUBLIC_KEY={RANDOM}", f"NEXT_PUBLIC_KEY={RANDOM}", NA),
        ("ACCESS_TOKEN_EXPIRE_MINUTES=60", "ACCESS_TOKEN_EXPIRE_MINUTES=60", NA),
        ("S3_KEY_PREFIX=uploads/", "S3_KEY_PREFIX=uploads/", NA),
        ("JWT_KEY_ID=2026-01", "JWT_KEY_ID=2026-01", NA),
    ],
)
def test_published(real: str, example: str, outcome: Outcome, api: EnvFile, seen: Seen) -> None:
    verdict = secrets_unpublished(api, seen(real + "\n"), Example({"x.example": {}}, seen(example + "\n").values))
    assert verdict.outcome is outcome, verdict.summary
    assert RANDOM not in str(verdict)
