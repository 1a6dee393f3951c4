"""The report as OpenMetrics text, for node_exporter's textfile collector and the Pushgateway.

Source: https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from golive.model import Decision, Outcome, Report
from golive.report import view
from golive.report.escape import visible

Sample = tuple[Mapping[str, str], float]


def report(report: Report) -> str:
    """Return the decision, the findings by section and outcome, and the run's times, each with its environment."""
    run = report.run
    where = {"environment": run.environment}
    info = where | {
        "decision": str(report.decision),
        "version": run.version,
        "release": run.release,
        "commit": run.commit,
    }
    counts: list[Sample] = []
    for tally in view.tallies(report):
        for outcome in Outcome:
            labels = where | {"section": tally.section.id, "outcome": str(outcome)}
            counts.append((labels, tally.count(outcome)))
    went = report.decision == Decision.GO
    parts = [
        *_family("golive_run", "info", "What the run looked at, and what it says.", [(info, 1)], "_info"),
        *_family("golive_ready", "gauge", "1 where the decision is GO, else 0.", [(where, int(went))]),
        *_family("golive_blockers", "gauge", "Findings that block the release.", [(where, len(report.red))]),
        *_family("golive_findings", "gauge", "Findings by section and outcome, waived ones left out.", counts),
        *_family("golive_waived_findings", "gauge", "Findings that a waiver covers.", [(where, len(report.waived))]),
        *_family(
            "golive_run_duration_seconds",
            "gauge",
            "How long the run took.",
            [(where, (run.ended - run.started).total_seconds())],
            unit="seconds",
        ),
        *_family(
            "golive_run_end_timestamp_seconds",
            "gauge",
            "When the run ended.",
            [(where, run.ended.timestamp())],
            unit="seconds",
        ),
        # OpenMetrics requires it: without this line a scraper takes the text for one that was cut off.
        "# EOF",
    ]
    return "\n".join(parts) + "\n"


def _family(
    name: str, kind: str, words: str, samples: Iterable[Sample], suffix: str = "", unit: str = ""
) -> Iterable[str]:
    """Yield a family's lines."""
    yield f"# TYPE {name} {kind}"
    if unit:
        yield f"# UNIT {name} {unit}"
    yield f"# HELP {name} {words}"
    for labels, value in samples:
        listed = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items() if text)
        yield f"{name}{suffix}{{{listed}}} {value:.3f}".removesuffix(".000")


def _escaped(text: str) -> str:
    return visible(text).replace("\\", "\\\\").replace('"', '\\"')
