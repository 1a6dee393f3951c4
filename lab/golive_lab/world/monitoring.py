"""What is measured, which rules look at it, and where alerts go: healthy by default."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

USER, PASSWORD = "golive", "golive-lab-prometheus"
PASSWORD_BCRYPT = "$2b$04$9aOx/5wvZ1Agq1FhZtpF9eb07sQrybLDIJGYvAijVS2AMEzTVwEyS"  # noqa: S105 - of PASSWORD
SCRAPE_TOKEN = "golive-lab-scraper"  # noqa: S105 - likewise
PROMETHEUS_PATH, ALERTMANAGER_PATH = "/prometheus", "/alertmanager"
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
GATEWAYS = ("stripe", "paypal", "mtn", "orange")
HTTP, PAYMENTS, HOOKS = "http_request_duration_seconds", "payments_total", "payment_webhook_duration_seconds"
CONFLICTS, LATENCY = "payment_idempotency_conflicts_total", "message_latency_seconds"
ACTIVE, OPENED, RECONNECTS = "ws_connections_active", "ws_connections_total", "ws_reconnects_total"
DISK, LEADER = "disk_used_percent", "leader_info"

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ApiSeries:
    """A series of the API's: of a histogram `value` observations, each of `observed`."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    labels: Labels
    value: int
    observed: float = 0.0


def labels(**given: str) -> Labels:
    """Write labels."""
    return tuple(given.items())


def _of_gateway(name: str) -> tuple[ApiSeries, ...]:
    return (
        ApiSeries(PAYMENTS, "counter", labels(gateway=name, status="succeeded"), 194),
        ApiSeries(PAYMENTS, "counter", labels(gateway=name, status="failed"), 4),
        ApiSeries(PAYMENTS, "counter", labels(gateway=name, status="timeout"), 2),
        ApiSeries(HOOKS, "histogram", labels(gateway=name, outcome="ok"), 200, 0.2),
        ApiSeries(HOOKS, "histogram", labels(gateway=name, outcome="error"), 0),
        ApiSeries(CONFLICTS, "counter", labels(gateway=name), 0),
    )


SERIES = (
    ApiSeries(HTTP, "histogram", labels(method="GET", route="/api/v1/products", status_code="200"), 500, 0.08),
    ApiSeries(HTTP, "histogram", labels(method="GET", route="/api/v1/messages", status_code="200"), 300, 0.08),
    ApiSeries(HTTP, "histogram", labels(method="POST", route="/api/v1/messages", status_code="201"), 300, 0.08),
    ApiSeries(HTTP, "histogram", labels(method="POST", route="/api/v1/messages", status_code="500"), 1, 0.08),
    *(series for name in GATEWAYS for series in _of_gateway(name)),
    ApiSeries(ACTIVE, "gauge", (), 42),
    ApiSeries(OPENED, "counter", (), 400),
    ApiSeries(RECONNECTS, "counter", (), 10),
    ApiSeries(LATENCY, "histogram", (), 500, 0.08),
    ApiSeries(DISK, "gauge", (), 40),
    ApiSeries(LEADER, "gauge", labels(pod="api-0", role="leader"), 1),
)


@dataclass(frozen=True)
class ScrapedApp:
    """The process that is scraped."""

    series: tuple[ApiSeries, ...] = SERIES
    without: tuple[str, ...] = ()
    """Families that it does not show."""
    worker_up: bool = True
    """Whether its worker's page answers."""
    page: Literal["metrics", "html", "missing"] = "metrics"
    unprobed: tuple[str, ...] = ()
    """Hosts that no probe covers."""
    probes_failing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alert:
    """A rule that alerts, or one that records where `record` says so."""

    name: str
    expr: str
    for_: str = "10m"
    labels: Labels = (("severity", "critical"),)
    record: bool = False


FAILED = "gateway:payments_failed:ratio"
RULES = (
    Alert("Watchdog", "vector(1)", "0s", labels(severity="none")),
    Alert("ServiceDown", "up == 0", "5m"),
    Alert("ProbeFailed", "probe_success == 0", "5m"),
    Alert(
        "ApiErrors",
        f'sum(rate({HTTP}_count{{status_code=~"5.."}}[5m])) / sum(rate({HTTP}_count[5m])) > 0.05',
    ),
    Alert(
        FAILED,
        f'sum by (gateway) (rate({PAYMENTS}{{status=~"failed|timeout"}}[10m])) / '
        f"sum by (gateway) (rate({PAYMENTS}[10m]))",
        record=True,
        labels=(),
    ),
    Alert("PaymentsFailing", f"{FAILED} > 0.2", labels=labels(severity="critical", team="payments")),
    Alert("MessagingDisconnects", f"rate({RECONNECTS}[5m]) > 5", labels=labels(severity="warning")),
    Alert(
        "MessagingSlow",
        f"histogram_quantile(0.95, sum by (le) (rate({LATENCY}_bucket[5m]))) > 1",
        labels=labels(severity="warning"),
    ),
    Alert("DiskFull", f"{DISK} > 95", "0s"),
    Alert("DiskFilling", f"{DISK} > 80", "0s", labels(severity="warning")),
    Alert("NoLeader", f"{LEADER} * on (role) {LEADER} == 0", labels=labels(severity="warning")),
)
"""Those of the disk and the leader are there for faults: Prometheus takes 5 s to recover from other rules."""

WEBHOOK = [{"url": "https://hooks.demo.test/golive-lab-hook-secret", "send_resolved": True}]


def _usual_routing() -> dict[str, Any]:
    return {
        "route": {
            "receiver": "team",
            "group_by": ["alertname"],
            "routes": [
                {"receiver": "null", "matchers": ['alertname="Watchdog"']},
                {"receiver": "payments", "match": {"team": "payments"}, "continue": True},
                {"receiver": "pager", "match_re": {"severity": "critical|page"}},
            ],
        },
        "inhibit_rules": [
            {
                "source_matchers": ['severity="critical"'],
                "target_matchers": ['severity="warning"'],
                "equal": ["alertname"],
            }
        ],
        "receivers": [
            {"name": "null"},
            {"name": "team", "webhook_configs": WEBHOOK},
            {"name": "payments", "webhook_configs": WEBHOOK},
            {"name": "pager", "webhook_configs": WEBHOOK},
        ],
    }


@dataclass(frozen=True)
class AlertSilence:
    """A silence that holds for an hour: matchers are name, value, whether a regex, whether equal."""

    matchers: tuple[tuple[str, str, bool, bool], ...]
    comment: str = "moving house"
    by: str = "awa"


@dataclass(frozen=True)
class Alerting:
    """Alertmanager: its configuration, and its silences."""

    config: dict[str, Any] = field(default_factory=_usual_routing)
    silences: tuple[AlertSilence, ...] = ()


@dataclass(frozen=True)
class Monitoring:
    """All of it."""

    app: ScrapedApp = field(default_factory=ScrapedApp)
    rules: tuple[Alert, ...] = RULES
    alerting: Alerting = field(default_factory=Alerting)
    relabels: tuple[dict[str, Any], ...] = ()
    """Prometheus' alert_relabel_configs."""
