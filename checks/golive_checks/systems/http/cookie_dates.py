"""When a cookie ends, by its Expires as browsers read it. Pure.

Not by email.utils or http.cookiejar, which refuse what browsers take and guess at the century of `70`.
"""

import datetime as dt
import re

DELIMITERS = re.compile(r"[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[^\d].*)?", re.ASCII)
DAY = re.compile(r"(\d{1,2})(?:[^\d].*)?", re.ASCII)
YEAR = re.compile(r"(\d{2,4})(?:[^\d].*)?", re.ASCII)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CENTURY_TURNS = 70
"""Two digits from here on are of the last century, those below of this one."""
FIRST_YEAR = 1601


def ends_at(expires: str) -> dt.datetime | None:
    """Read an Expires; None where browsers ignore it (RFC 6265bis, section 5.1.1)."""
    clock: tuple[int, int, int] | None = None
    day = month = year = None
    for token in DELIMITERS.split(expires):
        if clock is None and (found := TIME.fullmatch(token)):
            clock = int(found[1]), int(found[2]), int(found[3])
        elif day is None and (found := DAY.fullmatch(token)):
            day = int(found[1])
        elif month is None and token.lower().startswith(MONTHS):
            month = next(n for n, name in enumerate(MONTHS, 1) if token.lower().startswith(name))
        elif year is None and (found := YEAR.fullmatch(token)):
            year = int(found[1])
    if clock is None or day is None or month is None or year is None:
        return None
    if year < 100:  # noqa: PLR2004 - two digits
        year += 1900 if year >= CENTURY_TURNS else 2000
    hour, minute, second = clock
    try:
        return dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC) if year >= FIRST_YEAR else None
    except ValueError:
        return None
