"""What there is to fix: red findings put together by cause, so that a host that is down is one thing and not forty."""

from __future__ import annotations

from collections.abc import Iterable

from golive.model import Finding, Outcome


def by_defect(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Group findings by what there is to fix, the most harmful first.

    A group is one check's defect on any number of subjects, or one cause that keeps several checks from looking. The
    the graver first, failures before unknowns, many subjects before few.
    """
    findings = list(findings)
    checks: dict[str, set[str]] = {}
    for finding in findings:
        if finding.outcome == Outcome.UNKNOWN:
            checks.setdefault(cause(finding), set()).add(finding.check.id)
    groups: dict[tuple[bool, str, Outcome], list[Finding]] = {}
    for finding in findings:
        shared = finding.outcome == Outcome.UNKNOWN and len(checks[cause(finding)]) > 1
        key = (shared, cause(finding) if shared else finding.check.id, finding.outcome)
        groups.setdefault(key, []).append(finding)
    return sorted(groups.values(), key=_harm)


def is_gap(findings: Iterable[Finding]) -> bool:
    """Return whether a group of `by_defect` is a cause that keeps several checks from looking."""
    return len({f.check.id for f in findings}) > 1


def cause(finding: Finding) -> str:
    """Return why it could not be looked at, the subject's own name apart: a cause on 400 hosts is one cause."""
    summary = finding.verdict.summary
    for name in (finding.subject, finding.subject.partition("@")[0]):
        summary = summary.replace(name, "…") if name else summary
    return summary


def defects(findings: Iterable[Finding]) -> int:
    """Count what there is to fix: each check that fails, and each cause that keeps golive from looking."""
    unknown = Outcome.UNKNOWN
    return len({("", cause(f)) if f.outcome == unknown else (f.check.id, f.outcome) for f in findings})


def _harm(findings: list[Finding]) -> tuple[int, bool, int]:
    gravest = max(f.check.severity for f in findings)
    return -gravest, findings[0].outcome != Outcome.FAIL, -len(findings)
