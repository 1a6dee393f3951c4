"""The peak memory of a whole run, the stack apart."""

from __future__ import annotations

import os

from measure import GOLIVE, Result, run

from golive_lab.run import stack_for

LIMIT_MB = 120


def results() -> list[Result]:
    """Measure."""
    with stack_for("demo") as variables:
        spent = run([GOLIVE, "check", "demo"], {**os.environ, **variables})
    return [
        Result(
            "peak memory of `golive check demo`, the stack apart", spent.peak_mb, LIMIT_MB, "MB", f"exit {spent.code}"
        )
    ]
