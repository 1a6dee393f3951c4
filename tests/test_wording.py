"""Numbers and lists in messages: one way to write each, and none that rounds a defect away."""

import datetime as dt
import math
from collections.abc import Callable

import pytest

from golive.wording import binary_size, capped, counted, data_size, duration, first_of, listed, percent

DAY = 86400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.0004, "0.4 ms"),
        (0.34, "340 ms"),
        (0.9996, "1 s"),
        (2.414, "2.41 s"),
        (59.9, "59.9 s"),
        (75, "75 s"),
        (119.6, "2 min"),
        (185, "3 min 5 s"),
        (3599.6, "1 h"),
        (5400, "1 h 30 min"),
        (26 * 3600, "26 h"),
        (172_799, "2 days"),
        (3 * DAY + 4 * 3600, "3 days 4 h"),
        (10 * DAY + 13 * 3600, "10 days"),
        (1000 * DAY, "1,000 days"),
        (-90, "-90 s"),
        (math.inf, "forever"),
        (dt.timedelta(minutes=5), "5 min"),
    ],
)
def test_a_duration_is_written_in_its_two_largest_units(seconds: float | dt.timedelta, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"),
        (0.125, "12.5%"),
        (3e-4, "0.03%"),
        (0.9996, "99.96%"),
        (0.99996, "99.996%"),
        (1, "100%"),
        (32, "3,200%"),
    ],
)
def test_a_share_is_written_as_a_percentage(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("write", "count", "text"),
    [
        (data_size, 1, "1 byte"),
        (data_size, 999, "999 bytes"),
        (data_size, 999_999, "1 MB"),
        (data_size, 1_234_567, "1.23 MB"),
        (data_size, 4e18, "4000 PB"),
        (binary_size, 1 << 20, "1 MiB"),
        (binary_size, (1 << 20) - 1, "1 MiB"),
        (binary_size, 1023 << 10, "1023 KiB"),
        (binary_size, 1.5 * (1 << 30), "1.5 GiB"),
    ],
)
def test_a_size_is_written_in_its_largest_unit(write: Callable[[float], str], count: float, text: str) -> None:
    assert write(count) == text


def test_a_count_has_its_singular_and_its_plural() -> None:
    assert [counted(n, "check fails", "checks fail") for n in (0, 1, 1000)] == [
        "0 checks fail",
        "1 check fails",
        "1,000 checks fail",
    ]
    assert counted(2, "tenant") == "2 tenants"


def test_a_list_names_the_first_and_counts_the_others() -> None:
    assert [listed(names) for names in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    assert listed("abcde", 3) == "a, b, c and 2 more"
    assert listed("abcd", 3) == "a, b, c and d", "a name takes no more room than `1 more`"
    assert [first_of(lines) for lines in ("a", "abc")] == ["a", "a (and 2 more)"]
    assert capped("abcd", 2, "lines") == ["a", "b", "and 2 more lines"]
    assert capped("ab", 2) == ["a", "b"]
