"""The second application, which golive was not tuned to: green as it is, and red with what is wrong with it.

Sections 5, 6 and 8 look at it by a profile of its own. Faults are its own, and those of the catalogue that can be
seeded here as well: `make test` looks at the largest batches of these, `make test-all` at every one. Alone, its own
change nothing but what they declare.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest
from batches import batches

from golive import live, session
from golive.model import Decision, Outcome, Report
from golive_lab.fault import Fault
from golive_lab.faults import catalogue
from golive_lab.till import PROFILE
from golive_lab.till.faults import APART, FAULTS, TillFault, of_the_world
from golive_lab.till.standing import Till, till

SECTIONS = ("security", "observability", "payments")
LOOSE = frozenset({"logs.structured", "webhook.reaches-app"})
"""They warn: of morgan's lines between the JSON, and of PayPal's unsigned events that are thanked for."""
NOT_HERE = {
    "front.*": "the till has no front end",
    "errors.front-wired": "likewise",
    "scripts.pinned": "its page has no script",
    "headers.isolation": "its page asks for none",
    "web.error-pages": "an optional line that its profile leaves out",
    "web.search-engines": "likewise",
    "web.ports-closed": "likewise",
}
"""Checks that have nothing to look at here, and why."""
EVERY = batches(of_the_world())
FIRST = EVERY[:3]
"""As many as `make test` looks at; its first batches are the largest."""


@pytest.fixture(scope="module")
def there() -> Iterator[Till]:
    with till() as stands:
        yield stands


def look(there: Till, *faults: TillFault | Fault) -> Report:
    there.become(*faults)
    environ = {**os.environ, **there.variables(*faults)}
    loaded = session.load(str(PROFILE), cwd=PROFILE.parent, environ=environ, only=SECTIONS)
    return live.check(loaded, session.Options(only=SECTIONS, timeout_s=60)).report


def by_outcome(report: Report, *wanted: Outcome) -> dict[str, str]:
    """Return what the checks with these outcomes say, by their ids."""
    return {f.check.id: f"{f.subject}: {f.verdict.summary}" for f in report.findings if f.outcome in wanted}


@pytest.fixture(scope="module")
def healthy(there: Till) -> Report:
    return look(there)


def test_it_is_green_as_it_is(healthy: Report) -> None:
    assert by_outcome(healthy, Outcome.FAIL, Outcome.UNKNOWN) == {}
    assert set(by_outcome(healthy, Outcome.WARN)) == LOOSE
    assert healthy.decision is Decision.GO


def test_every_check_of_the_three_sections_has_a_fault_here(healthy: Report) -> None:
    red = {fault.turns_red for fault in (*FAULTS, *of_the_world())}
    asked = {f.check.id for f in healthy.findings} - {"checklist.line-covered"}
    wanted = {each for each in asked if not any(fnmatchcase(each, pattern) for pattern in NOT_HERE)}
    assert wanted - red == set()
    assert {fault.turns_red for fault in catalogue()} >= asked - red


@pytest.mark.parametrize(
    "faults", [[f for f in FAULTS if (f.id in APART) is apart] for apart in (False, True)], ids=["most", "apart"]
)
def test_all_that_is_wrong_with_it_is_red(there: Till, faults: list[TillFault]) -> None:
    found = look(there, *faults)
    seen = {(f.check.id, f.outcome.value) for f in found.findings}
    assert {(fault.turns_red, fault.outcome) for fault in faults} - seen == set()


def outcomes_of(report: Report, faults: tuple[Fault, ...]) -> dict[str, bool]:
    """Return for each fault whether its check has its outcome, of any subject."""
    found = {(f.check.id, f.outcome.value) for f in report.findings}
    return {fault.id: (fault.turns_red, fault.outcome) in found for fault in faults}


@pytest.mark.parametrize("batch", FIRST, ids=lambda batch: batch[0].id)
def test_what_is_wrong_beside_it_is_as_at_the_first_application(there: Till, batch: tuple[Fault, ...]) -> None:
    seen = outcomes_of(look(there, *batch), batch)
    assert [fault for fault, right in seen.items() if not right] == []


@pytest.mark.long
@pytest.mark.parametrize("batch", EVERY, ids=lambda batch: batch[0].id)
def test_every_fault_beside_it_is_as_at_the_first_application(there: Till, batch: tuple[Fault, ...]) -> None:
    seen = outcomes_of(look(there, *batch), batch)
    alone = {f: outcomes_of(look(there, each), (each,))[f] for each in batch if not seen[f := each.id]}
    assert [fault for fault, right in alone.items() if not right] == []


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_each_alone_changes_nothing_else(there: Till, healthy: Report, fault: TillFault) -> None:
    found = look(there, fault)
    before, after = ({f.id: f.outcome for f in report.findings} for report in (healthy, found))
    assert (fault.turns_red, fault.outcome) in {(f.check.id, f.outcome.value) for f in found.findings}
    changed = {f.check.id for f in found.findings if before.get(f.id) is not after[f.id]} - {fault.turns_red}
    assert {each for each in changed if not any(fnmatchcase(each, also) for also in fault.also)} == set()
