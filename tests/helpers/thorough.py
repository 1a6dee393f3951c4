"""Which of several like cases `make test` tries, where each takes a process or a server of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from _pytest.mark.structures import ParameterSet


def but(few: Collection[object], cases: Iterable[object]) -> list[ParameterSet]:
    """Return the cases, all but a few of them left to `make test-all`."""
    found = list(cases)
    assert set(few) <= set(found), "a case that is not among them"
    return [pytest.param(case, marks=() if case in few else pytest.mark.long) for case in found]
