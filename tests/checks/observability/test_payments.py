from typing import Any

import pytest

from golive import Outcome
from golive_checks.observability.payments import (
    PaymentAlert,
    PaymentLimits,
    idempotent,
    spike_alerted,
    success_rate,
    webhooks_healthy,
)
from golive_checks.subjects.monitoring import Prometheus
from golive_checks.systems.monitoring.client.promql import Matcher, Selector
from golive_checks.systems.monitoring.numbers import (
    OF_PAYMENTS,
    PaymentGateway,
    PaymentNumbers,
    PaymentQueries,
    QueryNumber,
)
from golive_checks.systems.monitoring.prometheus import PrometheusRule, Rules

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
MTN = PaymentGateway("mtn", Prometheus("prometheus"))
USUAL = {"payments": 200, "succeeded": 194, "webhooks": 200, "webhooks_ok": 200, "webhook_p95": 0.4, "conflicts": 0}
NAN, NO_SERIES = "no number (NaN)", "no series"


def numbers(**given: Any) -> PaymentNumbers:
    told = {**USUAL, **given}
    made = {
        n: QueryNumber(n, gap=told[n]) if isinstance(told[n], str) else QueryNumber(n, float(told[n]))
        for n in OF_PAYMENTS
    }
    return PaymentNumbers({name: {"mtn": number} for name, number in made.items()})


CASES: dict[str, tuple[Any, Outcome, str, dict[str, Any]]] = {
    "usual": (success_rate, PASS, "97% of 200 payments went through, at least 90%", {}),
    "all": (success_rate, PASS, "100%", {"succeeded": 203}),
    "half": (success_rate, FAIL, "50% of 200 payments went through; at least 90% is required", {"succeeded": 100}),
    "few": (success_rate, NA, "19 payments, fewer than 20", {"payments": 19}),
    "none counted": (success_rate, UNKNOWN, "no series for payments", {"payments": NO_SERIES}),
    "NaN counted": (success_rate, UNKNOWN, "NaN", {"payments": NAN}),
    "no success": (success_rate, FAIL, "none of 200 payments", {"succeeded": NO_SERIES}),
    "NaN succeeded": (success_rate, UNKNOWN, "NaN", {"succeeded": NAN}),
    "webhooks": (webhooks_healthy, PASS, "100% of 200 webhooks were booked, at least 99%; 95% take up to 400 ms", {}),
    "slow": (webhooks_healthy, FAIL, "95% take up to 3 s; 2 s is the limit", {"webhook_p95": 3}),
    "failing": (webhooks_healthy, FAIL, "80% of 200 webhooks", {"webhooks_ok": 160}),
    "failing, and slow": (webhooks_healthy, FAIL, "(and 1 more)", {"webhooks_ok": 160, "webhook_p95": 3}),
    "failing, and not timed": (webhooks_healthy, FAIL, "80%", {"webhooks_ok": 160, "webhook_p95": NAN}),
    "not timed": (webhooks_healthy, UNKNOWN, "NaN", {"webhook_p95": NAN}),
    "not booked, as far as known": (webhooks_healthy, FAIL, "none of 200", {"webhooks_ok": NO_SERIES}),
    "booked is NaN": (webhooks_healthy, UNKNOWN, "NaN", {"webhooks_ok": NAN}),
    "no webhooks": (webhooks_healthy, NA, "0 webhooks, fewer than 20", {"webhooks": 0}),
    "no conflict": (idempotent, PASS, "0 conflicts with 200 payments", {}),
    "conflicts": (idempotent, FAIL, "20 conflicts with 200 payments: 10%, and 1% is the limit", {"conflicts": 20}),
    "conflicts not counted": (idempotent, UNKNOWN, "no series for conflicts", {"conflicts": NO_SERIES}),
    "conflicts, and few payments": (idempotent, NA, "fewer than 20", {"payments": 1, "conflicts": 20}),
}


@pytest.mark.parametrize(("judge", "outcome", "summary", "given"), CASES.values(), ids=CASES)
def test_numbers(judge: Any, outcome: Outcome, summary: str, given: dict[str, Any]) -> None:
    judged = judge(MTN, numbers(**given), PaymentLimits())
    assert judged.outcome is outcome
    assert summary in judged.summary


def alert(*matchers: Matcher, name: str = "PaymentsFailing", metric: str = "payments_total") -> PrometheusRule:
    return PrometheusRule(name, "g", "alerting", "…", reads=(Selector(metric, matchers),))


BOTH = Matcher("status", "=~", "failed|timeout")
OPAQUE = PrometheusRule("Odd", "g", "alerting", "…", reads=None)
SPIKES: dict[str, tuple[Outcome, str, tuple[PrometheusRule, ...], PaymentAlert]] = {
    "both": (PASS, "PaymentsFailing looks at failed and timeout", (alert(BOTH),), PaymentAlert()),
    "all but successes": (PASS, "", (alert(Matcher("status", "!~", "succeeded|pending")),), PaymentAlert()),
    "one each": (
        PASS,
        "F, T looks",
        (alert(Matcher("status", "=", "failed"), name="F"), alert(Matcher("status", "=", "timeout"), name="T")),
        PaymentAlert(),
    ),
    "failed alone": (
        FAIL,
        "no alert looks at payments_total of mtn with status=timeout",
        (alert(Matcher("status", "=", "failed")),),
        PaymentAlert(),
    ),
    "of this gateway": (PASS, "", (alert(BOTH, Matcher("gateway", "=", "mtn")),), PaymentAlert()),
    "by its other name": (PASS, "", (alert(BOTH, Matcher("gateway", "=", "momo")),), PaymentAlert()),
    "of another gateway": (FAIL, "(and 1 more)", (alert(BOTH, Matcher("gateway", "=", "orange")),), PaymentAlert()),
    "of all payments": (FAIL, "(and 1 more)", (alert(),), PaymentAlert()),
    "another metric": (FAIL, "", (alert(BOTH, metric="up"),), PaymentAlert()),
    "the app's own metric": (
        PASS,
        "",
        (alert(Matcher("result", "=", "ko"), metric="afrigest_payments"),),
        PaymentAlert(metric="afrigest_payments", label="result", statuses=("ko",)),
    ),
    "named": (PASS, "Odd looks", (OPAQUE,), PaymentAlert(names=("Odd",))),
    "not understood": (UNKNOWN, "does not understand", (OPAQUE,), PaymentAlert()),
    "none": (FAIL, "", (), PaymentAlert()),
}


@pytest.mark.parametrize(("outcome", "summary", "rules", "ask"), SPIKES.values(), ids=SPIKES)
def test_spikes(outcome: Outcome, summary: str, rules: tuple[PrometheusRule, ...], ask: PaymentAlert) -> None:
    queries = PaymentQueries.model_validate({"names": {"mtn": ["momo"]}})
    judged = spike_alerted(MTN, Rules(rules), ask, queries)
    assert judged.outcome is outcome
    assert summary in judged.summary


@pytest.mark.parametrize("query", ["sum(", "rate(x)[{window}]", "sum by gateway (x)"])
def test_what_is_no_query_is_refused(query: str) -> None:
    with pytest.raises(ValueError, match="is no PromQL expression"):
        PaymentQueries.model_validate({"payments": query})
