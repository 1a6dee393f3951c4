"""Two environments beside one another: what each report or fact file says of them, and where they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from golive.engine import facts
from golive.judge import judge
from golive.model import Outcome
from golive.report.baseline import Baseline, read_baseline
from golive.session import Options
from golive.wording import listed
from golive_checks.compare.traits import Traits, traits

WORST = (Outcome.NA, Outcome.PASS, Outcome.WARN, Outcome.UNKNOWN, Outcome.FAIL)
"""Of several subjects of one check, the one with the last of these stands for it."""
NOT_ASKED = "not asked"
MOST = 5
"""Names of what a subject has that are listed where the other side has no such subject."""


@dataclass(frozen=True)
class CheckOutcome:
    """A check's result in an environment: the worst outcome, its subject, and why."""

    outcome: Outcome
    subject: str
    summary: str


@dataclass(frozen=True)
class ComparedSide:
    """One of the two."""

    name: str
    """Its environment; the file's name where both are of one environment."""
    file: str
    checks: Mapping[str, CheckOutcome]
    traits: Mapping[str, Traits] | None = None
    """None where it is known by a report alone, which has verdicts and no facts."""


@dataclass(frozen=True)
class EnvironmentDifference:
    """Something that the two sides do not have in common. `left` and `right` are empty where it is not there."""

    what: str
    left: str
    right: str
    why: str = ""
    worse: int = 0
    """Of a verdict: -1 where the left side's is worse, 1 where the right side's is."""


@dataclass(frozen=True)
class Comparison:
    """How two environments differ, by kind; an empty tuple where both are the same."""

    left: ComparedSide
    right: ComparedSide
    differences: Mapping[str, tuple[EnvironmentDifference, ...]] = field(default_factory=dict)


def side_of(text: str, file: str) -> ComparedSide:
    """Read a fact file or a JSON report.

    Raises:
        ReportError, FactFileError, ProfileError: it is neither, or cannot be used.
    """
    if not text.lstrip("{ \r\n").startswith('"golive_facts"'):
        told = read_baseline(text, file)
        return ComparedSide(told.environment, file, _by_check(told))
    _, profile, store = facts.read(text, file)
    judged = judge([(text, file)], Options())
    outcomes = [(f.check.id, CheckOutcome(f.outcome, f.subject, f.verdict.summary)) for f in judged.findings]
    return ComparedSide(judged.run.environment, file, _worst(outcomes), traits(store.in_order(), profile))


def _by_check(told: Baseline) -> dict[str, CheckOutcome]:
    found = []
    for stood in told.findings.values():
        check, _, subject = stood.id.partition("[")
        found.append((check, CheckOutcome(stood.outcome, subject.partition(":")[2].removesuffix("]"), stood.summary)))
    return _worst(found)


def _worst(outcomes: Sequence[tuple[str, CheckOutcome]]) -> dict[str, CheckOutcome]:
    found: dict[str, CheckOutcome] = {}
    for check, each in outcomes:
        if check not in found or WORST.index(each.outcome) > WORST.index(found[check].outcome):
            found[check] = each
    return found


def compare(left: ComparedSide, right: ComparedSide) -> Comparison:
    """Lay two sides beside one another."""
    differences: dict[str, tuple[EnvironmentDifference, ...]] = {"verdicts": tuple(_verdicts(left, right))}
    if left.traits is not None and right.traits is not None:
        for kind in left.traits:
            differences[kind] = tuple(_traits(left.traits[kind], right.traits[kind]))
    return Comparison(left, right, differences)


def _verdicts(left: ComparedSide, right: ComparedSide) -> list[EnvironmentDifference]:
    """Return the checks that say otherwise, those that fail on one side first."""
    found = []
    for check in dict.fromkeys([*left.checks, *right.checks]):
        one, other = left.checks.get(check), right.checks.get(check)
        here, there = (str(each.outcome) if each else NOT_ASKED for each in (one, other))
        if here == there:
            continue
        rank = (WORST.index(one.outcome) if one else 0) - (WORST.index(other.outcome) if other else 0)
        worse = one if rank > 0 else other
        why = f"{worse.subject}: {worse.summary}" if worse and rank else ""
        found.append(EnvironmentDifference(check, here, there, why, worse=-1 if rank > 0 else 1 if rank else 0))
    return sorted(found, key=lambda d: -max(_rank(d.left), _rank(d.right)))


def _rank(outcome: str) -> int:
    return -1 if outcome == NOT_ASKED else WORST.index(Outcome(outcome))


def _traits(left: Traits, right: Traits) -> list[EnvironmentDifference]:
    """Return what is different of each subject; of one that is on one side alone, that it is."""
    found = []
    for subject in sorted({*left.values, *right.values}):
        one, other = left.values.get(subject), right.values.get(subject)
        if one is None or other is None:
            found.append(EnvironmentDifference(subject, _whole(subject, left), _whole(subject, right)))
            continue
        found += [
            EnvironmentDifference(f"{subject}: {trait}", one.get(trait, ""), other.get(trait, ""))
            for trait in sorted({*one, *other})
            if one.get(trait) != other.get(trait)
        ]
    return found


def _whole(subject: str, side: Traits) -> str:
    """Say what there is of a subject in all."""
    if subject in side.unseen:
        return f"could not be looked at: {side.unseen[subject]}"
    return listed(side.values.get(subject, ()), MOST)
