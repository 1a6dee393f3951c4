from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive_checks.shapes import (
    SECRET_MARKS,
    SECRET_PATTERNS,
    duration_has_unit,
    duration_s,
    secrets_in,
    shapes_of,
    without_secrets,
)

KEY = "Zq8" * 15


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        (f'const a="sk_live_{KEY}"', {"stripe-secret-live"}),
        (f"rk_test_{KEY}", {"stripe-restricted-test"}),
        (f"x=whsec_{KEY};", {"stripe-webhook-secret"}),
        (f"pk_live_{KEY}", set()),
        ("sk_live_", set()),
        (f"mask_live_{KEY}", set()),
        ("AKIAZQ8ZQ8ZQ8ZQ8ZQ8Z", {"aws-access-key-id"}),
        ("AKIAZQ8", set()),
        ("-----BEGIN RSA PRIVATE KEY-----", {"private-key"}),
        ("-----BEGIN PRIVATE KEY-----", {"private-key"}),
        ("-----BEGIN PUBLIC KEY-----", set()),
        ("`postgres://u:p@h/d`", {"postgres-address"}),
        ('"postgres://"', set()),
        (f"ghp_{KEY}", {"github-token"}),
        ("https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/42", set()),
    ],
)
def test_secrets_are_found_in_text(text: str, shapes: set[str]) -> None:
    assert secrets_in(text) == shapes


@pytest.mark.parametrize(
    ("value", "shape", "has"),
    [
        ("443", "port", True),
        ("٤٤٣", "port", False),
        ("0", "port", False),
        ("true", "boolean", True),
        ("maybe", "boolean", False),
        ("https://a.test/x", "https-url", True),
        ("https://", "https-url", False),
        ("https://a.test:99999", "https-url", False),
        ("https://a b.test", "https-url", False),
        ("https://[::1", "https-url", False),
        ("postgresql://u:p@h/d", "postgres-url", True),
        ("postgresql://u:p@h", "postgres-url", False),
        ("postgresql://u:p@h:x/d", "postgres-url", False),
        ("https://u:p@h/", "url-with-password", True),
        (" x", "blank-edges", True),
        ("a\nb", "several-lines", True),
        ("0b4e0b0e-7c5b-4b3f-9d1e-2f3a4b5c6d7e", "uuid-v4", True),
        ("0b4e0b0e-7c5b-4b3f-cd1e-2f3a4b5c6d7e", "uuid-v4", False),
    ],
)
def test_values_have_shapes(value: str, shape: str, *, has: bool) -> None:
    assert (shape in shapes_of(value)) is has


@pytest.mark.parametrize(
    ("text", "seconds", "unit"),
    [
        ("900", 0.9, False),
        ("15m", 900, True),
        ("1.5h", 5400, True),
        ("30 days", 2592000, True),
        ("2 WEEKS", 1209600, True),
        ("100ms", 0.1, True),
        ("1y", 31557600, True),
        ("-3d", -259200, True),
        (".5s", 0.5, True),
        ("15min", 900, True),
        ("15 minute", 900, True),
        ("1mo", None, False),
        ("m15", None, False),
        ("", None, False),
        ("1" * 101, None, False),
    ],
)
def test_durations_are_read_as_vercel_ms_reads_them(text: str, seconds: float | None, *, unit: bool) -> None:
    found = duration_s(text)
    assert found == (None if seconds is None else pytest.approx(seconds))
    assert duration_has_unit(text) is unit


def test_long_text_is_looked_through_in_no_time() -> None:
    for text in ("sk_live_" * 100_000, "-----BEGIN " * 80_000, "postgres://" * 90_000, "A" * 1_000_000):
        secrets_in(text)


@pytest.mark.parametrize("shape", SECRET_PATTERNS)
@settings(max_examples=50, database=None)
@given(data=st.data())
def test_where_a_secret_stands_its_mark_stands_too(shape: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(SECRET_PATTERNS[shape]))
    assert any(mark in text for mark in SECRET_MARKS[shape])


TOKENS = {
    "an installation's token of GitHub": "ghs_1234567_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxMjM0NTY3In0." + "c2lnbmVk" * 8,
    "a personal token of GitLab": "glpat-" + "x7Kq9TmWvB2nRfL4sDp6",
    "a key of Google's": "AIza" + "SyD3kq9TmWvB2nRfL4sDp6Zc8HjYx1Ue7Gh",
    "a key of Anthropic's": "sk-ant-api03-" + "x7Kq9TmWvB2nRfL4sDp6" * 4,
    "a project's key of OpenAI": "sk-proj-" + "x7Kq9TmWvB2nRfL4sDp6" * 3,
    "an app's token of Slack": "xapp-1-A0123456789-1234567890123-" + "ab12" * 16,
    "a webhook of Slack": "https://hooks.slack.com/services/" + "T01234567/B01234567/x7Kq9TmWvB2nRfL4sDp6Zc8H",
    "a token of PyPI": "pypi-AgEIcHlwaS5vcmc" + "x7Kq9TmWvB2nRfL4sDp6" * 4,
    "a token of Docker Hub": "dckr_pat_" + "x7Kq9TmWvB2nRfL4sDp6Zc8HjYx",
    "a token of DigitalOcean": "dop_v1_" + "0a1b2c3d" * 8,
    "a token of Vault's": "hvs." + "CAESIx7Kq9TmWvB2nRfL4sDp6Zc8HjYx",
    "a JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJnb2xpdmUifQ.x7Kq9TmWvB2nRfL4sDp6Zc8HjYx1Ue7G",
    "a password in an address": "redis://:x7Kq9TmWvB2n@cache.demo.test:6379/0",
    "a bearer's header": "Authorization: Bearer x7Kq9TmWvB2nRfL4sDp6",
    "a private key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----",
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_a_providers_token_is_hidden_in_what_a_command_says(token: str) -> None:
    shown = without_secrets(f"the command says {token} and ends")
    assert shown.startswith("the command says ")
    assert shown.endswith(" and ends")
    for at in range(8, len(token) - 12):
        assert (
            token[at : at + 12] not in shown or token[at : at + 12] in "@cache.demo.test:6379/0 Authorization: Bearer"
        )


@pytest.mark.parametrize(
    "honest",
    [
        "9f1c2ab47d5e3680c1b2a3948576d0e1f2a3b4c5 is the commit",
        "sha256:0a1b2c3d0a1b2c3d0a1b2c3d0a1b2c3d",
        "https://api.demo.test:8443/v1?x=a@b.test",
        "basic checks are done, 12 passed",
        "task-manager-with-a-long-name-of-its-own",
        "the key-value store answers",
    ],
)
def test_what_is_no_token_stays(honest: str) -> None:
    assert without_secrets(honest) == honest
