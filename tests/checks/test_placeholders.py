from __future__ import annotations

import random
import string

import pytest

from golive_checks.placeholders import placeholder


@pytest.mark.parametrize(
    "value",
    [
        *("...", "…", "xxx", "XXXXXXXX", "***", "---", "???", "00000000", "12345678", "1234567890"),
        *(
            "change_me",
            "changeme",
            "CHANGE-ME!",
            "ChangeMe123",
            "change-this-in-production",
            "replace_me",
            "todo",
            "TBD",
        ),
        *("example", "placeholder", "dummy", "undefined", "null", "secret", "supersecret", "password", "Passw0rd"),
        *("dev_access", "dev_refresh", "dev-secret"),
        *("your_secret_key_here", "YOUR_API_KEY", "my-secret-key", "insert-token-here", "put your key here"),
        *("<domain>", "[your key]", "{{ key }}", "${KEY}", "__KEY__", "%KEY%"),
        *("sk_live_...", "sk_test_xxxxxxxx", "pk_live_<key>", "whsec_", "whsec_...", "postgresql://...", "Bearer xxx"),
        *("https://api.<domain>", "https://app.<domain>,https://shop.<domain>"),
        *("https://api.example.com", "https://example.org/x", "https://api.example"),
        *("postgresql://user:password@db.test/x", "postgres://u:changeme@h/d", "redis://u:<password>@h/0"),
        *("your-256-bit-secret", "keyboard cat", "minioadmin", "AKIAIOSFODNN7EXAMPLE"),
        " change_me ",
    ],
)
def test_placeholders(value: str) -> None:
    assert placeholder(value)


@pytest.mark.parametrize(
    "value",
    [
        *("", "0", "4000", "true", "production", "sandbox", "live", "test", "demo", "admin", "info", "*", "-1"),
        *("15m", "https://api.afrigest.test", "https://exampleshop.test", "postgresql://u:Zq8RtW2@h/d"),
        *(
            "Rt9xxxQ2changeme7Lw",
            "secretary",
            "Zq8.....Rt",
            "my-bucket",
            "eu-west-3",
            "example-shop",
            "test@afrigest.test",
        ),
        *("mtncameroon", "afrigest", "00001234", "pk_live_Zq8RtW2Lm5Xc9Vb3"),
    ],
)
def test_values_that_are_meant(value: str) -> None:
    assert placeholder(value) == ""


def test_random_values_are_never_placeholders() -> None:
    source = random.Random(7)  # noqa: S311 - a test must be the same in every run
    for alphabet in (string.ascii_lowercase, string.hexdigits, string.ascii_letters + string.digits + "+/=_-<>[]"):
        for _ in range(2000):
            assert placeholder("".join(source.choice(alphabet) for _ in range(24))) == ""


def test_a_long_value_takes_no_time() -> None:
    for value in ("your " * 60_000, "<" * 250_000, "x" * 250_000, "a://" * 60_000, "__" * 120_000, "[a" * 120_000):
        placeholder(value)
