"""A run looks once for all who ask, and at all that it was asked for."""

from __future__ import annotations

import asyncio
import time

from tests.engine.conftest import LIMITS, SIZE

from golive.engine.loop import in_loop
from golive.model import Outcome


def test_each_probe_runs_once_however_many_checks_want_its_fact(toy):
    made = toy(SIZE)
    found = made.run("a", "bb")
    assert {f.outcome for f in found.values()} == {Outcome.PASS}
    assert len(found) == 4
    assert sorted(made.module.seen) == ["a", "bb"]


def test_findings_come_in_the_order_of_declaration(toy):
    assert list(toy(SIZE).run("a", "b")) == [
        "box.measured[box:a]",
        "box.measured[box:b]",
        "box.measured-too[box:a]",
        "box.measured-too[box:b]",
    ]


def test_settled_findings_are_not_looked_at_again(toy):
    made = toy(SIZE)
    found = made.run("a", "b", settled={"box.measured[box:a]", "box.measured-too[box:a]"})
    assert set(found) == {"box.measured[box:b]", "box.measured-too[box:b]"}
    assert made.module.seen == ["b"]


def test_one_cancelled_waiter_does_not_take_the_fact_from_the_others(toy):
    made = toy(SIZE.replace("seen.append(box.name)", "await asyncio.sleep(0.05); seen.append(box.name)"))

    async def cancel_one() -> None:
        run = made.prepare("a")
        run._began = time.monotonic()
        (box,) = run.world.named[made.module.Box]
        first = asyncio.create_task(run._seen_of(made.module.Size, [box]))
        second = asyncio.create_task(run._seen_of(made.module.Size, [box]))
        await asyncio.sleep(0.01)
        first.cancel()
        assert (await second)[0].value.n == 1

    in_loop(cancel_one())
    assert made.module.seen == ["a"]


def test_more_tenants_than_slots_are_all_seen_with_timeouts_that_start_at_the_slot(toy):
    made = toy(
        """
        class Line(Client):
            def __init__(self) -> None:
                self.slots = asyncio.Semaphore(4)
                self.most = self.now = 0
            async def ask(self) -> None:
                async with self.slots:
                    self.now += 1
                    self.most = max(self.most, self.now)
                    await asyncio.wait_for(asyncio.sleep(0.01), 0.2)
                    self.now -= 1

        @dataclass(frozen=True)
        class Size(Fact):
            most: int
        @probe("test.size")
        async def size(box: Box, line: Line) -> Size:
            "Measure."
            await line.ask()
            return Size(line.most)
        @check("box.measured")
        def measured(box: Box, size: Size) -> Verdict:
            "T."
            return verdict(["too many at once"] if size.most > 4 else [], ok="seen")
        """
    )
    found = made.run(*(f"t{n}" for n in range(200)))
    assert len(found) == 200
    assert {f.outcome for f in found.values()} == {Outcome.PASS}


def test_the_nearest_settings_win_field_by_field(toy):
    made = toy(LIMITS)
    section = {made.module.Limit: made.module.Limit(least=2)}
    assert made.run("a", settings=section)["box.limited[box:a]"].verdict.summary == "2 9"
    assert made.run("a", settings=section, own={"limit": {"most": 5}})["box.limited[box:a]"].verdict.summary == "2 5"


SHARED = """
class Ruler(Client):
    def length(self, name: str) -> int:
        return len(name)

class Scale(Settings):
    home: ClassVar[str] = "toy.scale"
    times: int = 1

@dataclass(frozen=True)
class Common(Provided):
    scale: Scale

@dataclass(frozen=True)
class Measure(Common):
    box: Box
    ruler: Ruler

    def taken(self) -> int:
        return self.ruler.length(self.box.name) * self.scale.times

@dataclass(frozen=True)
class Size(Fact):
    n: int

@probe("test.size")
async def size(box: Box, measure: Measure) -> Size:
    "Measure the box."
    return Size(measure.taken())

@check("box.measured")
def measured(box: Box, size: Size) -> Verdict:
    "It is measured."
    return passed(str(size.n))
"""


def test_a_probe_is_given_what_several_share_with_the_nearest_settings(toy):
    made = toy(SHARED)
    assert made.run("box")["box.measured[box:box]"].verdict.summary == "3"
    assert made.run("box", own={"scale": {"times": 4}})["box.measured[box:box]"].verdict.summary == "12"


def test_what_it_is_given_counts_as_asked_for_by_itself(toy):
    (probe,) = toy(SHARED).blueprint.probes.values()
    assert list(probe.asks) == ["box", "measure.scale", "measure.box", "measure.ruler"]
