"""When a backup was taken, by its name: `afrigest-{date}.dump` and the like. Pure."""

import datetime as dt
import re
from dataclasses import dataclass

MARKS = {
    "date": r"(?P<year>\d{4})(?P<between>[-_.]?)(?P<month>\d{2})(?P=between)(?P<day>\d{2})",
    "time": (
        r"(?P<hour>\d{2})[-_.:h]?(?P<minute>\d{2})(?:[-_.:]?(?P<second>\d{2})(?:\.\d{1,9})?)?"
        r"(?P<zone>Z|[+-]\d{2}:?\d{2})?"
    ),
    "epoch": r"(?P<epoch>\d{10})",
    "year": r"(?P<year>\d{4})",
    "month": r"(?P<month>\d{2})",
    "day": r"(?P<day>\d{2})",
    "hour": r"(?P<hour>\d{2})",
    "minute": r"(?P<minute>\d{2})",
    "second": r"(?P<second>\d{2})",
}
"""What braces may hold. `{date}` and `{time}` read their numbers with the usual signs between them, or none."""
PARTS = re.compile(r"\{([^{}]*)\}|(\*+)|(\?)|([^{}*?]+)|(.)")


@dataclass(frozen=True)
class Stamp:
    """The moment in a name: a day, or with its hour a moment in UTC; neither where the pattern has no day."""

    day: dt.date | None = None
    moment: dt.datetime | None = None


def compiled(pattern: str) -> re.Pattern[str]:
    """Return the regular expression of a pattern.

    Raises:
        ValueError: it has a mark in braces that is none, or one twice; the message says which.
    """
    found, marks = "", list[str]()
    for mark, star, question, text, stray in PARTS.findall(pattern):
        if stray:
            raise ValueError(f"{stray!r} without its counterpart in {pattern!r}")
        if text:
            found += re.escape(text)
        elif star or question:
            found += "[^/]*" if star else "[^/]"
        elif mark in MARKS:
            found += MARKS[mark]
            marks.append(mark)
        else:
            raise ValueError(f"{{{mark}}} is none of {', '.join(f'{{{known}}}' for known in MARKS)}")
    try:
        # The marks are named groups, and a name may be given once.
        expression = re.compile(found)
    except re.error:
        raise ValueError(f"{pattern!r} names a part of the time twice") from None
    given = set(expression.groupindex)
    if given & set(MARKS) and not ({"year", "month", "day"} <= given or "epoch" in given):
        raise ValueError(f"{pattern!r} names no whole day: {{date}}, or {{year}}, {{month}} and {{day}}")
    return expression


def stamp(found: re.Match[str], zone: dt.tzinfo) -> Stamp | None:
    """Return the moment in a name that matched; None where its numbers are no moment, as in month 13."""
    part = {name: text for name, text in found.groupdict().items() if text is not None}
    try:
        if "epoch" in part:
            moment = dt.datetime.fromtimestamp(int(part["epoch"]), dt.UTC)
            return Stamp(moment.astimezone(zone).date(), moment)
        if "day" not in part:
            return Stamp()
        day = dt.date(int(part["year"]), int(part["month"]), int(part["day"]))
        if "hour" not in part:
            return Stamp(day)
        clock = dt.time(int(part["hour"]), int(part.get("minute", 0)), int(part.get("second", 0)))
        there = dt.UTC if part.get("zone") == "Z" else _offset(part["zone"]) if "zone" in part else zone
        return Stamp(day, dt.datetime.combine(day, clock, there).astimezone(dt.UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _offset(text: str) -> dt.timezone:
    """Read `+0100` or `+01:00`."""
    away = dt.timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return dt.timezone(-away if text[0] == "-" else away)
