"""The rules of the house, one by one, each on a section made for it."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from golive.declare import Environment
from golive.facts import Store, read, write
from golive.loop import in_loop
from golive.model import Effect, Outcome, Phase

SIZE = """
@dataclass(frozen=True)
class Size(Fact):
    n: int

@probe
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

@probe
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

@probe
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


def outcomes(findings):
    return {i: f.outcome for i, f in findings.items()}


# --- one probe for all who ask ---------------------------------------------------------------------------------------


def test_each_probe_runs_once_however_many_checks_want_its_fact(toy):
    made = toy(SIZE)
    found = made.run("a", "bb")
    assert set(outcomes(found).values()) == {Outcome.PASS}
    assert len(found) == 4
    assert sorted(made.module.seen) == ["a", "bb"]


def test_findings_come_in_the_order_of_declaration(toy):
    assert list(toy(SIZE).run("a", "b")) == [
        "box.measured[box:a]",
        "box.measured[box:b]",
        "box.measured-too[box:a]",
        "box.measured-too[box:b]",
    ]


# --- discovery ------------------------------------------------------------------------------------------------------


def test_discovered_subjects_get_a_finding_each(toy):
    assert list(toy(LIDS).run("a")) == ["lid.coloured[lid:a-1]", "lid.coloured[lid:a-2]", "box.lids-agree[box:a]"]


def test_a_failing_discovery_is_unknown_on_its_parent_with_the_mend(toy):
    found = toy(LIDS).run("stuck", "a")
    gap = found["lid.coloured[box:stuck]"]
    assert (gap.outcome, gap.verdict.summary, gap.fix) == (Outcome.UNKNOWN, "it does not open", "bring a lever")
    assert found["box.lids-agree[box:stuck]"].outcome == Outcome.UNKNOWN
    assert found["lid.coloured[lid:a-1]"].outcome == Outcome.PASS
    assert found["box.lids-agree[box:a]"].outcome == Outcome.PASS


def test_an_empty_discovery_is_unknown_on_its_parent(toy):
    found = toy(LIDS).run("open")
    assert outcomes(found) == {"lid.coloured[box:open]": Outcome.UNKNOWN, "box.lids-agree[box:open]": Outcome.UNKNOWN}


def test_an_empty_discovery_that_says_why_is_not_applicable(toy):
    found = toy(LIDS.replace("@probe\nasync def lids", "@probe(empty='an open box')\nasync def lids")).run("open")
    assert found["lid.coloured[box:open]"].outcome == Outcome.NA
    assert found["lid.coloured[box:open]"].verdict.summary == "an open box"


def test_no_subject_in_the_profile_is_unknown_on_the_environment(toy):
    found = toy(SIZE).run()
    assert outcomes(found) == {
        "box.measured[environment:test]": Outcome.UNKNOWN,
        "box.measured-too[environment:test]": Outcome.UNKNOWN,
    }


def test_two_discovered_subjects_of_one_name_are_told(toy):
    found = toy(LIDS.replace('Lid(f"{box.name}-1"', 'Lid("same"').replace('Lid(f"{box.name}-2"', 'Lid("other"')).run(
        "a", "b"
    )
    assert found["lid.coloured[box:b]"].verdict.summary == "two subjects of one name: lid:same"


# --- half-seen collections ------------------------------------------------------------------------------------------


def test_a_half_seen_collection_is_unknown(toy):
    found = toy(LIDS).run("dark")
    assert found["box.lids-agree[box:dark]"].outcome == Outcome.UNKNOWN
    assert found["box.lids-agree[box:dark]"].verdict.summary == "it is dark"
    assert found["lid.coloured[lid:dark-1]"].outcome == Outcome.PASS


def test_a_route_that_is_missing_here_is_left_out_and_named_while_another_was_seen(toy):
    found = toy(LIDS).run("far")
    assert found["box.lids-agree[box:far]"].outcome == Outcome.PASS
    assert found["box.lids-agree[box:far]"].verdict.unseen == ("far-2: no road there",)
    assert found["lid.coloured[lid:far-2]"].outcome == Outcome.NA


def test_no_verdict_rests_on_routes_that_are_all_missing(toy):
    found = toy(LIDS).run("farther")
    assert found["box.lids-agree[box:farther]"].outcome == Outcome.NA
    assert not any(f.outcome == Outcome.PASS for f in found.values())


def test_gaps_are_handed_over_to_a_check_that_asks_for_them(toy):
    source = LIDS.replace("Mapping[Lid, Colour])", "Mapping[Lid, Colour | Unavailable])").replace(
        'passed(f"{len(colours)} lids")', 'passed(" ".join(type(c).__name__ for c in colours.values()))'
    )
    assert toy(source).run("dark")["box.lids-agree[box:dark]"].verdict.summary == "Colour Unavailable"


# --- gaps -----------------------------------------------------------------------------------------------------------

RAISES = """
@dataclass(frozen=True)
class Size(Fact):
    n: int

@probe
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
        @probe
        async def a(box: Box) -> A:
            "A."
            await asyncio.sleep(0.05)
            raise Unavailable("first")
        @probe
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
@probe(effect=Effect.{effect})
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


# --- effects and phases ---------------------------------------------------------------------------------------------

ACTIVE = (
    SIZE
    + """
