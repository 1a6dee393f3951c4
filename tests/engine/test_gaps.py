"""What could not be seen: told without secrets, in the order of declaration, and tried once more."""

from __future__ import annotations

import pytest

from golive.model import Effect, Outcome

RAISES = """
@dataclass(frozen=True)
class Size(Fact):
    n: int

@probe("test.size")
async def size(box: Box) -> Size:
    "Measure."
    raise ValueError("the password is hunter2")

@check("box.measured")
def measured(box: Box, size: Size) -> Verdict: "T."

@check("box.raises")
def raises(box: Box) -> Verdict:
    "T."
    raise KeyError("hunter2")

@check("box.forgets")
def forgets(box: Box) -> Verdict:
    "T."
"""


@pytest.mark.parametrize("check", ["box.measured", "box.raises", "box.forgets"])
def test_an_exception_that_nobody_foresaw_is_a_red_gap_without_its_text(toy, check):
    found = toy(RAISES).run("a")[f"{check}[box:a]"]
    assert found.outcome == Outcome.UNKNOWN
    assert "a defect in golive or a plugin" in found.verdict.summary
    assert "hunter2" not in str(found)


def test_of_several_gaps_the_first_by_declaration_is_told(toy):
    found = toy(
        """
        @dataclass(frozen=True)
        class A(Fact):
            n: int
        @dataclass(frozen=True)
        class B(Fact):
            n: int
        @probe("test.a")
        async def a(box: Box) -> A:
            "A."
            await asyncio.sleep(0.05)
            raise Unavailable("first")
        @probe("test.b")
        async def b(box: Box) -> B:
            "B."
            raise Unavailable("second")
        @check("box.both")
        def both(box: Box, a: A, b: B) -> Verdict: "T."
        """
    ).run("x")
    assert found["box.both[box:x]"].verdict.summary == "first"


def flaky(times: int, effect: str = "READ") -> str:
    return f"""
@dataclass(frozen=True)
class Size(Fact):
    n: int
@probe("test.size", effect=Effect.{effect})
async def size(box: Box) -> Size:
    "Measure."
    seen.append(box.name)
    if len(seen) <= {times}:
        raise Unavailable("the line broke", transient=True)
    return Size(1)
@check("box.measured")
def measured(box: Box, size: Size) -> Verdict:
    "T."
    return passed("seen")
"""


@pytest.mark.parametrize(
    ("times", "tries", "outcome"), [(0, 1, Outcome.PASS), (1, 2, Outcome.PASS), (2, 2, Outcome.UNKNOWN)]
)
def test_a_transport_error_is_tried_once_more(toy, times, tries, outcome):
    made = toy(flaky(times))
    assert made.run("a")["box.measured[box:a]"].outcome == outcome
    assert len(made.module.seen) == tries


def test_a_write_is_never_tried_again(toy):
    made = toy(flaky(1, "WRITE"))
    assert made.run("a", allowed={Effect.WRITE})["box.measured[box:a]"].outcome == Outcome.UNKNOWN
    assert made.module.seen == ["a"]
