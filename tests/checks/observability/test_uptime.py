import pytest

from golive import Outcome, Unavailable
from golive_checks.observability.uptime import uptime_probed
from golive_checks.probes.clients.promql import Selector
from golive_checks.probes.prometheus import Rule, Rules
from golive_checks.probes.uptime import Probed, Probes, UptimePolicy
from golive_checks.subjects import Host
from golive_checks.subjects.monitoring import Prometheus

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
AT, HOST = Prometheus("prometheus"), Host("api.x.test")
UP = Probed("api.x.test", "https://api.x.test/", up=True)
DOWN = Probed("api.x.test", "https://api.x.test/", up=False)
OTHER = Probed("app.x.test", "app.x.test:443", up=True)
ALERT = Rules((Rule("ProbeFailed", "g", "alerting", "probe_success == 0", reads=(Selector("probe_success"),)),))
NONE = Rules((Rule("x", "g", "recording", "probe_success", reads=(Selector("probe_success"),)),))
CASES = {
    "probed": (PASS, "https://api.x.test/ is probed, and ProbeFailed looks at it", {AT: Probes((OTHER, UP))}, ALERT),
    "failing": (FAIL, "the probe of https://api.x.test/ fails", {AT: Probes((UP, DOWN))}, ALERT),
    "not probed": (FAIL, "no probe tells of api.x.test", {AT: Probes((OTHER,))}, ALERT),
    "no probes": (FAIL, "no probe tells of api.x.test", {AT: Probes(())}, ALERT),
    "no alert": (WARN, "no alert looks at probe_success", {AT: Probes((UP,))}, NONE),
    "rules not seen": (PASS, "is probed", {AT: Probes((UP,))}, Unavailable("no rules")),
    "not seen": (UNKNOWN, "no word", Unavailable("no word"), ALERT),
}


@pytest.mark.parametrize(("outcome", "summary", "probes", "rules"), CASES.values(), ids=CASES)
def test_probes(outcome, summary, probes, rules) -> None:
    judged = uptime_probed(HOST, probes, {AT: rules}, UptimePolicy())
    assert judged.outcome is outcome
    assert summary in judged.summary
