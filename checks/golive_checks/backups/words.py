"""How times and sizes are told."""

import datetime as dt

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def age(time: dt.timedelta) -> str:
    """Tell how long ago something was, in the unit that a person would choose."""
    hours = time / HOUR
    if abs(hours) < 48:  # noqa: PLR2004 - beyond two days nobody counts in hours
        return f"{hours:.3g} h"
    return f"{time / DAY:.3g} days"


def at(moment: dt.datetime) -> str:
    """Write a moment in UTC, to the minute."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def size(count: int) -> str:
    """Write a number of bytes as a person would."""
    amount, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):  # noqa: B007 - the last one is wanted
        if amount < 1000:  # noqa: PLR2004 - SI
            break
        amount /= 1000
    return f"{amount:.3g} {unit}"
