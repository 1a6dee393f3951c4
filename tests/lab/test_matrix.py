"""Every fault on every stack: the check it names turns red, and no other changes but those it declares.

golive looks with the sections that ask any part of the world which the fault touches: the others would hear the same as
before. That they do is seen for the first fault of each part, with which the demo's stack is looked at as a whole. A
fault that touches nothing but parts which both stacks have in common is tried on the demo's alone.
"""

from __future__ import annotations

import dataclasses
import functools
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest

from golive import live, session
from golive.model import Decision, Outcome, Phase
from golive_lab import PROFILE
from golive_lab.faults import catalogue, seeded
from golive_lab.run import served
from golive_lab.stack import stages
from golive_lab.world import healthy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from golive.model import Report
    from golive_lab.fault import Fault
    from golive_lab.run import Served

Outcomes = dict[str, dict[str, Outcome]]
"""Of each check, of each subject."""

SLOW_S = 60.0
PROFILES = {"demo": PROFILE, "real": PROFILE.with_name("profile_browser.yaml")}
BY_BROWSER = "front.web-vitals"
"""Asked where it is about it alone: a browser takes seconds, and the demo's stack has none."""

WEB = ("domains", "env", "security", "observability", "payments", "rollout")
STORED = ("database", "storage", "backups")
ASKED_BY = {
    "dns": WEB,
    "tls": (*WEB, *STORED),  # the servers of databases and buckets show certificates of the same authority
    "web": WEB,
    "app": WEB,
    "proxy": WEB,
    "env": (*WEB, *STORED, "runbooks", "ci"),  # its repository holds the migrations, too
    "postgres": ("env", "security", *STORED),
    "storage": STORED,
    "backups": STORED,
    "drill": STORED,
    "payments": WEB,
    "monitoring": ("observability",),
    "project": ("env", "rollout", "runbooks", "ci", "security", "observability"),
    "errors": ("observability",),
    "history": ("observability",),
    "attested": ("attestations", "database", "payments"),
}
"""Of each part of the world, the sections that look at it."""


@dataclasses.dataclass
class Lab:
    """A stack that stands for as long as its tests run, and what golive says of it while it is healthy."""

    stack: Served
    reports: dict[str, Report]
    """By the phase that was asked for."""

    def healthy(self, phase: str) -> Outcomes:
        return outcomes(self.reports[phase])


def look(kind: str, stack: Served, phase: str, only: tuple[str, ...] = (), skip: tuple[str, ...] = ()) -> Report:
    profile = PROFILES[kind]
    loaded = session.load(str(profile), cwd=profile.parent, environ=stack.variables)
    return live.check(loaded, session.Options(only=only, skip=skip, timeout_s=SLOW_S, phase=Phase(phase))).report


def touched(fault: Fault) -> list[str]:
    """Name the parts of the world that a fault changes."""
    world, usual = seeded(fault.id), healthy()
    return [f.name for f in dataclasses.fields(usual) if getattr(world, f.name) != getattr(usual, f.name)]


@functools.cache
def samples() -> frozenset[str]:
    """Name the first fault of each part of the world."""
    first: dict[str, str] = {}
    for fault in catalogue():
        for part in touched(fault):
            first.setdefault(part, fault.id)
    return frozenset(first.values())


def asked(kind: str, fault: Fault) -> tuple[str, ...]:
    """Name the sections to look with; none: all."""
    if kind == "demo" and fault.id in samples():
        return ()
    return tuple(sorted({section for part in touched(fault) for section in ASKED_BY[part]}))


def alike(fault: Fault) -> bool:
    """Tell whether both stacks have all parts in common that the fault makes anew, such as env files."""
    world, usual = seeded(fault.id), healthy()
    demo, real = ({part.name: part for stage in stages(kind) for part in stage} for kind in ("demo", "real"))
    anew = [part for part in (*demo.values(), *real.values()) if part.reads(world) != part.reads(usual)]
    return all(demo.get(part.name) is real.get(part.name) for part in anew)


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
        yield Lab(stack, {phase: at_rest(kind, stack, phase) for phase in Phase})


def at_rest(kind: str, stack: Served, phase: str) -> Report:
    """Look at the healthy world; once more where a busy machine kept it from answering in time."""
    report = look(kind, stack, phase)
    return report if report.decision == Decision.GO else look(kind, stack, phase)


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
    assert never == ({BY_BROWSER} if kind == "demo" else set()), shown(here.reports[Phase.AFTER], *never)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        pytest.param(kind, fault, id=f"{kind}-{fault.id}")
        for kind in ("demo", "real")
        for fault in catalogue()
        if kind in fault.stacks and not (kind == "real" and "demo" in fault.stacks and alike(fault))
    ],
)
def test_a_fault_turns_its_check_red_and_no_other(kind: str, fault: Fault, request: pytest.FixtureRequest) -> None:
    here: Lab = request.getfixturevalue(kind)
    here.stack.become(fault.id)
    only = asked(kind, fault)
    skip = (BY_BROWSER,) if kind == "real" and fault.turns_red != BY_BROWSER else ()
    report = look(kind, here.stack, fault.phase, only, skip)
    before = here.healthy(fault.phase)
    unrelated, red = unexpected(before, report, fault, only), is_red(report, fault)
    if unrelated or not red:  # what a busy machine kept from answering in time is not so twice
        report = look(kind, here.stack, fault.phase, only, skip)
        unrelated &= unexpected(before, report, fault, only)
    assert red or is_red(report, fault), shown(report, fault.turns_red)
    assert Outcome(fault.outcome) not in before[fault.turns_red].values()
    assert unrelated == set(), shown(report, *unrelated)


def is_red(report: Report, fault: Fault) -> bool:
    return fault.outcome in outcomes(report)[fault.turns_red].values()


def unexpected(before: Outcomes, report: Report, fault: Fault, only: tuple[str, ...]) -> set[str]:
    """Name the checks that say otherwise than of the healthy world, but for those that the fault declares."""
    after = outcomes(report)
    looked = {check for check in before if not only or check in after}
    others = {check for check in looked if changed(before[check], after.get(check, {}))}
    expected = (fault.turns_red, *fault.also)
    return {check for check in others if not any(fnmatchcase(check, pattern) for pattern in expected)}
