from typing import Any

import pytest

from golive import Outcome
from golive_checks.observability.metrics import MetricsPolicy, exposed
from golive_checks.subjects.monitoring import MetricsPage
from golive_checks.systems.monitoring.client.exposition import Family
from golive_checks.systems.monitoring.metrics import ExposedMetrics, Garbage

PASS, WARN, FAIL = Outcome.PASS, Outcome.WARN, Outcome.FAIL
AT = MetricsPage("api", url="http://127.0.0.1:4000/metrics")
CPU = Family("process_cpu_seconds_total", "counter", 1)
MEMORY = Family("process_resident_memory_bytes", "gauge", 1)
GC = Family("nodejs_gc_duration_seconds", "histogram", 0)
HTTP = Family("http_request_duration_seconds", "histogram", 12, ("method", "route", "status_code", "le"))
ALL = (CPU, MEMORY, GC, HTTP)
OTEL = (
    Family("process_cpu_time_seconds_total", "counter", 1),
    Family("process_memory_usage_bytes", "gauge", 1),
    Family("v8js_gc_duration_seconds", "histogram", 9),
    Family("http_server_request_duration_seconds", "histogram", 9, ("http_response_status_code",)),
)


def prefixed(*found: Family) -> tuple[Family, ...]:
    return tuple(Family(f"afrigest_{f.name}", f.kind, f.samples, f.labels) for f in found)


CUSTOM = {"cpu": ["c"], "memory": ["m"], "gc": ["g"], "latency": ["l"], "errors": ["e_errors_total"]}
OWN = tuple(Family(n, "summary", 1) for n in ("c", "m", "g", "l", "e_errors_total"))
CASES: dict[str, tuple[Outcome, str, tuple[Family, ...], dict[str, Any]]] = {
    "prom-client": (PASS, "4 families, cpu, memory, gc, latency, errors", ALL, {}),
    "opentelemetry": (PASS, "4 families", OTEL, {"naming": "opentelemetry"}),
    "another naming": (FAIL, "no metric shows the CPU's time", OTEL, {}),
    "a prefix": (PASS, "4 families", prefixed(*ALL), {"prefix": "afrigest_"}),
    "a prefix of some": (PASS, "4 families", (CPU, MEMORY, GC, *prefixed(HTTP)), {"prefix": "afrigest_"}),
    "custom": (PASS, "5 families", OWN, {"naming": "custom", "families": CUSTOM}),
    "custom without names": (FAIL, "no name is known for the CPU's time", ALL, {"naming": "custom"}),
    "no memory": (FAIL, "no metric shows memory", (CPU, GC, HTTP), {}),
    "no memory, as agreed": (PASS, "cpu, gc", (CPU, GC, HTTP), {"without": ["memory"]}),
    "no requests yet": (
        WARN,
        "has counted nothing yet",
        (CPU, MEMORY, GC, Family(HTTP.name, "histogram", 0)),
        {},
    ),
    "latency as a gauge": (
        FAIL,
        "is a gauge: it gives no percentile",
        (CPU, MEMORY, GC, Family(HTTP.name, "gauge", 1, HTTP.labels)),
        {},
    ),
    "no status": (FAIL, "no label for the status", (CPU, MEMORY, GC, Family(HTTP.name, "histogram", 1, ("le",))), {}),
    "errors apart": (
        PASS,
        "5 families",
        (CPU, MEMORY, GC, Family(HTTP.name, "histogram", 1), Family("http_request_errors_total", "counter", 1)),
        {},
    ),
}


@pytest.mark.parametrize(("outcome", "summary", "found", "ask"), CASES.values(), ids=CASES)
def test_families(outcome: Outcome, summary: str, found: tuple[Family, ...], ask: dict[str, Any]) -> None:
    judged = exposed(AT, ExposedMetrics(found), MetricsPolicy.model_validate(ask))
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_garbage() -> None:
    judged = exposed(AT, ExposedMetrics(garbage=Garbage.PAGE), MetricsPolicy())
    assert judged.outcome is FAIL
    assert "it is a page of HTML" in judged.summary


def test_a_page_that_is_not_there() -> None:
    verdict = exposed(AT, ExposedMetrics(absent=404), MetricsPolicy())
    assert (verdict.outcome, verdict.summary) == (
        FAIL,
        "http://127.0.0.1:4000/metrics answers 404: there are no metrics, for Prometheus neither",
    )
