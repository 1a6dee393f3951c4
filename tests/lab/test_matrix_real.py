"""Every fault on nginx, knot, unbound and the others (matrix.py); a module of its own, for a worker of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from matrix import all_is_green, cases, every_check_passes_but, lab, turns_its_check_red_and_no_other

if TYPE_CHECKING:
    from collections.abc import Iterator

    from batches import Batch
    from matrix import Lab, Record

    from golive_lab.fault import Fault


@pytest.fixture(scope="module")
def real() -> Iterator[Lab]:
    with lab("real") as here:
        yield here


def test_the_healthy_world_is_all_green(real: Lab, record_property: Record) -> None:
    all_is_green(real, record_property)


def test_every_check_passes_somewhere_in_the_healthy_world(real: Lab) -> None:
    every_check_passes_but(real, set())


@pytest.mark.parametrize(("batch", "fault"), cases("real"))
def test_a_fault_turns_its_check_red_and_no_other(
    real: Lab, batch: Batch, fault: Fault, record_property: Record
) -> None:
    turns_its_check_red_and_no_other(real, batch, fault, record_property)
