"""Which keys are found offline, and which are not."""

import base64
import secrets
import time

import pytest

from golive_checks.systems.http.forged_tokens import DEFAULTS, FEW, alg_of, claims_of, forgeries, hmac_signed
from golive_checks.systems.http.known_keys import KnownKey, guessable, key_of

CLAIMS = {"sub": "awa", "role": "cashier", "exp": 1_795_000_000}
FOUND = {
    "secret": "guessable",
    "change_me": "guessable",
    "change-me-in-production": "guessable",
    "change_me_access_secret": "guessable",
    "dev_access": "guessable",
    "dev-refresh-secret": "guessable",
    "your-secret-key": "guessable",
    "JWT_SECRET": "guessable",
    "mysecretkey123": "guessable",
    "password123": "guessable",
    "": "short",
    "k": "short",
    "~}": "short",
    "q7x": "short",
    "4711": "short",
    "ThisTokenIsNotSoSecretChangeIt": "published",
    "super-secret-jwt-token-with-at-least-32-characters-long": "published",
}


@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize(("key", "kind"), FOUND.items(), ids=[key or "nothing" for key in FOUND])
def test_found(key: str, kind: str, alg: str) -> None:
    token = hmac_signed(CLAIMS, key.encode(), alg)
    found = key_of(token)
    assert found is not None
    assert (found.kind, found.length) == (kind, len(key))
    assert not key or len(key) < len("secret") or key not in repr(found)
    assert alg_of(token) == alg


def test_a_published_key_is_found_as_libraries_read_it() -> None:
    text = "404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970"
    for form in (text.encode(), bytes.fromhex(text), base64.b64decode(text)):
        found = key_of(hmac_signed(CLAIMS, form))
        assert found == KnownKey("published", "the key of many tutorials on Spring Security", len(form))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b",
        "a.b.c",
        "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl",
        "eyJhbGciOiJub25lIn0.e30.",
        "eyJhbGciOjV9.e30.x",
        "W10.e30.x",
        "eyJhbGciOiJIUzI1NiJ9.e30.\u00e9",
        hmac_signed(CLAIMS, b"secret")[:-4] + "AAAA",
        hmac_signed(CLAIMS, b"rice, cassava, okra and 12 mangoes"),
        hmac_signed(CLAIMS, b"a1B"),
        hmac_signed(CLAIMS, secrets.token_bytes(32)),
    ],
)
def test_not_found(token: str) -> None:
    assert key_of(token) is None


def test_it_takes_well_under_a_second_of_the_processor() -> None:
    token = hmac_signed(CLAIMS, secrets.token_bytes(32), "HS512")
    began = time.process_time()
    assert key_of(token) is None
    assert time.process_time() - began < 1.0
    assert len(set(guessable())) > 10_000


def test_forgeries_have_the_algorithm_of_the_good_token() -> None:
    good = hmac_signed(CLAIMS, b"rice, cassava, okra", "HS512")
    forged = forgeries(claims_of(good), good)
    assert {alg_of(token) for name, token in forged.items() if name.startswith("signed with")} == {"HS512"}
    assert "signed with 'changeme'" in forged


def test_words_of_templates_are_tried_on_the_api_where_the_good_token_has_no_secret_to_try_offline() -> None:
    by_a_key = "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"
    for good in ("", by_a_key):
        assert {f"signed with {word!r}" for word in DEFAULTS} <= set(forgeries({}, good))
    with_a_secret = forgeries(CLAIMS, hmac_signed(CLAIMS, b"rice, cassava, okra"))
    assert sum(name.startswith("signed with") for name in with_a_secret) == len(FEW) < len(DEFAULTS)
    known = {hmac_signed(CLAIMS, word.encode()) for word in DEFAULTS}
    assert all(key_of(token) for token in known)  # so that nothing is lost by leaving them out