@dataclass(frozen=True)
class Kicked(Fact):
    n: int

@probe(effect=Effect.ACTIVE)
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
    return not_applicable("withheld") if isinstance(k, Unavailable) and k.withheld else passed("kicked")
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
    assert (found.outcome, found.withheld) == (Outcome.NA, True)
    assert "active" in found.verdict.summary
    assert made.module.seen == []


def test_a_withheld_fact_is_handed_to_a_check_that_asks_for_the_gap(toy):
    assert toy(ACTIVE).run("a")["box.maybe[box:a]"].verdict.summary == "withheld"


def test_an_allowed_effect_is_used(toy):
    assert toy(ACTIVE).run("a", allowed={Effect.ACTIVE})["box.kicked[box:a]"].outcome == Outcome.PASS


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


# --- settings -------------------------------------------------------------------------------------------------------

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


def test_the_nearest_settings_win_field_by_field(toy):
    made = toy(LIMITS)
    section = {made.module.Limit: made.module.Limit(least=2)}
    assert made.run("a", settings=section)["box.limited[box:a]"].verdict.summary == "2 9"
    assert made.run("a", settings=section, own={"limit": {"most": 5}})["box.limited[box:a]"].verdict.summary == "2 5"


# --- record and replay ----------------------------------------------------------------------------------------------

READS = (
    LIMITS.replace("def limited(box: Box, ask: Limit)", "def limited(box: Box, size: Size, ask: Limit)").replace(
        '"{ask.least} {ask.most}"', '"{size.n} of {ask.most}"'
    )
    + """
@dataclass(frozen=True)
class Size(Fact):
    n: int
@probe
async def size(box: Box, ask: Limit) -> Size:
    "Measure."
    seen.append(box.name)
    return Size(ask.most)
"""
)


def replayed(store: Store) -> Store:
    return read(write({}, {}, store), "facts")[2]


def test_a_replay_looks_at_nothing_and_says_the_same(toy):
    made = toy(LIDS)
    store = Store()
    live = made.run("a", "dark", "far", "stuck", "open", store=store)
    again = made.run("a", "dark", "far", "stuck", "open", store=replayed(store))
    assert again == live


def test_a_replay_under_other_settings_is_unknown(toy):
    made = toy("section\n" + READS)
    store = Store()
    made.run("a", store=store)
    changed = {made.module.Limit: made.module.Limit(most=5)}
    found = made.run("a", store=replayed(store), settings=changed)["box.limited[box:a]"]
    assert (found.outcome, found.verdict.summary) == (Outcome.UNKNOWN, "was recorded with other settings")
    assert made.module.seen == ["a"]


def test_a_replay_of_what_was_not_recorded_is_unknown(toy):
    made = toy(SIZE)
    store = Store()
    made.run("a", store=store)
    found = made.run("a", "new", store=replayed(store))
    assert found["box.measured[box:a]"].outcome == Outcome.PASS
    assert found["box.measured[box:new]"].outcome == Outcome.UNKNOWN
    assert made.module.seen == ["a"]


# --- time -----------------------------------------------------------------------------------------------------------

SLOW = """
release = threading.Event()

@dataclass(frozen=True)
class Size(Fact):
    n: int
@probe
async def size(box: Box) -> Size:
    "Measure."
    if box.name == "hung":
        await asyncio.get_running_loop().run_in_executor(None, release.wait)
    if box.name == "deaf":
        while True:
            try:
                await asyncio.sleep(60)
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
    began = time.monotonic()
    found = made.run("a", slow, timeout_s=0.2)
    assert time.monotonic() - began < 1.2
    assert found["box.measured[box:a]"].outcome == Outcome.PASS
    assert found[f"box.measured[box:{slow}]"].outcome == Outcome.UNKNOWN
    assert "not finished when the run's 0.2 s were over" in found[f"box.measured[box:{slow}]"].verdict.summary
    made.module.release.set()


def test_one_cancelled_waiter_does_not_take_the_fact_from_the_others(toy):
    made = toy(SIZE.replace("seen.append(box.name)", "await asyncio.sleep(0.05); seen.append(box.name)"))

    async def cancel_one() -> None:
        run = made.prepare("a")
        run._began = time.monotonic()
        (box,) = run.world.named[made.module.Box]
        first = asyncio.create_task(run._see(made.module.Size, box))
        second = asyncio.create_task(run._see(made.module.Size, box))
        await asyncio.sleep(0.01)
        first.cancel()
        assert (await second).value.n == 1

    in_loop(cancel_one())
    assert made.module.seen == ["a"]


WRITES = """
made, undone = [], []
begun = threading.Event()

@dataclass(frozen=True)
class Stored(Fact):
    n: int
@probe(effect=Effect.WRITE)
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
        @probe
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


def test_settled_findings_are_not_looked_at_again(toy):
    made = toy(SIZE)
    found = made.run("a", "b", settled={"box.measured[box:a]", "box.measured-too[box:a]"})
    assert set(found) == {"box.measured[box:b]", "box.measured-too[box:b]"}
    assert made.module.seen == ["b"]


def test_threads_of_a_run_are_daemons(toy):
    made = toy(SLOW)
    made.run("hung", timeout_s=0.1)
    assert all(t.daemon for t in threading.enumerate() if t is not threading.main_thread())
    made.module.release.set()
