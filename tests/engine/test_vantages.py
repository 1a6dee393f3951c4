"""What several places saw, judged as one: each check by the places that it is for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from golive import live, session
from golive.engine.facts import FactFileError, Store, write
from golive.judge import judge
from golive.model import CheckInfo, Finding, Outcome, Verdict
from golive.report.json import document
from golive.select import UsageError
from golive.shards import by_vantage
from golive.vantages import owners, together

if TYPE_CHECKING:
    from golive.model import Report

DNS, TABLES, PAGE = (CheckInfo(check, check.partition(".")[0], check) for check in ("dns.there", "db.there", "page.up"))
PLACES = {"outside": ("dns",), "inside": ("db.*",)}
OF = owners([DNS, TABLES, PAGE], PLACES)


def finding(check: CheckInfo, outcome: str, summary: str = "", subject: str = "api") -> Finding:
    return Finding(check, "host", subject, Verdict(Outcome(outcome), summary or outcome))


def joined(**found: list[Finding]) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    return {f.id: (str(f.outcome), f.seen_from, f.verdict.evidence) for f in together(found, OF)}


def test_a_check_is_judged_by_the_place_that_it_is_for() -> None:
    inside = [finding(DNS, "unknown"), finding(TABLES, "pass")]
    outside = [finding(DNS, "fail"), finding(TABLES, "unknown")]
    assert joined(inside=inside, outside=outside) == {
        "dns.there[host:api]": ("fail", "outside", ()),
        "db.there[host:api]": ("pass", "inside", ()),
    }


def test_what_a_place_was_to_see_and_did_not_is_a_gap() -> None:
    found = joined(inside=[finding(TABLES, "unknown")], outside=[finding(TABLES, "pass"), finding(DNS, "unknown")])
    assert {name: outcome for name, (outcome, *_) in found.items()} == {
        "dns.there[host:api]": "unknown",
        "db.there[host:api]": "unknown",
    }


def test_a_host_that_resolves_differently_is_shown_side_by_side() -> None:
    found = joined(outside=[finding(DNS, "pass", "203.0.113.9")], inside=[finding(DNS, "pass", "10.0.0.5")])
    beside = ("from outside: 203.0.113.9", "from inside: 10.0.0.5")
    assert found == {"dns.there[host:api]": ("pass", "outside", beside)}


@pytest.mark.parametrize(
    ("inside", "outside", "expected"),
    [
        ("pass", "unknown", ("pass", "inside")),
        ("unknown", "unknown", ("unknown", "inside, outside")),
        ("pass", "fail", ("fail", "outside")),
        ("pass", "pass", ("pass", "inside, outside")),
        ("n/a", "warn", ("warn", "outside")),
    ],
)
def test_of_what_is_for_every_place_one_that_saw_it_is_enough(
    inside: str, outside: str, expected: tuple[str, str]
) -> None:
    found = joined(inside=[finding(PAGE, inside)], outside=[finding(PAGE, outside)])
    assert found["page.up[host:api]"][:2] == expected


def test_addresses_that_one_place_found_are_no_gap_of_another() -> None:
    at = finding(PAGE, "pass", subject="api@203.0.113.9")
    assert list(joined(inside=[finding(PAGE, "unknown")], outside=[at])) == ["page.up[host:api@203.0.113.9]"]
    other = finding(PAGE, "pass", subject="shop@203.0.113.9")
    assert len(joined(inside=[finding(PAGE, "unknown")], outside=[other])) == 2


PROFILE = """
environment: x
checklist: { only: [custom] }
vantages: { inside: [custom.notes], outside: [custom.page] }
custom:
  notes: { title: The notes are there, request: { file: notes.md } }
  page: { title: The page is there, request: { file: page.md } }
  both: { title: Either is enough, request: { file: both.md } }
"""


def looked(place: Path, vantage: str, *there: str) -> tuple[str, str]:
    """Look from a place at which these files are, and return its fact file."""
    for name in ("notes", "page", "both"):
        (place / f"{name}.md").unlink(missing_ok=True)
    for name in there:
        (place / f"{name}.md").write_text("words")
    loaded = session.load(str(place / "x.yaml"), cwd=place, environ={})
    outcomes = live.check(loaded, session.Options(vantage=vantage))
    own = judge([(outcomes.facts(), "own")], session.Options())
    assert document(own)["findings"] == document(outcomes.report)["findings"]
    return outcomes.facts(), f"{vantage}.json"


def said(report: Report) -> dict[str, tuple[str, str]]:
    return {f.check.id: (str(f.outcome), f.seen_from) for f in report.findings if f.check.section == "custom"}


def test_two_places_together_say_go(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(PROFILE)
    inside, outside = looked(tmp_path, "inside", "notes", "both"), looked(tmp_path, "outside", "page", "both")
    report = judge([inside, outside], session.Options())
    assert said(report) == {
        "custom.notes": ("pass", "inside"),
        "custom.page": ("pass", "outside"),
        "custom.both": ("pass", "inside, outside"),
    }
    assert report.decision == "GO"
    assert {row["check"]: row["seen_from"] for row in document(report)["findings"]}["custom.notes"] == "inside"
    alone = judge([inside], session.Options())
    assert "custom.page" not in said(alone)
    assert alone.run.selection == "--vantage inside"


def test_a_place_that_nobody_looked_from_is_unknown(tmp_path: Path) -> None:
    three = PROFILE.replace("outside: [", "edge: [custom.both], outside: [")
    (tmp_path / "x.yaml").write_text(three)
    inside, outside = looked(tmp_path, "inside", "notes"), looked(tmp_path, "outside", "page")
    report = judge([inside, outside], session.Options())
    assert said(report)["custom.both"] == ("unknown", "edge")
    (lost,) = [f for f in report.findings if f.check.id == "custom.both"]
    assert "nothing was recorded from edge" in lost.verdict.summary


def test_a_place_that_the_profile_does_not_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(PROFILE)
    with pytest.raises(UsageError, match="no such vantage: it names inside, outside"):
        looked(tmp_path, "moon")


def recorded(**run: Any) -> tuple[str, str]:
    circumstances = {"phase": None, "only": [], "skip": [], **run}
    return write(circumstances, {"of": "all"}, Store()), f"{run.get('seen_from', 'plain')}.json"


def test_files_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(FactFileError, match="without --vantage"):
        by_vantage([recorded(seen_from="inside"), recorded()])
    with pytest.raises(FactFileError, match="recorded with only"):
        by_vantage([recorded(seen_from="inside"), recorded(seen_from="outside", only=["tls.*"])])
    text, name = recorded(seen_from="outside")
    with pytest.raises(FactFileError, match="another profile"):
        by_vantage([recorded(seen_from="inside"), (text.replace(json.dumps("all"), json.dumps("other")), name)])
