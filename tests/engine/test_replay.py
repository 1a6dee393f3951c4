"""A replay looks at nothing, and says the same of what was recorded, and only of that."""

from __future__ import annotations

from tests.engine.conftest import LIDS, LIMITS, SIZE

from golive.engine.facts import Store, read, write
from golive.model import Outcome

READS = (
    LIMITS.replace("def limited(box: Box, ask: Limit)", "def limited(box: Box, size: Size, ask: Limit)").replace(
        '"{ask.least} {ask.most}"', '"{size.n} of {ask.most}"'
    )
    + """
@dataclass(frozen=True)
class Size(Fact):
    n: int
@probe("test.size")
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
