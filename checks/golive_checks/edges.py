"""What can be demanded of an edge whose settings are another company's. Pure."""

from dataclasses import replace

from golive import Outcome, Verdict
from golive_checks.subjects import Host


def softened(host: Host, judged: Verdict) -> Verdict:
    """Warn instead of failing where only the company behind a managed edge could change what was seen."""
    if host.managed_edge and judged.outcome is Outcome.FAIL:
        return replace(judged, outcome=Outcome.WARN, evidence=(*judged.evidence, f"set by the edge, {host.edge}"))
    return judged
