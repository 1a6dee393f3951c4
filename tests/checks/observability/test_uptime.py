import pytest

from golive import Outcome, Unavailable
from golive_checks.observability.uptime import uptime_probed
from golive_checks.subjects import Host
from golive_checks.subjects.monitoring import Prometheus
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.monitoring.client.promql import Selector
from golive_checks.systems.monitoring.prometheus import PrometheusRule, Rules
from golive_checks.systems.monitoring.uptime import Probed, Probes, UptimePolicy

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
AT = Prometheus("prometheus")
HOSTS = {Host("api.x.test"): Origin("https://api.x.test")}
UP = Probed("api.x.test", "https://api.x.test/", up=True)
DOWN = Probed("api.x.test", "https://api.x.test/", up=False)
OTHER = Probed("app.x.test", "app.x.test:443", up=False)
ALERT = Rules(
    (PrometheusRule("ProbeFailed", "g", "alerting", "probe_success == 0", reads=(Selector("probe_success"),)),)
)
NONE = Rules((PrometheusRule("x", "g", "recording", "probe_success", reads=(Selector("probe_success"),)),))
CASES = {
    "probed": (PASS, "api.x.test is probed, and ProbeFailed looks at it", (OTHER, UP), ALERT, HOSTS),
    "failing": (FAIL, "the probe of https://api.x.test/ fails", (UP, DOWN), ALERT, HOSTS),
    "not probed": (FAIL, "no probe covers api.x.test", (OTHER,), ALERT, HOSTS),
    "no probes": (FAIL, "no probe covers api.x.test", (), ALERT, HOSTS),
    "no alert": (WARN, "no alert uses probe_success", (UP,), NONE, HOSTS),
    "rules not seen": (UNKNOWN, "could not be seen: no rules", (UP,), Unavailable("no rules"), HOSTS),
    "failing, rules not seen": (FAIL, "the probe of", (DOWN,), Unavailable("no rules"), HOSTS),
    "no host": (NA, "names no host", (UP,), ALERT, Unavailable("no host")),
}


@pytest.mark.parametrize(("outcome", "summary", "found", "rules", "hosts"), CASES.values(), ids=CASES)
def test_probes(outcome, summary, found, rules, hosts) -> None:
    judged = uptime_probed(AT, Probes(found), rules, hosts, UptimePolicy())
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_hosts_that_need_no_probe() -> None:
    without = UptimePolicy(without=("api.x.test",))
    assert uptime_probed(AT, Probes(()), ALERT, HOSTS, without).outcome is NA
