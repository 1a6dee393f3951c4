"""What is not allowed is not done, what is not due is not looked at, and what was written is undone."""

from __future__ import annotations

import pytest
from tests.engine.conftest import SIZE

from golive.engine.declare import Environment
from golive.engine.loop import in_loop
from golive.model import Effect, Outcome, Phase

ACTIVE = (
    SIZE
    + """
@dataclass(frozen=True)
class Kicked(Fact):
    n: int

@probe("test.kicked", effect=Effect.ACTIVE)
async def kicked(box: Box, size: Size) -> Kicked:
    "Kick it."
    seen.append("kick")
    return Kicked(1)

@check("box.kicked")
def is_kicked(box: Box, k: Kicked) -> Verdict:
    "T."
    return passed("kicked")

@check("box.maybe")
def maybe(box: Box, k: Kicked | Unavailable) -> Verdict:
    "T."
    return not_applicable("not permitted") if isinstance(k, Unavailable) and k.not_permitted else passed("kicked")
"""
)


def test_what_is_not_allowed_is_not_applicable_before_any_io(toy):
    made = toy(ACTIVE)
    made.blueprint = type(made.blueprint)(
        made.blueprint.sections,
        tuple(c for c in made.blueprint.checks if c.info.id == "box.kicked"),
        made.blueprint.probes,
        made.blueprint.named,
    )
    found = made.run("a")["box.kicked[box:a]"]
    assert (found.outcome, found.not_permitted) == (Outcome.NA, True)
    assert "active" in found.verdict.summary
    assert made.module.seen == []


def test_a_fact_that_is_not_permitted_is_handed_to_a_check_that_asks_for_the_gap(toy):
    assert toy(ACTIVE).run("a")["box.maybe[box:a]"].verdict.summary == "not permitted"


def test_an_allowed_effect_is_used(toy):
    assert toy(ACTIVE).run("a", allowed={Effect.ACTIVE})["box.kicked[box:a]"].outcome == Outcome.PASS


BEHIND = """
@dataclass(frozen=True)
class Summed(Fact):
    n: int

@probe("test.summed")
async def summed(box: Box, kicked: Kicked | Unavailable) -> Summed:
    "Sum up."
    return Summed(2)

@check("box.summed")
def is_summed(box: Box, summed: Summed) -> Verdict:
    "T."
    return passed("summed")
"""


def test_what_waits_for_a_strong_probe_behind_another_is_not_waited_for(toy):
    found = toy(ACTIVE + BEHIND).run("a", allowed={Effect.ACTIVE}, strong_last=True, timeout_s=20)
    assert {finding.outcome for finding in found.values()} == {Outcome.PASS}


def test_strong_probes_wait_for_all_that_only_reads_where_asked(toy):
    made = toy(
        ACTIVE.replace("seen.append(box.name)", "await asyncio.sleep(0.02 * len(box.name)); seen.append(box.name)")
    )
    made.run("a", "bbbb", allowed={Effect.ACTIVE}, strong_last=True)
    assert made.module.seen == ["a", "bbbb", "kick", "kick"]


@pytest.mark.parametrize(
    ("phase", "outcome", "says"),
    [
        (None, Outcome.NA, "the profile declares no release"),
        (Phase.BEFORE, Outcome.NA, "asked after the deploy"),
        (Phase.AFTER, Outcome.PASS, "1"),
    ],
)
def test_a_phase_that_is_not_now_is_not_applicable(toy, phase, outcome, says):
    made = toy(SIZE.replace('@check("box.measured")', '@check("box.measured", phase=Phase.AFTER)'))
    found = made.run("a", env=Environment("test", phase=phase))["box.measured[box:a]"]
    assert (found.outcome, found.verdict.summary) == (outcome, says)


WRITES = """
made, undone = [], []
begun = threading.Event()

@dataclass(frozen=True)
class Stored(Fact):
    n: int
@probe("test.stored", effect=Effect.WRITE)
async def stored(box: Box, writes: Writes) -> Stored:
    "Store it."
    async def store():
        begun.set()
        await asyncio.sleep(0.2)
        made.append(box.name)
    async def remove():
        if box.name == "sticky":
            raise OSError("no")
        undone.append(box.name)
    await writes.do(f"the object {box.name}", store(), remove)
    await asyncio.sleep(60 if box.name == "slow" else 0)
    return Stored(1)

@check("box.stored")
def is_stored(box: Box, s: Stored) -> Verdict:
    "T."
    return passed("stored")
"""


def test_a_write_is_undone(toy):
    made = toy(WRITES)
    assert made.run("a", allowed={Effect.WRITE})["box.stored[box:a]"].outcome == Outcome.PASS
    assert (made.module.made, made.module.undone) == (["a"], ["a"])


def test_a_cancelled_write_awaits_its_own_request_before_undoing_it(toy):
    made = toy(WRITES)
    found = made.run("a", allowed={Effect.WRITE}, timeout_s=0.1)
    assert found["box.stored[box:a]"].outcome == Outcome.UNKNOWN
    assert (made.module.made, made.module.undone) == (["a"], ["a"])


def test_what_a_write_leaves_behind_is_named(toy):
    made = toy(WRITES)
    run = made.prepare("sticky", allowed={Effect.WRITE})
    in_loop(run.findings(5))
    assert run.left_behind == ["the object sticky (OSError)"]
