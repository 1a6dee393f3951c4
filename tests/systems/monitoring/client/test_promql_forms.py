"""Forms of PromQL that the parser does not know and Prometheus does: its own promtool takes each."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from golive_checks.systems.monitoring.client.promql import selectors

FORMS = {
    r"up{job=~`api\d+`}": ("up", r"api\d+"),
    r'up{job=`say "hi"`}': ("up", 'say "hi"'),
}
NEWER = {
    'requests_total{job="1_000"} > 1_000_000': ("requests_total", "1_000"),
    "x_1_000{job='it\\'s `1_0`'} > 0x1_0": ("x_1_000", "it's `1_0`"),
    '{"http.server.requests", job="a"} * 1_0.5': ("", "http.server.requests"),
}
"""Of Prometheus 3; Debian's promtool is older."""


def test_forms_that_prometheus_takes(tmp_path: Path) -> None:
    rules = [{"record": f"r:{n}", "expr": form} for n, form in enumerate(FORMS)]
    (tmp_path / "rules.json").write_text(json.dumps({"groups": [{"name": "g", "rules": rules}]}))
    subprocess.run(["promtool", "check", "rules", tmp_path / "rules.json"], check=True, capture_output=True)
    for form, (metric, value) in (FORMS | NEWER).items():
        found = selectors(form)
        assert found is not None, form
        assert (found[0].metric, found[0].matchers[0].value) == (metric, value)
