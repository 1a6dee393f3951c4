"""Every fault on the stack that stands anywhere (matrix.py); a module of its own, for a worker of its own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from matrix import (
    BY_BROWSER,
    SLOW_S,
    all_is_green,
    cases,
    every_check_passes_but,
    lab,
    load,
    turns_its_check_red_and_no_other,
)

from golive import live, session
from golive.engine.shard import Shard
from golive.judge import judge
from golive.model import Effect, Phase
from golive.plan import contacts
from golive.session import concerned
from golive_checks.systems.machine.client.pace import PRODUCTION_PER_SECOND
from golive_lab.world.names import API

if TYPE_CHECKING:
    from collections.abc import Iterator

    from batches import Batch
    from matrix import Lab, Record

    from golive_lab.fault import Fault


OTHER_ADDRESS = "@127.0.0.2"


@pytest.fixture(scope="module")
def demo() -> Iterator[Lab]:
    with lab("demo") as here:
        yield here


def test_the_healthy_world_is_all_green(demo: Lab, record_property: Record) -> None:
    all_is_green(demo, record_property)


def test_every_check_passes_somewhere_in_the_healthy_world(demo: Lab) -> None:
    every_check_passes_but(demo, {BY_BROWSER})


def test_one_api_is_asked_few_requests_and_the_plan_says_how_many(demo: Lab) -> None:
    demo.at_rest(Phase.AFTER)
    ended = [e for e in demo.ended[Phase.AFTER] if e.requests.get(API)]
    undeclared = {e.probe.name for e in ended if not e.probe.decl.requests}
    assert not undeclared, "golive plan would not know of their requests"
    # At one of its two addresses, by one of two sides, as most APIs are; what a profile asks for by itself is apart.
    apart = ("gateways.", "load.", "release.host-sides", "release.readiness-drill")
    usual = [e for e in ended if not e.subject.name.endswith(OTHER_ADDRESS) and not e.probe.name.startswith(apart)]
    reads = sum(e.requests[API] for e in usual if e.probe.effect == Effect.READ)
    actives = sum(e.requests[API] for e in usual)
    assert (reads <= 70, actives <= 120) == (True, True), Counter({e.probe.name: e.requests[API] for e in usual})
    assert reads / PRODUCTION_PER_SECOND <= 15

    there = load(demo.kind, demo.stack)
    world, checks = concerned(there, (), (), Phase.AFTER)
    planned = contacts(there.blueprint, checks, world)
    of_it = sum(c.requests * (2 if c.system.startswith("each address") else 1) for c in planned if API in c.system)
    made = sum(e.requests[API] for e in ended if not e.probe.name.startswith(("gateways.forged", "gateways.reached")))
    assert made * 0.8 <= of_it <= made * 1.6


@pytest.mark.long
def test_three_shards_together_find_what_one_run_finds(demo: Lab) -> None:
    """Three looks more."""
    whole = demo.at_rest(Phase.AFTER)
    files = []
    for number in (1, 2, 3):
        options = session.Options(timeout_s=SLOW_S, phase=Phase.AFTER, shard=Shard(number, 3))
        files.append((live.check(load(demo.kind, demo.stack), options).facts(), f"shard-{number}.json"))
    together = judge(files, session.Options(), load(demo.kind, demo.stack))
    assert {f.id: f.outcome for f in together.findings} == {f.id: f.outcome for f in whole.findings}
    assert together.decision == whole.decision


@pytest.mark.parametrize(("batch", "fault"), cases("demo"))
def test_a_fault_turns_its_check_red_and_no_other(
    demo: Lab, batch: Batch, fault: Fault, record_property: Record
) -> None:
    turns_its_check_red_and_no_other(demo, batch, fault, record_property)
