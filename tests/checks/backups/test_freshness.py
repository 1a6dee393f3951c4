from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.checks.backups.conftest import DAY, HOUR, NOW, backup, backups, of

from golive import Now, Outcome
from golive_checks.backups.freshness import Freshness, Retention, fresh, retained
from golive_checks.subjects.backups import BackupSource
from golive_checks.systems.backups.facts import Backups

SOURCE = BackupSource("nightly")
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("seen", "outcome", "word"),
    [
        (backups(1), Outcome.PASS, "1 h ago"),
        (backups(25.9), Outcome.PASS, "25 h 54 min ago"),
        (backups(26.1), Outcome.FAIL, "at most 26 h is allowed"),
        (backups(72, 96), Outcome.FAIL, "was taken 2026-03-12 12:00 UTC, 3 days ago"),
        (backups(-0.5), Outcome.PASS, "the newest"),
        (backups(-2), Outcome.FAIL, "is in the future"),
        (Backups((), (), 0), Outcome.FAIL, "there is no backup"),
        (Backups((), (), 0, others=7), Outcome.FAIL, "7 other names there do not fit the pattern"),
        (Backups((), (), 0, unfinished=(backup(3, 0),)), Outcome.FAIL, "and the like are empty or unfinished"),
        (of([backup(1, error="it failed")]), Outcome.FAIL, "all of the 1 newest backups have failed"),
        (of([backup(1, error="it failed"), backup(20)]), Outcome.PASS, "20 h ago"),
        (of([backup(1, error="it failed"), backup(40)]), Outcome.FAIL, "40 h ago"),
    ],
)
def test_fresh(seen: Backups, outcome: Outcome, word: str, now: Now) -> None:
    verdict = fresh(SOURCE, seen, now, Freshness())
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_a_managed_server_is_put_back_to_any_moment(now: Now) -> None:
    recent = backups(50, recoverable_until=NOW - 5 * dt.timedelta(minutes=1))
    verdict = fresh(SOURCE, recent, now, Freshness())
    assert (verdict.outcome, verdict.summary) == (
        Outcome.PASS,
        "it can be restored up to 2026-03-15 11:55 UTC, 5 min ago",
    )
    assert fresh(SOURCE, backups(50, recoverable_until=NOW - 2 * DAY), now, Freshness()).outcome is Outcome.FAIL


def test_where_the_time_is_from_is_told(now: Now) -> None:
    verdict = fresh(SOURCE, of([backup(1, origin="time of the file")]), now, Freshness())
    assert "its time is from: time of the file, which a copy changes" in verdict.evidence


def test_what_the_tool_says_is_told(now: Now) -> None:
    verdict = fresh(SOURCE, Backups((), (), 0, complaints=("pgBackRest knows no stanza 'x'",)), now, Freshness())
    assert verdict.evidence == ("pgBackRest knows no stanza 'x'",)


def dailies(*without: int, count: int = 14) -> list[dt.date]:
    return [TODAY - number * DAY for number in range(count) if number not in without]


