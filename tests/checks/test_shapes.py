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
