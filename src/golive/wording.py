"""How messages write numbers and lists: every report shows a duration, a share or a size in the same way."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence

MINUTE, HOUR, DAY = 60, 3600, 86400

UNITS = ((2, "days", DAY, "h", HOUR), (1, "h", HOUR, "min", MINUTE), (2, "min", MINUTE, "s", 1))
"""How many at least, of which unit, and the smaller one beside it."""

MANY_DAYS = 10
"""From so many on, hours are noise."""


def counted(number: int, one: str, many: str = "") -> str:
    """Return `1 blocker`, `1,000 blockers`; `many` where the plural is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: Iterable[str], most: int | None = None) -> str:
    """Return `a, b and c`; of more than `most` the first ones and a count: `a, b and 7 more`."""
    shown = [*names]
    if most is not None and len(shown) > most + 1:  # the last name takes no more room than "1 more"
        shown = [*shown[:most], f"{len(shown) - most:,} more"]
    return " and ".join([*([", ".join(shown[:-1])] if shown[1:] else []), *shown[-1:]])


def first_of(lines: Sequence[str]) -> str:
    """Return the first line and a count of the others: `the file is empty (and 2 more)`."""
    return lines[0] + (f" (and {len(lines) - 1:,} more)" if lines[1:] else "")


def capped(lines: Sequence[str], most: int, what: str = "") -> list[str]:
    """Return the first `most` lines, and one that counts the others: `and 7 more`, or `and 7 more tenants`."""
    rest = f"and {len(lines) - most:,} more {what}".rstrip()
    return [*lines[:most], *([rest] if len(lines) > most else [])]


def duration(time: float | dt.timedelta) -> str:
    """Return so many seconds as `340 ms`, `2.41 s`, `3 min 5 s`, `26 h 10 min`, `3 days 4 h`, `90 days`."""
    seconds = time.total_seconds() if isinstance(time, dt.timedelta) else time
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if math.isinf(seconds):
        return "forever"
    for least, name, unit, part_name, part in UNITS:
        whole, rest = divmod(round(seconds / part), unit // part)
        if whole >= least:
            many = name == "days" and whole >= MANY_DAYS
            return f"{whole:,} {name} {rest} {part_name}" if rest and not many else f"{whole:,} {name}"
    in_ms = 0 < seconds < 0.9995  # noqa: PLR2004 - what three digits do not round up to a second
    return f"{seconds * 1000:.3g} ms" if in_ms else f"{seconds:.3g} s"


def percent(share: float) -> str:
    """Return a share as `12.5%`: three digits, and more of them above 99%, as 99.96% is not 100%."""
    if share >= 1:
        return f"{share * 100:,.0f}%"
    return f"{share * 100:.{5 if share > 0.99 else 3}g}%"  # noqa: PLR2004 - see above


def data_size(count: float) -> str:
    """Return a number of bytes as `512 bytes`, `1.23 MB` (1,000,000 bytes)."""
    return _sized(count, 3, 1000, ("kB", "MB", "GB", "TB", "PB"))


def binary_size(count: float) -> str:
    """Return a number of bytes in the units of configuration files: `1 MiB` for nginx's `1m`."""
    return _sized(count, 4, 1024, ("KiB", "MiB", "GiB", "TiB", "PiB"))


def _sized(count: float, digits: int, base: int, units: Sequence[str]) -> str:
    if count < base:
        return counted(round(count), "byte")
    power = 1
    while power < len(units) and count / base**power >= base - 0.5:  # it would be rounded up to the next unit
        power += 1
    amount = count / base**power
    return f"{amount:.{digits if amount < 1000 else 4}g} {units[power - 1]}"  # noqa: PLR2004 - 4000 PB
