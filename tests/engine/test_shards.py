"""What several machines saw, each of its shard, is judged as what one machine saw of all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.engine.conftest import LIDS, SIZE, Toy

from golive.engine import shard
from golive.engine.facts import FactFileError, Store, write
from golive.engine.shard import Shard
from golive.model import Effect, Finding, Outcome
from golive.shards import join, worst

BOXES = ("a", "b", "dark", "far", "stuck", "open", "x", "y", "d", "f")
WHERE = {"a": [4], "b": [8], "dark": [3], "far": [5], "stuck": [1], "open": [2], "x": [5], "y": [2], "d": [3], "f": [7]}
"""By name: a shard that moved would look at other subjects than the facts it is joined with."""
ACROSS = """
@check("all.sized")
def sized(env: Environment, sizes: Mapping[Box, Size]) -> Verdict:
    "There is a size of every box."
    return passed(" ".join(f"{box.name}{size.n}" for box, size in sizes.items()))

@dataclass(frozen=True)
class Sum(Fact):
    n: int

@probe("test.sum")
async def sum_of(env: Environment, sizes: Mapping[Box, Size]) -> Sum:
    "Add up, which wants every box, whoever looks."
    return Sum(sum(size.n for size in sizes.values()))

@check("all.summed")
def summed(env: Environment, total: Sum) -> Verdict:
    "There is a sum."
    return passed(str(total.n))

@check("all.coloured")
def all_coloured(env: Environment, colours: Mapping[Lid, Colour] | Unavailable, total: Sum) -> Verdict:
    "Every lid has a colour."
    return passed(f"{total.n} {colours}")
"""
RUN = {
    "phase": None,
    "only": [],
    "skip": [],
    "started": "2026-01-01T00:00:00+00:00",
    "ended": "2026-01-01T00:00:09+00:00",
    "vantage": "here",
    "about": "",
    "interrupted": False,
    "left_behind": [],
}


def recorded(store: Store, shard: str, **changes: Any) -> tuple[str, str]:
    return write({**RUN, "shard": shard, **changes}, {"of": "all"}, store), f"shard-{shard}.json"


def judged(made: Toy, *files: tuple[str, str]) -> dict[str, Finding]:
    stores = join(files).stores
    return {f.id: f for f in worst([list(made.run(*BOXES, store=store).values()) for store in stores])}


def shards(made: Toy, count: int) -> list[Store]:
    stores = [Store() for _ in range(count)]
    for number, store in enumerate(stores, 1):
        made.run(*BOXES, store=store, shard=Shard(number, count))
    return stores


def test_shards_together_say_what_one_run_says(toy):
    made = toy(SIZE + LIDS + ACROSS)
    whole = made.run(*BOXES)
    made.module.seen.clear()
    stores = shards(made, 3)
    together = judged(made, *(recorded(store, f"{n}/3") for n, store in enumerate(stores, 1)))
    assert {i: replace(f, seconds=0) for i, f in together.items()} == {
        i: replace(f, seconds=0) for i, f in whole.items()
    }
    assert {f.outcome for f in together.values()} == {Outcome.PASS, Outcome.NA, Outcome.UNKNOWN}


def test_a_shard_looks_at_its_own_and_leaves_the_rest_to_judge(toy):
    made = toy(SIZE + LIDS + ACROSS.partition("@dataclass")[0])
    for number in (1, 2, 3):
        made.module.seen.clear()
        found = made.run(*BOXES, shard=Shard(number, 3))
        ours = [name for name in BOXES if Shard(number, 3).owns(made.module.Box(name))]
        assert sorted(made.module.seen) == sorted(ours)
        assert {f.subject for f in found.values() if f.check.id == "box.measured"} == set(ours)
        assert {f.verdict.summary for f in found.values() if f.check.id == "all.sized"} <= {shard.LEFT}
        assert all(f.not_permitted for f in found.values() if f.check.id == "all.sized")


WRITTEN = """
written = []

@dataclass(frozen=True)
class Note(Fact):
    n: int

@probe("test.note", effect=Effect.WRITE)
async def note(env: Environment) -> Note:
    "Leave a note, which every box wants."
    written.append(env.name)
    return Note(7)

@check("box.noted")
def noted(box: Box, size: Size, note: Note) -> Verdict:
    "The box is noted."
    return passed(f"{size.n} {note.n}")
