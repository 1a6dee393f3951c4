"""Every fault on the stack that stands anywhere (matrix.py); a module of its own, for a worker of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from matrix import (
    BY_BROWSER,
    all_is_green,
    cases,
    every_check_passes_but,
    lab,
    turns_its_check_red_and_no_other,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from batches import Batch
    from matrix import Lab, Record

    from golive_lab.fault import Fault


@pytest.fixture(scope="module")
def demo() -> Iterator[Lab]:
    with lab("demo") as here:
        yield here


def test_the_healthy_world_is_all_green(demo: Lab, record_property: Record) -> None:
    all_is_green(demo, record_property)


def test_every_check_passes_somewhere_in_the_healthy_world(demo: Lab) -> None:
    every_check_passes_but(demo, {BY_BROWSER})


@pytest.mark.parametrize(("batch", "fault"), cases("demo"))
def test_a_fault_turns_its_check_red_and_no_other(
    demo: Lab, batch: Batch, fault: Fault, record_property: Record
) -> None:
    turns_its_check_red_and_no_other(demo, batch, fault, record_property)
