from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.checks.env.conftest import TOKENS

from golive import Outcome
from golive_checks.env.tokens import Tokens, jwt_secrets_strong, token_lifetimes_sane

if TYPE_CHECKING:
    from tests.checks.env.conftest import Seen

    from golive_checks.systems.env.files import EnvFile

GOOD = "w8Kq2VzT5mXe9RbY4nLc7HsJ1dGf6PaUo3Ei0Wx"
OTHER = "Ht5Zr1Mb8Yk4Wq9Lv3Xs6Nc2Jd7Fg0PaEuTiRo"


@pytest.mark.parametrize(
    ("access", "refresh", "outcome", "word"),
    [
        (GOOD, OTHER, Outcome.PASS, "2 secrets, all different"),
        (GOOD[:31], OTHER, Outcome.FAIL, "has 31 bytes, HS256 needs 32"),
        ("abcd" * 16, OTHER, Outcome.FAIL, "bits of entropy for its 64 bytes"),
        ("supersecretsupersecretsupersecret", OTHER, Outcome.FAIL, "bits of entropy"),
        (GOOD, GOOD, Outcome.FAIL, "JWT_REFRESH_SECRET equals JWT_ACCESS_SECRET"),
    ],
)
def test_jwt_secrets(access: str, refresh: str, outcome: Outcome, word: str, api: EnvFile, seen: Seen) -> None:
    verdict = jwt_secrets_strong(api, seen(f"JWT_ACCESS_SECRET={access}\nJWT_REFRESH_SECRET={refresh}\n"), TOKENS)
    assert verdict.outcome is outcome
    assert word in verdict.summary
    assert access not in str(verdict)


def test_a_reset_secret_is_judged_too(api: EnvFile, seen: Seen) -> None:
    text = f"JWT_ACCESS_SECRET={GOOD}\nJWT_RESET_SECRET={GOOD}\n"
    assert jwt_secrets_strong(api, seen(text), TOKENS).summary == "JWT_RESET_SECRET equals JWT_ACCESS_SECRET"


def test_limits_are_the_profiles(api: EnvFile, seen: Seen) -> None:
    text = f"JWT_ACCESS_SECRET={GOOD}\n"
    assert jwt_secrets_strong(api, seen(text), Tokens(min_secret_bytes=64)).outcome is Outcome.FAIL
    assert jwt_secrets_strong(api, seen(text), Tokens(min_secret_bits=500)).outcome is Outcome.FAIL


def test_jwks_has_no_secret(api: EnvFile, seen: Seen) -> None:
    assert jwt_secrets_strong(api, seen("JWT_ACCESS_SECRET=x\n"), Tokens(signing="jwks")).outcome is Outcome.NA
    assert jwt_secrets_strong(api, seen("PORT=1\n"), TOKENS).outcome is Outcome.NA


@pytest.mark.parametrize(
    ("access", "refresh", "outcome", "word"),
    [
        ("15m", "30d", Outcome.PASS, "ACCESS_TTL=15m, REFRESH_TTL=30d"),
        ("1h", "90d", Outcome.PASS, ""),
        ("30d", "90d", Outcome.FAIL, "lives 30 days, at most 1 h is allowed"),
        ("15m", "91d", Outcome.FAIL, "lives 91 days, at most 90 days is allowed"),
        ("900", "30d", Outcome.FAIL, "lives 900 ms"),
        ("15m", "2592000", Outcome.FAIL, "read as milliseconds"),
        ("30m", "10m", Outcome.FAIL, "the refresh token is gone first"),
        ("15m", "15m", Outcome.FAIL, "the refresh token is gone first"),
        ("-15m", "30d", Outcome.FAIL, "before it is issued"),
        ("soon", "30d", Outcome.FAIL, "ACCESS_TTL is no duration"),
    ],
)
def test_lifetimes(access: str, refresh: str, outcome: Outcome, word: str, api: EnvFile, seen: Seen) -> None:
    verdict = token_lifetimes_sane(api, seen(f"ACCESS_TTL={access}\nREFRESH_TTL={refresh}\n"), TOKENS)
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_lifetimes_of_the_profile(api: EnvFile, seen: Seen) -> None:
    v = seen("ACCESS_TTL=2h\n")
    assert token_lifetimes_sane(api, v, TOKENS.model_copy(update={"max_access_s": 7200})).outcome is Outcome.PASS
    assert token_lifetimes_sane(api, seen("PORT=1\n"), TOKENS).outcome is Outcome.NA
