"""What could not be seen, as a verdict: no verdict rests on nothing."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

from golive.engine.blueprint import Probe
from golive.engine.declare import Subject, Unavailable
from golive.installed import bringing
from golive.model import Outcome, Verdict


def checked(probe: Probe, value: Any) -> Any:
    """Return what a probe brought, if it is what the probe declares."""
    if isinstance(value, probe.gives) or (
        isinstance(value, tuple) and issubclass(probe.gives, Subject) and all(isinstance(v, probe.gives) for v in value)
    ):
        return value
    raise TypeError(f"returned {type(value).__name__}, not {probe.gives.__name__}")


def nothing_found(kind: type[Subject], key: str = "") -> Unavailable:
    """Return the gap of a kind without a single subject: no verdict rests on nothing. `key`: what would name one."""
    lacks = (key,) if key else ()
    if not key:
        return Unavailable(
            f"there is no {kind.kind()} to look at", fix=f"name at least one {kind.kind()} in the profile"
        )
    return Unavailable(f"no {kind.kind()} configured: add `{key}:`", fix=f"add `{key}:` to the profile", lacks=lacks)


def gap_verdict(gap: Unavailable) -> Verdict:
    """Return the verdict on what could not be looked at."""
    if gap.not_permitted:
        return Verdict(Outcome.NA, gap.reason, lacks=gap.lacks)
    if gap.no_route:
        return Verdict(Outcome.NA, gap.reason, unseen=(gap.reason,))
    return Verdict(Outcome.UNKNOWN, gap.reason, fix=gap.fix, lacks=gap.lacks)


def defect(problem: BaseException) -> Unavailable:
    """Return the gap of an exception that nobody foresaw. Its text is left out: it may quote a secret.

    A module that comes with an extra of golive's is no defect where it is missing.
    """
    if isinstance(problem, ModuleNotFoundError) and (extra := bringing(problem.name or "")):
        return Unavailable(f"golive was installed without {extra}", fix=f"`pip install '{extra}'`")
    frames = traceback.extract_tb(problem.__traceback__)
    at = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return Unavailable(
        f"a defect in golive or a plugin: {type(problem).__name__}{at}",
        defect=True,
        fix="report it with golive's version and the check's name; it is not a defect of the system looked at",
    )
