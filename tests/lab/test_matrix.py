"""Every fault on every stack: the check it names turns red, and no other changes but those it declares."""

from __future__ import annotations

import dataclasses
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest

from golive import live, session
from golive.model import Decision, Outcome, Phase
from golive_lab import PROFILE
from golive_lab.faults import catalogue
from golive_lab.run import served

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from golive.model import Report
    from golive_lab.fault import Fault
    from golive_lab.run import Served

Outcomes = dict[str, dict[str, Outcome]]
"""Of each check, of each subject."""

SLOW_S = 60.0


@dataclasses.dataclass
class Lab:
    """A stack that stands for as long as its tests run, and what golive says of it while it is healthy."""

    stack: Served
    reports: dict[str, Report]
    """By the phase that was asked for."""

    def healthy(self, phase: str) -> Outcomes:
        return outcomes(self.reports[phase])


def look(stack: Served, phase: str) -> Report:
    loaded = session.load(str(PROFILE), cwd=PROFILE.parent, environ=stack.variables)
    return live.check(loaded, session.Options(timeout_s=SLOW_S, phase=Phase(phase))).report


def outcomes(report: Report) -> Outcomes:
    found: Outcomes = {}
    for finding in report.findings:
        found.setdefault(finding.check.id, {})[f"{finding.kind}:{finding.subject}"] = finding.outcome
    return found


def changed(before: Mapping[str, Outcome], after: Mapping[str, Outcome]) -> bool:
    """Tell whether a check says otherwise: of a subject that is in both, or of what there is only before or after."""
    same_subjects = all(after[s] == outcome for s, outcome in before.items() if s in after)
    return not same_subjects or set(before.values()) != set(after.values())


@pytest.fixture(scope="module")
def demo() -> Iterator[Lab]:
    yield from lab("demo")


@pytest.fixture(scope="module")
def real() -> Iterator[Lab]:
    yield from lab("real")


def lab(kind: str) -> Iterator[Lab]:
    with served(kind) as stack:
        yield Lab(stack, {phase: look(stack, phase) for phase in Phase})


def shown(report: Report, *checks: str) -> str:
    """Render findings for a failing test's message."""
    return "\n" + "\n".join(
        f"{f.outcome:8}{f.id}: {f.verdict.summary}"
        for f in report.findings
        if f.check.id in checks or (not checks and f.outcome not in {Outcome.PASS, Outcome.NA})
    )


@pytest.mark.parametrize("kind", ["demo", "real"])
def test_the_healthy_world_is_all_green(kind: str, request: pytest.FixtureRequest) -> None:
    here: Lab = request.getfixturevalue(kind)
    for report in here.reports.values():
        assert report.decision == Decision.GO, shown(report)
        assert {f.outcome for f in report.findings} <= {Outcome.PASS, Outcome.NA}, shown(report)


@pytest.mark.parametrize("kind", ["demo", "real"])
def test_every_check_passes_somewhere_in_the_healthy_world(kind: str, request: pytest.FixtureRequest) -> None:
    here: Lab = request.getfixturevalue(kind)
    passes = {f.check.id for report in here.reports.values() for f in report.findings if f.outcome == Outcome.PASS}
    never = here.healthy(Phase.AFTER).keys() - passes
    assert never == set(), shown(here.reports[Phase.AFTER], *never)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        pytest.param(kind, fault, id=f"{kind}-{fault.id}")
        for kind in ("demo", "real")
        for fault in catalogue()
        if kind in fault.stacks
    ],
)
def test_a_fault_turns_its_check_red_and_no_other(kind: str, fault: Fault, request: pytest.FixtureRequest) -> None:
    here: Lab = request.getfixturevalue(kind)
    here.stack.become(fault.id)
    report = look(here.stack, fault.phase)
    healthy, after = here.healthy(fault.phase), outcomes(report)
    assert fault.outcome in after[fault.turns_red].values(), shown(report, fault.turns_red)
    assert Outcome(fault.outcome) not in healthy[fault.turns_red].values()
    others = {check for check in healthy if changed(healthy[check], after.get(check, {}))}
    expected = (fault.turns_red, *fault.also)
    unrelated = {check for check in others if not any(fnmatchcase(check, pattern) for pattern in expected)}
    assert unrelated == set(), shown(report, *unrelated)
