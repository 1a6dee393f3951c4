"""Does the process show the numbers that tell how it is?"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from golive import Settings, Verdict, check, failed, verdict
from golive_checks.subjects.monitoring import MetricsPage
from golive_checks.systems.monitoring.client.exposition import Family
from golive_checks.systems.monitoring.metrics import ExposedMetrics, Garbage

Naming = Literal["prom-client", "opentelemetry", "custom"]
Topic = Literal["cpu", "memory", "gc", "latency", "errors"]
TOPICS: Mapping[Topic, str] = {
    "cpu": "the CPU's time",
    "memory": "memory",
    "gc": "the runtime's garbage collection or event loop",
    "latency": "the latency of HTTP requests, as a histogram or summary",
    "errors": "the status of HTTP requests",
}
HTTP = ("http_request_duration_seconds", "http_request_duration_ms", "http_requests_duration_seconds")
PRESETS: Mapping[Naming, Mapping[Topic, tuple[str, ...]]] = {
    # https://github.com/siimon/prom-client#default-metrics; of HTTP it measures nothing by itself: a convention
    "prom-client": {
        "cpu": ("process_cpu_seconds_total", "process_cpu_user_seconds_total"),
        "memory": ("process_resident_memory_bytes", "nodejs_heap_size_used_bytes"),
        "gc": ("nodejs_gc_duration_seconds", "nodejs_gc_runs_total"),
        "latency": HTTP,
        "errors": (*HTTP, "http_requests_total", "http_request_errors_total"),
    },
    # https://opentelemetry.io/docs/specs/semconv: process, v8js, nodejs, http; as its Prometheus exporter has them
    "opentelemetry": {
        "cpu": ("process_cpu_time_seconds_total", "process_cpu_utilization_ratio", "process_cpu_seconds_total"),
        "memory": ("process_memory_usage_bytes", "v8js_memory_heap_used_bytes", "process_resident_memory_bytes"),
        "gc": ("v8js_gc_duration_seconds", "nodejs_eventloop_delay_p99_seconds", "nodejs_eventloop_utilization_ratio"),
        "latency": ("http_server_request_duration_seconds", "http_server_duration_milliseconds"),
        "errors": ("http_server_request_duration_seconds", "http_server_duration_milliseconds"),
    },
    "custom": {},
}
COUNTED = frozenset({"latency", "errors"})
"""What has labels, and so no series before something happens. A collection of garbage may still be to come too."""
STATUS_LABELS = frozenset({"status_code", "status", "code", "http_status_code", "http_response_status_code"})
DISTRIBUTIONS = frozenset({"histogram", "summary", "gaugehistogram"})


class MetricsPolicy(Settings):
    """Which metrics a process must show."""

    home: ClassVar[str] = "observability.exposed"

    naming: Naming = "prom-client"
    """Whose names its metrics have; custom: only those under `families`."""
    prefix: str = Field(default="", pattern=r"^[a-zA-Z0-9_:]*$")
    """A prefix of each name, such as `afrigest_`."""
    families: Mapping[Topic, tuple[str, ...]] = Field(default_factory=dict)
    """More names, by what they measure: cpu, memory, gc, latency, errors."""
    without: tuple[Topic, ...] = ()
    """What need not be shown."""

    def names(self, topic: Topic) -> tuple[str, ...]:
        """Return the names of which one must be there, those with the prefix first."""
        usual = (*self.families.get(topic, ()), *PRESETS[self.naming].get(topic, ()))
        return (*(self.prefix + name for name in usual), *(usual if self.prefix else ()))


GARBAGE = {
    Garbage.PAGE: "it is a page of HTML",
    Garbage.OTHER_TEXT: "it is not Prometheus' text format, nor OpenMetrics",
    Garbage.NO_METRIC: "it holds no metric",
}


@check("metrics.exposed")
def exposed(at: MetricsPage, seen: ExposedMetrics, ask: MetricsPolicy) -> Verdict:
    """The process exposes its CPU, memory and garbage collection, and the latency and errors of its HTTP requests.

    Why: An alert can only use what is measured. A missing metric is noticed in the first incident, when it is too late
    to compare with the day before.

    Fix: In Node `collectDefaultMetrics()` of prom-client, and a histogram of request durations with the label
    status_code. If yours have other names, list them under observability.exposed.families. Keep /metrics away from the
    public.

    Source: https://prometheus.io/docs/practices/instrumentation
    """
    if seen.absent:
        text = f"{at.url} answers {seen.absent}: there are no metrics, for Prometheus neither"
        return failed(text, fix="Expose them there, or correct the URL under metrics in the profile.")
    if seen.garbage:
        return failed(
            f"{at.url} answers, but {GARBAGE[seen.garbage]}", fix="Correct the URL under metrics in the profile."
        )
    by_name = {family.name: family for family in seen.families}
    fails, warns = [], []
    for topic, text in TOPICS.items():
        if topic in ask.without:
            continue
        names = ask.names(topic)
        if not names:
            fails.append(f"no name is known for {text}: observability.exposed.families.{topic}")
            continue
        there = [by_name[name] for name in names if name in by_name]
        if not there:
            fails.append(f"no metric shows {text}: none of {', '.join(names[:6])}")
        elif topic in COUNTED and not any(family.samples for family in there):
            warns.append(f"{there[0].name} has counted nothing yet")
        elif fault := _unfit(topic, there):
            fails.append(fault)
    shown = [topic for topic in TOPICS if topic not in ask.without]
    return verdict(fails, list(dict.fromkeys(warns)), ok=f"{len(by_name)} families, {', '.join(shown)} among them")


def _unfit(topic: Topic, there: Sequence[Family]) -> str:
    """Say why none of the families that are there serves."""
    names = ", ".join(family.name for family in there)
    if topic == "latency" and not any(family.kind in DISTRIBUTIONS for family in there):
        return f"{names} is a {there[0].kind}: it gives no percentiles"
    if topic == "errors" and not any("error" in family.name or STATUS_LABELS & {*family.labels} for family in there):
        return f"{names} has no label for the status: errors cannot be distinguished from successes"
    return ""
