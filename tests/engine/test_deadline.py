"""At the deadline a run ends, whatever hangs."""

from __future__ import annotations

import threading

import pytest
from clocks import not_waiting

from golive.model import Outcome

SLOW = """
release = threading.Event()

@dataclass(frozen=True)
class Size(Fact):
    n: int
@probe("test.size")
async def size(box: Box) -> Size:
    "Measure."
    if box.name == "hung":
        await asyncio.get_running_loop().run_in_executor(None, release.wait)
    if box.name == "deaf":
        while True:
            try:
                await asyncio.sleep(240)
            except asyncio.CancelledError:
                await asyncio.sleep(0.05)
                raise
    return Size(1)

@check("box.measured")
def measured(box: Box, size: Size) -> Verdict:
    "T."
    return passed("seen")
"""


@pytest.mark.parametrize("slow", ["hung", "deaf"])
def test_at_the_deadline_what_is_unfinished_is_unknown_and_the_run_ends(toy, slow):
    made = toy(SLOW)
    with not_waiting():
        found = made.run("a", slow, timeout_s=0.2)
    assert found["box.measured[box:a]"].outcome == Outcome.PASS
    assert found[f"box.measured[box:{slow}]"].outcome == Outcome.UNKNOWN
    assert "not finished when the run's 200 ms were over" in found[f"box.measured[box:{slow}]"].verdict.summary
    made.module.release.set()


def test_threads_of_a_run_are_daemons(toy):
    made = toy(SLOW)
    made.run("hung", timeout_s=0.1)
    assert all(t.daemon for t in threading.enumerate() if t is not threading.main_thread())
    made.module.release.set()
