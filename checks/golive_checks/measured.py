"""Times that golive measured of others, where golive itself was busy meanwhile. Pure."""

from golive.wording import duration


def unsure(seconds: float, unsure_s: float, limit_s: float) -> str:
    """Say between which times an answer came, where a limit lies between them; empty where it does not.

    `unsure_s` is how much later than after `seconds` it may have come: golive, or this machine, was busy meanwhile.
    """
    if not seconds <= limit_s < seconds + unsure_s:
        return ""
    between = f"between {duration(seconds)} and {duration(seconds + unsure_s)}"
    return f"{between}, at most {duration(limit_s)}: this machine was too busy to measure it"


QUIET = "Run golive on a machine that is less busy."
"""How to make it measurable."""
