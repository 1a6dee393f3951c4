"""Subjects that a probe finds, and what is seen of only a part of them."""

from __future__ import annotations

from tests.engine.conftest import LIDS, SIZE

from golive.model import Outcome


def outcomes(findings):
    return {i: f.outcome for i, f in findings.items()}


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
    found = toy(LIDS.replace('("test.lid")', '("test.lid", empty="an open box")')).run("open")
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
