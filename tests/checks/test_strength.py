from __future__ import annotations

import base64
import random
import string
import uuid

import pytest

from golive_checks.strength import entropy_bits

ENOUGH = 128


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a" * 64,
        "abc" * 30,
        "0123456789abcdef" * 4,
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "qwertyuiopasdfghjklzxcvbnm123456",
        "supersecretsupersecretsupersecret",
        "this-is-my-very-secret-jwt-key-for-production",
        "correct-horse-battery-staple-tomato",
        "ThisIsAVerySecretKeyThatNobodyKnows123",
        "deadbeef" * 8,
        "0b4e0b0e-7c5b-4b3f-9d1e-2f3a4b5c6d7e",
        "Zq8Rt",
    ],
)
def test_what_can_be_guessed_is_weak(value: str) -> None:
    assert 0 <= entropy_bits(value) < ENOUGH


@pytest.mark.parametrize("seed", range(60))
def test_what_a_generator_makes_is_strong(seed: int) -> None:
    source = random.Random(seed)  # noqa: S311 - a test must be the same in every run

    def of(alphabet: str, length: int) -> str:
        return "".join(source.choice(alphabet) for _ in range(length))

    for value in (
        of("0123456789abcdef", 32),  # openssl rand -hex 16
        of("0123456789abcdef", 64),
        base64.b64encode(source.randbytes(32)).decode(),
        base64.urlsafe_b64encode(source.randbytes(48)).decode(),
        base64.b32encode(source.randbytes(25)).decode(),
        of(string.ascii_lowercase + string.digits, 32),
        of(string.ascii_letters + string.digits, 64),
        of(string.ascii_letters + string.digits + "!@%^&*", 32),
    ):
        assert entropy_bits(value) >= ENOUGH, value


def test_a_uuid_is_worth_what_is_random_in_it() -> None:
    assert entropy_bits(str(uuid.UUID(int=random.Random(1).getrandbits(128), version=4))) == 122  # noqa: S311 - likewise


def test_a_long_value_takes_no_time() -> None:
    for value in ("ab" * 200_000, "a" * 400_000, "secret" * 60_000, "Aa" * 100_000, "a-" * 100_000):
        entropy_bits(value)