"""


def test_what_is_written_for_all_is_written_by_one_shard(toy):
    made = toy(SIZE + WRITTEN)
    allowed = [Effect.WRITE]
    whole = made.run(*BOXES, allowed=allowed)
    assert made.module.written == ["test"]
    made.module.written.clear()
    stores = [Store() for _ in range(3)]
    for number, store in enumerate(stores, 1):
        made.run(*BOXES, store=store, shard=Shard(number, 3), allowed=allowed)
    assert made.module.written == ["test"]
    files = [recorded(store, f"{n}/3") for n, store in enumerate(stores, 1)]
    together = {f.id: f for s in join(files).stores for f in made.run(*BOXES, store=s, allowed=allowed).values()}
    assert {i: f.verdict.summary for i, f in together.items()} == {i: f.verdict.summary for i, f in whole.items()}


def test_a_missing_shard_is_unknown_for_its_subjects_and_named(toy):
    made = toy(SIZE)
    first, _, third = shards(made, 3)
    found = judged(made, recorded(first, "1/3"), recorded(third, "3/3"))
    lost = {f.subject: f for f in found.values() if f.outcome is Outcome.UNKNOWN}
    assert set(lost) == {name for name in BOXES if Shard(2, 3).owns(made.module.Box(name))}
    assert {f.verdict.summary for f in lost.values()} == {
        "was not recorded in the fact file: shard 2/3 is missing",
    }


def test_where_two_shards_saw_different_things_the_worse_counts_and_both_are_shown(toy):
    made = toy(
        SIZE.replace('return passed(f"{size.n}")', 'return (passed if size.n == 1 else failed)(f"size {size.n}")', 1)
    )
    one, two = Store(), Store()
    made.run(*BOXES, store=one, shard=Shard(1, 2))
    made.run(*BOXES, store=two, shard=Shard(2, 2))
    (key,) = [key for key in one.records if key[1] == "box:a"] or [key for key in two.records if key[1] == "box:a"]
    mine, other = (one, two) if key in one.records else (two, one)
    other.records[key] = {**mine.records[key], "seen": {"n": 9}, "seconds": 7.0}
    found = judged(made, recorded(one, "1/2"), recorded(two, "2/2"))["box.measured[box:a]"]
    assert (found.outcome, found.verdict.summary) == (Outcome.FAIL, "size 9")
    assert found.verdict.evidence == ("another shard saw: size 1",)


def test_a_record_that_differs_in_its_time_alone_is_the_same(toy):
    made = toy(SIZE)
    one = Store()
    made.run("a", store=one)
    two = Store([{**record, "seconds": 9.0} for record in one.in_order()])
    assert len(join([recorded(one, "1/2"), recorded(two, "2/2")]).stores) == 1


@pytest.mark.parametrize(
    ("files", "problem"),
    {
        "twice the same": ((("1/2", {}), ("1/2", {})), "shard-1/2.json: shard 1/2 is in shard-1/2.json already"),
        "of different runs": ((("1/2", {}), ("1/3", {})), "shards of different runs: 1/2, 1/3"),
        "another selection": (
            (("1/2", {}), ("2/2", {"only": ["tls.*"]})),
            "shard-2/2.json: recorded with only ['tls.*'], shard-1/2.json with []",
        ),
        "a whole run among them": (
            (("1/2", {}), ("", {})),
            "shard-.json: not the facts of a shard; golive check --shard writes them",
        ),
    }.values(),
)
def test_files_that_are_not_of_one_run_are_refused(files, problem):
    with pytest.raises(FactFileError, match="^" + problem.replace("[", r"\[").replace("*", r"\*") + "$"):
        join([recorded(Store(), shard, **changes) for shard, changes in files])


def test_files_of_different_profiles_are_refused():
    text, name = recorded(Store(), "2/2")
    other = json.dumps({**json.loads(text), "profile": {"of": "another"}})
    with pytest.raises(FactFileError, match="recorded with another profile"):
        join([recorded(Store(), "1/2"), (other, name)])


def test_what_lies_below_a_subject_is_in_its_shard_whatever_else_there_is(toy):
    module = toy(SIZE + LIDS).module
    at = {name: [n for n in range(1, 9) if Shard(n, 8).owns(module.Box(name))] for name in BOXES}
    assert at == WHERE
    for name, (number,) in at.items():
        assert Shard(number, 8).owns(module.Lid("lid", module.Box(name)))


@pytest.mark.parametrize(
    ("text", "environ", "expected"),
    {
        "as it is written": ("3/8", {}, Shard(3, 8)),
        "GitLab": ("auto", {"CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "4"}, Shard(1, 4)),
        "Buildkite": ("auto", {"BUILDKITE_PARALLEL_JOB": "0", "BUILDKITE_PARALLEL_JOB_COUNT": "4"}, Shard(1, 4)),
        "Kubernetes": ("auto", {"JOB_COMPLETION_INDEX": "3", "GOLIVE_SHARDS": "4"}, Shard(4, 4)),
        "a matrix": ("auto", {"GOLIVE_SHARD": "2", "GOLIVE_SHARDS": "4"}, Shard(2, 4)),
    }.values(),
)
def test_a_shard_is_read_as_it_is_written_and_as_engines_say_it(text, environ, expected):
    assert shard.read(text, environ) == expected


@pytest.mark.parametrize(
    ("text", "environ", "problem"),
    {
        "none": ("auto", {}, "nothing here names a shard"),
        "half of one": ("auto", {"JOB_COMPLETION_INDEX": "3"}, "nothing here names a shard"),
        "words": ("three", {}, "'three': not a shard; write 3/8, or auto"),
        "number nought": ("0/8", {}, "there is no shard 0/8"),
        "beyond the last": ("9/8", {}, "there is no shard 9/8; the first is 1/8"),
        "none at all": ("1/0", {}, "there is no shard 1/0"),
        "too many": ("1/1001", {}, "1000 are allowed"),
        "beyond the last of Kubernetes": ("auto", {"JOB_COMPLETION_INDEX": "4", "GOLIVE_SHARDS": "4"}, "shard 5/4"),
    }.values(),
)
def test_what_is_no_shard_is_refused_in_one_line(text, environ, problem):
    with pytest.raises(ValueError, match=problem):
        shard.read(text, environ)
