"""Sections made from source text, and a run of them without a profile file."""

from __future__ import annotations

import itertools
import sys
import textwrap
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from golive.engine.blueprint import Blueprint
from golive.engine.declare import Environment, Settings, Subject
from golive.engine.facts import Store
from golive.engine.loop import in_loop
from golive.engine.provide import ProfileWorld
from golive.engine.resolve import resolve
from golive.engine.run import ChecksRun
from golive.model import Finding

PROLOGUE = """
import asyncio
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from golive import *

section = Section("toy", title="Toy")
seen = []

@dataclass(frozen=True)
class Box(Subject):
    pass

class BoxEntry(Entry):
    size: int = 1

@subjects("boxes")
def boxes(key: str, entry: BoxEntry) -> tuple[Box, ...]:
    return (Box(key, own=entry.own()),)

"""

SIZE = """
@dataclass(frozen=True)
class Size(Fact):
    n: int

@probe("test.size")
async def size(box: Box) -> Size:
    "Measure the box."
    seen.append(box.name)
    return Size(len(box.name))

@check("box.measured")
def measured(box: Box, size: Size) -> Verdict:
    "It is measured."
    return passed(f"{size.n}")

@check("box.measured-too")
def measured_too(box: Box, size: Size) -> Verdict:
    "It is measured."
    return passed(f"{size.n}")
"""

LIDS = """
@dataclass(frozen=True)
class Lid(Subject):
    box: Box

@probe("test.lid")
async def lids(box: Box) -> tuple[Lid, ...]:
    "Find the lids."
    if box.name == "stuck":
        raise Unavailable("it does not open", fix="bring a lever")
    if box.name == "open":
        return ()
    return (Lid(f"{box.name}-1", box), Lid(f"{box.name}-2", box))

@dataclass(frozen=True)
class Colour(Fact):
    name: str

@probe("test.colour")
async def colour(lid: Lid) -> Colour:
    "Look at the lid."
    if lid.name == "dark-2":
        raise Unavailable("it is dark")
    if lid.name in ("far-2", "farther-1", "farther-2"):
        raise Unavailable("no road there", no_route=True)
    return Colour("red")

@check("lid.coloured")
def coloured(lid: Lid, colour: Colour) -> Verdict:
    "It has a colour."
    return passed(colour.name)

@check("box.lids-agree")
def agree(box: Box, colours: Mapping[Lid, Colour]) -> Verdict:
    "All its lids are of one colour."
    assert colours
    return passed(f"{len(colours)} lids")
"""

LIMITS = """
class Limit(Settings):
    home: ClassVar[str] = "toy.limit"
    least: int = 1
    most: int = 9

@check("box.limited")
def limited(box: Box, ask: Limit) -> Verdict:
    "T."
    return passed(f"{ask.least} {ask.most}")
"""

numbers = itertools.count()


@pytest.fixture
def section() -> Iterator[Callable[[str], types.ModuleType]]:
    made = []

    def make(source: str) -> types.ModuleType:
        module = types.ModuleType(f"toy_{next(numbers)}")
        sys.modules[module.__name__] = module
        made.append(module.__name__)
        exec(PROLOGUE + textwrap.dedent(source), module.__dict__)  # noqa: S102 - the test's own text
        return module

    yield make
    for name in made:
        del sys.modules[name]


@pytest.fixture
def resolved(section: Callable[[str], types.ModuleType]) -> Callable[[str], Blueprint]:
    return lambda source: resolve({"toy": section(source)})


class Toy:
    """A section at work: its module, its blueprint, and runs of it."""

    def __init__(self, module: types.ModuleType) -> None:
        self.module: Any = module
        self.blueprint = resolve({"toy": module})

    def prepare(
        self,
        *names: str,
        settings: Mapping[type[Settings], Settings] | None = None,
        store: Store | None = None,
        own: Mapping[str, Mapping[str, Any]] | None = None,
        env: Environment | None = None,
        **options: Any,
    ) -> ChecksRun:
        named: dict[type[Subject], Sequence[Subject]] = {
            self.module.Box: [self.module.Box(n, own=own or {}) for n in names]
        }
        world = ProfileWorld(env or Environment("test"), named, settings or {})
        return ChecksRun(self.blueprint, self.blueprint.checks, world, store or Store(), **options)

    def run(self, *names: str, timeout_s: float = 5.0, **options: Any) -> dict[str, Finding]:
        found = in_loop(self.prepare(*names, **options).findings(timeout_s))
        assert len({f.id for f in found}) == len(found)
        return {f.id: f for f in found}


@pytest.fixture
def toy(section: Callable[[str], types.ModuleType]) -> Callable[[str], Toy]:
    return lambda source: Toy(section(source))
