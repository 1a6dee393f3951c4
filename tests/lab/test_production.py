"""The healthy stack, checked as production is: with the default pace, and with everything that production demands."""

from __future__ import annotations

from pathlib import Path

import pytest

from golive import Outcome, live, session
from golive.model import Report
from golive_lab import PROFILE
from golive_lab.run import served

OF_THE_LAB = {
    "env.modes-match-environment",
    "mtn.mode-matches",
    "orange.mode-matches",
    "paypal.mode-matches",
    "stripe.endpoint-registered",
    "stripe.key-works",
    "webhook.reaches-app",
}
"""Red, and rightly: production that takes no money is not ready, and the lab's gateways are in test mode; and real
gateways trust public authorities alone, of which the lab's certificates are none.
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("production")
    (folder / "live.yaml").write_text(f"extends: {PROFILE}\nproduction: true\nconfirm: demo\n")
    with served("demo") as stack:
        loaded = session.load("./live.yaml", cwd=Path(folder), environ=stack.variables)
        return live.check(loaded, session.Options(timeout_s=240)).report


def test_nothing_is_red_but_what_is_not_of_production_in_the_lab(report: Report) -> None:
    seen = {finding.id: finding for finding in report.findings}
    red = {name: finding for name, finding in seen.items() if finding.outcome not in {Outcome.PASS, Outcome.NA}}
    told = "\n".join(f"{name}: {finding.verdict.summary}" for name, finding in red.items())
    assert {finding.check.id for finding in red.values()} == OF_THE_LAB, told
    assert {finding.outcome for finding in red.values()} == {Outcome.FAIL}, told


def test_what_is_allowed_was_done(report: Report) -> None:
    done = {finding.check.id for finding in report.findings if finding.outcome == Outcome.PASS}
    assert {"jwt.forgery-refused", "bench.within-budget", "restore.drilled", "s3.presigned-work"} <= done
