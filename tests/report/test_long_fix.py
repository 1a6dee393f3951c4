"""A fix with configuration to paste is shown to its end, where a line of evidence would be cut."""

from __future__ import annotations

from dataclasses import replace

import pytest
import report_samples as samples

from golive.report import render
from golive.report.escape import FIX, LINE

LONG = f"Put this in nginx: {'a ' * ((LINE + FIX) // 4)}and return 204"


@pytest.mark.parametrize("kind", ["terminal", "markdown"])
def test_a_fix_is_not_cut_where_evidence_is(kind: str) -> None:
    assert LINE < len(LONG) < FIX
    run = samples.broken()
    findings = tuple(replace(each, verdict=replace(each.verdict, fix=LONG)) for each in run.findings)
    shown = render(kind, replace(run, findings=findings))
    assert "and return 204" in " ".join(shown.split())
