"""When Alertmanager's time intervals hold: https://prometheus.io/docs/alerting/latest/configuration/#time_interval."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive import Unavailable
from golive_checks.subjects.backups import zone_of
from golive_checks.systems.machine.client.yamlnodes import Node, items, pairs, scalar

HOURS = 366 * 24
"""Those of the year to come. What begins and ends within an hour is not seen."""


@dataclass(frozen=True)
class Span:
    """One entry of a time interval: what is empty holds always. Days of the month may count from the end."""

    times: tuple[tuple[int, int], ...] = ()
    """Minutes of the day, the second not included."""
    weekdays: tuple[tuple[int, int], ...] = ()
    """0 is Sunday."""
    days_of_month: tuple[tuple[int, int], ...] = ()
    months: tuple[tuple[int, int], ...] = ()
    years: tuple[tuple[int, int], ...] = ()
    zone: str = "UTC"


WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)


def _span(node: Node) -> Span:
    entries = pairs(node)
    times = []
    for each in items(entries.get("times")):
        ends = [scalar(pairs(each).get(key)) or "" for key in ("start_time", "end_time")]
        times.append((_minutes(ends[0]), _minutes(ends[1])))
    return Span(
        tuple(times),
        _ranges(entries.get("weekdays"), WEEKDAYS, 0),
        _ranges(entries.get("days_of_month"), (), 0),
        _ranges(entries.get("months"), MONTHS, 1),
        _ranges(entries.get("years"), (), 0),
        scalar(entries.get("location")) or "UTC",
    )


def _minutes(text: str) -> int:
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdigit() and minutes.isdigit()):
        raise Unavailable(f"golive does not understand its time {text[:60]!r}")
    return int(hours[:2]) * 60 + int(minutes[:2])


def _ranges(node: Node | None, words: tuple[str, ...], first: int) -> tuple[tuple[int, int], ...]:
    """Read `monday:friday`, `5`, `-3:-1`, `january:march`."""
    found = []
    for text in texts(node):
        begin, colon, end = text.partition(":")
        low = _index(begin, words, first)
        found.append((low, _index(end, words, first) if colon else low))
    return tuple(found)


def _index(text: str, words: tuple[str, ...], first: int) -> int:
    word = text.strip().lower()
    if word in words:
        return words.index(word) + first
    try:
        return int(word)
    except ValueError:
        raise Unavailable(f"golive does not understand its {text[:60]!r}") from None


def spans(node: Node | None) -> tuple[Span, ...]:
    """Read the entries of a time interval."""
    return tuple(_span(each) for each in items(node))


def texts(node: Node | None) -> tuple[str, ...]:
    """Return a sequence's scalars."""
    return tuple(text for each in items(node) if (text := scalar(each)) is not None)


def hours(spans_of: Sequence[Span], now: dt.datetime) -> str:
    """Return the hours of the year to come in which an interval holds, a bit for each, in hexadecimal."""
    start = now.replace(minute=0, second=0, microsecond=0)
    bits = 0
    for hour in range(HOURS):
        at = start + dt.timedelta(hours=hour)
        if any(within(span, at) for span in spans_of):
            bits |= 1 << hour
    return f"{bits:x}"


def within(span: Span, at: dt.datetime) -> bool:
    """Return whether a time lies within one entry of an interval."""
    there = at.astimezone(_zone(span.zone))
    minute = there.hour * 60 + there.minute
    last = _days_in_month(there)
    days = [
        (low + last + 1 if low < 0 else low, high + last + 1 if high < 0 else high) for low, high in span.days_of_month
    ]
    asked: Iterator[tuple[tuple[tuple[int, int], ...], int]] = iter(
        (
            # Alertmanager counts the days of a week from Sunday, as 0.
            (span.weekdays, there.isoweekday() % 7),
            (tuple(days), there.day),
            (span.months, there.month),
            (span.years, there.year),
        )
    )
    in_times = not span.times or any(low <= minute < high for low, high in span.times)
    return in_times and all(not ranges or any(low <= value <= high for low, high in ranges) for ranges, value in asked)


def _days_in_month(at: dt.datetime) -> int:
    following = (at.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return (following - dt.timedelta(days=1)).day


def _zone(name: str) -> dt.tzinfo:
    if name == "Local":
        raise Unavailable("its location is Local, the time zone of Alertmanager's own machine")
    try:
        return zone_of(name)
    except ValueError:
        raise Unavailable(f"golive does not know its time zone {name[:60]!r}") from None
