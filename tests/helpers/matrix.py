"""Faults on a stack: the check that each names turns red, and no other changes but those it declares.

Faults that cannot hide one another are seeded at once and looked at once (batches.py); where what changed is not the
sum of what they declare, each of them is looked at alone, and that one counts. Such a second look is counted, too, by
tests/conftest.py: more than a handful fails the run.

A fault that touches nothing but parts which both stacks have in common is tried on the demo's alone. `make test` tries
on the real stack those that the demo's cannot show, and of the others as many as fit a few batches; with GOLIVE_ALL=1
every fault is tried on both, and alone from the beginning.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from batches import batches, phase_of, touches

from golive import live, session
from golive.engine.events import ProbeEnded
from golive.model import Decision, Outcome, Phase
from golive_lab import PROFILE
from golive_lab.faults import catalogue, seeded
from golive_lab.run import served
from golive_lab.stack import stages
from golive_lab.world import healthy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from _pytest.mark.structures import ParameterSet
    from batches import Batch

    from golive.engine.events import Event
    from golive.model import Report
    from golive_lab.fault import Fault
    from golive_lab.run import Served

Record = Callable[[str, object], None]
"""pytest's `record_property`."""
Outcomes = dict[str, dict[str, Outcome]]
"""Of each check, of each subject."""

ONE_BY_ONE = os.environ.get("GOLIVE_ALL") == "1"
SECOND_LOOK = "second look"
"""The name of the property by which tests/conftest.py counts them."""
ON_BOTH = 4
"""Batches of faults that `make test` tries on the real stack although the demo's shows them."""
SLOW_S = 60.0
PROFILES = {"demo": PROFILE, "real": PROFILE.with_name("profile_browser.yaml")}
BY_BROWSER = "front.web-vitals"
"""Asked where it is about it alone: a browser takes seconds, and the demo's stack has none."""


@dataclasses.dataclass
class Lab:
    """A stack that stands for as long as its tests run, and what golive says of it while it is healthy."""

    kind: str
    stack: Served
    reports: dict[str, Report] = dataclasses.field(default_factory=dict)
    """What golive said of the healthy world, by the phase that was asked for."""
    second_looks: list[str] = dataclasses.field(default_factory=list)
    """What was seen at the first look where golive looked twice."""
    ended: dict[str, list[ProbeEnded]] = dataclasses.field(default_factory=dict)
    """Every probe of these looks, likewise."""
    seen: dict[Batch, Report] = dataclasses.field(default_factory=dict)
    """What golive said of the faults that were looked at together."""

    def at_rest(self, phase: str) -> Report:
        """Say what golive says of the healthy world: after a second look where the first was not all green."""
        if phase not in self.reports:
            self.stack.become()
            ended = self.ended[phase] = []
            report = look(self.kind, self.stack, phase, ended=ended)
            if report.decision != Decision.GO:
                self.second_looks.append(f"{self.kind}, healthy, {phase}: {shown(report)}")
                report = look(self.kind, self.stack, phase)
            self.reports[phase] = report
        return self.reports[phase]

    def healthy(self, phase: str) -> Outcomes:
        return outcomes(self.at_rest(phase))

    def first_look(self, batch: Batch) -> Report:
        """Say what golive says of these faults together."""
        if batch not in self.seen:
            self.seen[batch] = self.look(batch)
        return self.seen[batch]

    def look(self, batch: Batch) -> Report:
        """Let the stack have these faults and no others, and look."""
        self.stack.become(*(fault.id for fault in batch))
        needs_browser = self.kind == "demo" or any(fault.turns_red == BY_BROWSER for fault in batch)
        return look(self.kind, self.stack, phase_of(batch), skip=() if needs_browser else (BY_BROWSER,))


def look(
    kind: str, stack: Served, phase: str, skip: tuple[str, ...] = (), ended: list[ProbeEnded] | None = None
) -> Report:
    options = session.Options(skip=skip, timeout_s=SLOW_S, phase=Phase(phase))

    def watch(event: Event) -> None:
        if ended is not None and isinstance(event, ProbeEnded):
            ended.append(event)

    return live.check(load(kind, stack), options, watch).report


def load(kind: str, stack: Served) -> session.Session:
    profile = PROFILES[kind]
    return session.load(str(profile), cwd=profile.parent, environ=stack.variables)


