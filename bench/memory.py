"""The peak memory of a whole run, the stack apart."""

from __future__ import annotations

import os

from measure import GOLIVE, Result, peak

from golive_lab.run import stack_for

LIMIT_MB = 120


RUNS = {
    "peak memory of `golive check demo`, the stack apart": (),
    "peak memory of its sections on DNS, TLS, nginx and env files alone": ("--only", "domains", "--only", "env"),
}


def results() -> list[Result]:
    """Measure."""
    found: list[Result] = []
    with stack_for("demo") as variables:
        for what, only in RUNS.items():
            took, code = peak([GOLIVE, "check", "demo", *only], {**os.environ, **variables})
            found.append(Result(what, took, LIMIT_MB, "MB", f"exit {code}"))
    return found
