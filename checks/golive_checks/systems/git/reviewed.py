"""On which day a document says that it was last reviewed, in English or French. Pure."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping

KEYS = frozenset(
    {"last_reviewed", "last_review", "reviewed", "reviewed_on", "review_date", "reviewed_at", "date_reviewed"}
    | {"relu_le", "relu", "relecture", "derniere_relecture", "dernière_relecture", "derniere_revue", "dernière_revue"}
)
"""Of the front matter, with dashes and blanks as underscores."""
SAID = re.compile(
    r"\b(?<!next )(?:(?:last )?reviewed(?: on)?|last review|review date"
    r"|relue? le|derni[eè]re (?:relecture|revue)|r[ée]visée? le|r[ée]vision(?: du)?)\b"
    r"[^\n\d.;]{0,20}?(?P<date>(?:\d|[A-Za-zéèûôÉ]{3,10}\.? \d)[^\n|]{0,25})",
    re.IGNORECASE,
)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janvier janv",
            "feb february février fevrier févr",
            "mar march mars",
            "apr april avril avr",
            "may mai",
            "jun june juin",
            "jul july juillet juil",
            "aug august août aout",
            "sep sept september septembre",
            "oct october octobre",
            "nov november novembre",
            "dec december décembre decembre déc",
        ),
        1,
    )
    for name in names.split()
}
ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
NUMBERS = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b")
DAY_FIRST = re.compile(r"\b(\d{1,2})(?:er|st|nd|rd|th)?\.? ([^\W\d_]{3,10})\.? (\d{4})\b")
MONTH_FIRST = re.compile(r"\b([^\W\d_]{3,10})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b")


def reviewed_on(front: Mapping[str, str], text: str) -> dt.date | None:
    """Return the latest day on which a document says that it was reviewed; None where it says none."""
    lines = [value for key, value in front.items() if re.sub(r"[- ]", "_", key.lower()) in KEYS]
    days = [day for value in lines for day in dates(value)]
    plain = re.sub(r"[*_`]", "", text)
    days += [day for found in SAID.finditer(plain) for day in list(dates(found["date"]))[:1]]
    return max(days, default=None)


def dates(text: str) -> Iterator[dt.date]:
    """Yield the days in a text: 2026-01-05, 5 January 2026, January 5, 2026, 1er janvier 2026, 05/01/2026."""
    for year, month, day in ISO.findall(text):
        yield from _day(year, month, day)
    for day, month, year in NUMBERS.findall(text):  # as in France; where that cannot be, as in America
        yield from _day(year, month, day) or _day(year, day, month)
    for day, month, year in DAY_FIRST.findall(text):
        yield from _day(year, MONTHS.get(month.lower(), 0), day)
    for month, day, year in MONTH_FIRST.findall(text):
        yield from _day(year, MONTHS.get(month.lower(), 0), day)


def _day(year: str, month: str | int, day: str) -> list[dt.date]:
    try:
        return [dt.date(int(year), int(month), int(day))]
    except ValueError:
        return []