def firsts(count: int = 11) -> list[dt.date]:
    months = [(2026 * 12 + 2 - number) for number in range(1, count + 1)]
    return [dt.date(month // 12, month % 12 + 1, 1) for month in months]


def kept(*days: dt.date) -> Backups:
    return Backups((backup(),), tuple(sorted(days, reverse=True)), len(days))


@pytest.mark.parametrize(
    ("seen", "since", "outcome", "words"),
    [
        (kept(*dailies(), *firsts()), None, Outcome.PASS, ["7 of 7 daily and 12 of 12 monthly"]),
        (kept(*dailies(0, 1), *firsts()), None, Outcome.PASS, ["7 of 7 daily"]),  # that is fresh's to tell
        (
            kept(*dailies(3, 4), *firsts()),
            None,
            Outcome.FAIL,
            ["5 of 7 daily backups: none of 2026-03-12 and 2026-03-11", "31 days, from 2026-01-01 to 2026-02-01"],
        ),
        (
            kept(*dailies(), *firsts(5)),
            None,
            Outcome.FAIL,
            ["6 of 12 monthly backups: none of 2025-09, 2025-08, 2025-07 and 3 more"],
        ),
        (
            kept(*dailies(), *[day for day in firsts() if day.month != 9]),
            None,
            Outcome.FAIL,
            ["11 of 12 monthly", "none of 2025-09", "61 days, from 2025-08-01 to 2025-10-01"],
        ),
        (kept(*dailies(count=3)), dt.date(2026, 3, 13), Outcome.PASS, ["3 of 7 daily and 0 of 12", "too young"]),
        (kept(*dailies(count=3)), dt.date(2026, 3, 12), Outcome.FAIL, ["3 of 4 daily backups: none of 2026-03-12"]),
        (kept(*dailies()), dt.date(2026, 3, 1), Outcome.PASS, ["7 of 7 daily and 1 of 12 monthly"]),
        (kept(*dailies()), dt.date(2026, 2, 1), Outcome.FAIL, ["1 of 2 monthly backups: none of 2026-02"]),
        (kept(*dailies()), dt.date(2026, 2, 2), Outcome.PASS, ["1 of 12 monthly"]),
        (kept(*dailies()), dt.date(2027, 1, 1), Outcome.NA, ["begins on 2027-01-01"]),
        (kept(TODAY), TODAY, Outcome.PASS, ["1 of 7 daily"]),
        (Backups((), (), 0), None, Outcome.FAIL, ["there is no backup"]),
    ],
)
def test_retained(seen: Backups, since: dt.date | None, outcome: Outcome, words: list[str]) -> None:
    verdict = retained(BackupSource("nightly", since=since), seen, Retention())
    assert verdict.outcome is outcome
    for word in words:
        assert word in verdict.summary


@pytest.mark.parametrize(
    ("ask", "outcome"),
    [
        ({"daily": 0, "monthly": 0}, Outcome.NA),
        ({"daily": 3, "monthly": 0}, Outcome.PASS),
        ({"daily": 15, "monthly": 0}, Outcome.FAIL),
        ({"daily": 0, "monthly": 2}, Outcome.FAIL),
    ],
)
def test_what_is_asked_for(ask: dict[str, Any], outcome: Outcome) -> None:
    assert retained(SOURCE, kept(*dailies()), Retention(**ask)).outcome is outcome


def test_the_gap_is_among_those_that_are_asked_for() -> None:
    verdict = retained(SOURCE, kept(*dailies(), dt.date(2020, 1, 1)), Retention(monthly=0))
    assert verdict.evidence == (
        "the largest gap is 1 day, from 2026-03-14 to 2026-03-15",
        "the oldest was taken on 2020-01-01",
    )


def test_a_name_of_another_zone_is_told(now: Now) -> None:
    ahead = backup(1, written_at=NOW - 6 * HOUR)
    verdict = fresh(SOURCE, of([ahead]), now, Freshness())
    assert verdict.outcome is Outcome.WARN
    assert "is 5 h ahead of its file, which was last written 2026-03-15 06:00 UTC" in verdict.summary
    assert "timezone" in verdict.fix
    old = backup(23, written_at=NOW - 30 * HOUR)
    assert fresh(SOURCE, of([old]), now, Freshness()).outcome is Outcome.FAIL
    few_minutes = backup(1, written_at=NOW - 1.1 * HOUR)
    assert fresh(SOURCE, of([few_minutes]), now, Freshness()).outcome is Outcome.PASS
    by_file = backup(1, origin="time of the file", written_at=NOW - 6 * HOUR)
    assert fresh(SOURCE, of([by_file]), now, Freshness()).outcome is Outcome.PASS


def test_files_that_are_always_as_much_later_than_their_names(now: Now) -> None:
    late = [backup(age, written_at=NOW - (age - 5.02) * HOUR) for age in (10, 34, 58)]
    verdict = fresh(SOURCE, of(late), now, Freshness())
    assert verdict.outcome is Outcome.PASS
    assert "last written 5 h after the time in its name" in verdict.evidence[-1]
    copied = [backup(age, written_at=NOW) for age in (10, 34, 58)]
    assert "some" not in fresh(SOURCE, of(copied), now, Freshness()).evidence[-1]
