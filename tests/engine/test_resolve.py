"""Types become a blueprint, and what cannot be is refused with a line that names the fix."""

from __future__ import annotations

import pytest

from golive.engine.blueprint import DeclarationError
from golive.model import Effect

FACT = """
@dataclass(frozen=True)
class Size(Fact):
    n: int

@probe("test.size")
async def size(box: Box) -> Size:
    "Measure the box."
    return Size(1)

"""


def test_a_check_of_a_fact_of_its_own_subject(resolved):
    blueprint = resolved(
        FACT + '@check("box.small")\ndef small(box: Box, size: Size) -> Verdict:\n    "It is small."\n'
    )
    (check,) = blueprint.checks
    assert check.info.id == "box.small"
    assert check.info.title == "It is small"
    assert [p.gives.__name__ for p in blueprint.needs(check)] == ["Size"]


def test_docstring_paragraphs_become_why_and_fix(resolved):
    blueprint = resolved(
        '''
        @check("box.small")
        def small(box: Box) -> Verdict:
            """It is small.

            Why: large ones
            do not fit.

            Fix: take a smaller one.
            """
        '''
    )
    info = blueprint.checks[0].info
    assert (info.title, info.why, info.fix) == ("It is small", "large ones do not fit.", "take a smaller one.")


CANNOT = {
    "no subject first": ('@check("a.b")\ndef c(n: int) -> Verdict: "T."', "must be a kind of Subject"),
    "no parameter": ('@check("a.b")\ndef c() -> Verdict: "T."', "the first parameter must be a subject"),
    "a type nobody provides": (
        '@check("a.b")\ndef c(box: Box, n: int) -> Verdict: "T."',
        "none of Fact, Settings, Subject",
    ),
    "a fact id that is no id": (
        FACT.replace("test.size", "Size") + '@check("a.b")\ndef c(box: Box, size: Size) -> Verdict: "T."',
        "must be lower-case words",
    ),
    "two facts of one id": (
        FACT
        + FACT.replace("Size", "Depth").replace("size(", "depth(")
        + '@check("a.b")\ndef c(box: Box, size: Size, depth: Depth) -> Verdict: "T."',
        "the fact id test.size is already in",
    ),
    "no probe": (
        """
@dataclass(frozen=True)
class Lost(Fact):
    n: int
@check("a.b")
def c(box: Box, lost: Lost) -> Verdict: "T."
""",
        "no probe gives Lost",
    ),
    "two probes": (
        FACT + '@probe("test.again")\nasync def again(box: Box) -> Size: return Size(2)\n'
        '@check("a.b")\ndef c(box: Box, s: Size) -> Verdict: "T."',
        "more than one probe gives Size",
    ),
    "a fact out of reach": (
        FACT + '@check("a.b")\ndef c(env: Environment, s: Size) -> Verdict: "T."',
        "ask for Mapping[Box, …]",
    ),
    "a mapping of the wrong kind": (
        FACT + '@check("a.b")\ndef c(env: Environment, s: Mapping[Environment, Size]) -> Verdict: "T."',
        "ask for Mapping[Box, Size]",
    ),
    "facts in a circle": (
        """
@dataclass(frozen=True)
class A(Fact):
    n: int
@dataclass(frozen=True)
class B(Fact):
    n: int
@probe("test.a")
async def a(box: Box, b: B) -> A: ...
@probe("test.b")
async def b(box: Box, a: A) -> B: ...
@check("a.b")
def c(box: Box, a: A) -> Verdict: "T."
""",
        "A -> B -> A",
    ),
    "a subject reached in two ways": (
        FACT
        + """
@dataclass(frozen=True)
class Pair(Subject):
    left: Box
    right: Box
class PairEntry(Entry):
    pass
@subjects("pairs")
def pairs(key: str, entry: PairEntry) -> tuple[Pair, ...]: ...
@check("a.b")
def c(pair: Pair, s: Size) -> Verdict: "T."
""",
        "reached by left and right",
    ),
    "a discovery that waits for what it finds": (
        """
@dataclass(frozen=True)
class Lid(Subject):
    box: Box
@dataclass(frozen=True)
class Colour(Fact):
    n: int
@probe("test.lid")
async def lids(box: Box, colours: Mapping[Lid, Colour]) -> tuple[Lid, ...]: ...
@probe("test.colour")
async def colour(lid: Lid) -> Colour: ...
@check("a.b")
def c(lid: Lid) -> Verdict: "T."
""",
        "circle",
    ),
    "two checks of one id": (
        '@check("a.b")\ndef c(box: Box) -> Verdict: "T."\n@check("a.b")\ndef d(box: Box) -> Verdict: "T."',
        "already in",
    ),
    "a check that asks for what is the probes'": (
        """
@dataclass(frozen=True)
class Tools(Provided):
    run: RunInfo
@check("a.b")
def c(box: Box, tools: Tools) -> Verdict: "T."
""",
        "tools: Tools is for probes",
    ),
    "a field of what probes share that nobody provides": (
        FACT.replace("(box: Box)", "(box: Box, tools: Tools)").replace(
            "@probe", "@dataclass(frozen=True)\nclass Tools(Provided):\n    n: int\n\n@probe"
        )
        + '@check("a.b")\ndef c(box: Box, s: Size) -> Verdict: "T."',
        "tools.n: int is none of Fact",
    ),
    "a name that is not imported": ('@check("a.b")\ndef c(box: Box, x: "Nowhere") -> Verdict: "T."', "Nowhere"),
}


@pytest.mark.parametrize("case", CANNOT)
def test_what_cannot_work_is_refused(resolved, case):
    source, says = CANNOT[case]
    with pytest.raises(DeclarationError) as refused:
        resolved(source)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_probe_whose_fact_has_no_name_is_refused(resolved):
    with pytest.raises(TypeError, match="name the fact"):
        resolved(FACT.replace('("test.size")', ""))


def test_the_effect_of_a_check_is_that_of_the_strongest_fact_it_needs(resolved):
    blueprint = resolved(
        FACT
        + """
@dataclass(frozen=True)
class Kicked(Fact):
    n: int

@probe("test.kicked", effect=Effect.ACTIVE)
async def kicked(box: Box, size: Size) -> Kicked:
    "Kick it."

@check("box.kicked")
def a(box: Box, k: Kicked) -> Verdict: "T."

@check("box.maybe")
def b(box: Box, k: Kicked | Unavailable) -> Verdict: "T."

@check("box.read")
def c(box: Box, s: Size) -> Verdict: "T."
"""
    )
    effects = {c.info.id: c.info.effect for c in blueprint.checks}
    assert effects == {
        "box.kicked": Effect.ACTIVE,
        "box.maybe": Effect.READ,
        "box.read": Effect.READ,
    }
