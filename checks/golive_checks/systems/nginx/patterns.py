"""Whether nginx's patterns, which PCRE reads, match a text. Pure."""

import re

from golive import Unavailable, shortened
from golive_checks import linear

NAMED_GROUP = re.compile(r"\(\?<(?![=!])")
"""PCRE's spelling of a group's name; `(?<=` and `(?<!` look behind."""
LONGEST_PATH = 200
"""Of a pattern that RE2 cannot read, golive asks about no longer path: what it takes may grow much faster."""


def searches(pattern: str, text: str, flags: int = 0) -> bool:
    """Return whether PCRE would find a pattern.

    Raises:
        Unavailable: Python cannot read the pattern, such as one that calls itself: what nginx does is not known.
    """
    there = NAMED_GROUP.sub("(?P<", pattern)
    try:
        return linear.search(f"(?i){there}" if flags & re.IGNORECASE else there, text)
    except linear.PatternError:  # it looks around or back, as nginx lets it
        pass
    try:
        return re.search(there, text[:LONGEST_PATH], flags) is not None
    except re.error:
        raise Unavailable(f"golive cannot read the pattern {shortened(pattern, 80)}, which PCRE may") from None
