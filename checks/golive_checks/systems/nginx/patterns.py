"""Whether nginx's patterns, which PCRE reads, match a text. Pure."""

import re

from golive_checks import linear

NAMED_GROUP = re.compile(r"\(\?<(?![=!])")
"""PCRE's spelling of a group's name; `(?<=` and `(?<!` look behind."""
LONGEST_PATH = 200
"""Of a pattern that RE2 cannot read, golive asks about no longer path: what it takes may grow much faster."""


def searches(pattern: str, text: str, flags: int = 0) -> bool:
    """Return whether PCRE would find a pattern. A pattern that Python cannot read matches nothing."""
    there = NAMED_GROUP.sub("(?P<", pattern)
    try:
        return linear.search(f"(?i){there}" if flags & re.IGNORECASE else there, text)
    except linear.PatternError:  # it looks around or back, as nginx lets it
        pass
    try:
        return re.search(there, text[:LONGEST_PATH], flags) is not None
    except re.error:
        return False