def shown_by_both(fault: Fault) -> bool:
    """Return whether both stacks have all parts in common that the fault makes anew, such as env files."""
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
    """Return whether a check says otherwise: of a subject that is in both, or of what there is only before or after."""
    same_subjects = all(after[s] == outcome for s, outcome in before.items() if s in after)
    return not same_subjects or set(before.values()) != set(after.values())


@contextmanager
def lab(kind: str) -> Iterator[Lab]:
    with served(kind) as stack:
        yield Lab(kind, stack)


def shown(report: Report, *checks: str) -> str:
    """Render findings for a failing test's message."""
    return "\n" + "\n".join(
        f"{f.outcome:8}{f.id}: {f.verdict.summary}"
        for f in report.findings
        if f.check.id in checks or (not checks and f.outcome not in {Outcome.PASS, Outcome.NA})
    )


def all_is_green(here: Lab, record_property: Record) -> None:
    """Assert that golive says GO of the healthy world, in every phase."""
    reports = [here.at_rest(phase) for phase in Phase]
    for seen in here.second_looks:
        record_property(SECOND_LOOK, seen)
    for report in reports:
        assert report.decision == Decision.GO, shown(report)
        assert {f.outcome for f in report.findings} <= {Outcome.PASS, Outcome.NA}, shown(report)


def every_check_passes_but(here: Lab, expected: set[str]) -> None:
    """Assert that each check passes somewhere in the healthy world, but for these."""
    reports = [here.at_rest(phase) for phase in Phase]
    passes = {f.check.id for report in reports for f in report.findings if f.outcome == Outcome.PASS}
    never = here.healthy(Phase.AFTER).keys() - passes
    assert never == expected, shown(here.at_rest(Phase.AFTER), *never)


def cases(kind: str) -> list[ParameterSet]:
    """Return each fault that is tried on the stack, with those that it is looked at together with."""
    return [pytest.param(batch, fault, id=fault.id) for batch in folded(kind) for fault in batch]


def folded(kind: str) -> list[Batch]:
    faults = tried(kind)
    if ONE_BY_ONE:
        return [(fault,) for fault in faults]
    if kind == "demo":
        return batches(faults)
    own = [fault for fault in faults if "demo" not in fault.stacks]
    others = batches(fault for fault in faults if "demo" in fault.stacks)
    return [*batches(own), *sorted(others, key=len, reverse=True)[:ON_BOTH]]


def tried(kind: str) -> list[Fault]:
    return [
        f for f in catalogue() if kind in f.stacks and not (kind == "real" and "demo" in f.stacks and shown_by_both(f))
    ]


def turns_its_check_red_and_no_other(here: Lab, batch: Batch, fault: Fault, record_property: Record) -> None:
    before, together = here.healthy(phase_of(batch)), here.first_look(batch)
    assert Outcome(fault.outcome) not in before.get(fault.turns_red, {}).values()
    if is_red(together, fault) and not unexpected(before, together, batch):
        return
    record_property(SECOND_LOOK, f"{here.kind}: {complaint(before, together, batch)}")
    alone = here.look((fault,))
    others = unexpected(here.healthy(fault.phase), alone, (fault,))
    assert is_red(alone, fault), shown(alone, fault.turns_red)
    assert others == set(), shown(alone, *others)


def complaint(before: Outcomes, report: Report, batch: Batch) -> str:
    """Say what is not as expected of faults that were looked at together, and which they were."""
    not_red = [fault for fault in batch if not is_red(report, fault)]
    others = unexpected(before, report, batch)
    seen = shown(report, *(fault.turns_red for fault in not_red), *others)
    return (
        f"not red: {', '.join(f.id for f in not_red) or 'none'}; unexpected: {', '.join(sorted(others)) or 'none'};"
        f" of {', '.join(f.id for f in batch)}{seen}"
    )


def is_red(report: Report, fault: Fault) -> bool:
    return fault.outcome in outcomes(report).get(fault.turns_red, {}).values()


def unexpected(before: Outcomes, report: Report, batch: Batch) -> set[str]:
    """Name the checks that say otherwise than of the healthy world, but for those that the faults declare."""
    after = outcomes(report)
    looked = before.keys() - ({BY_BROWSER} - after.keys())
    others = {check for check in looked if changed(before[check], after.get(check, {}))}
    return {check for check in others if not any(touches(fault, check) for fault in batch)}
