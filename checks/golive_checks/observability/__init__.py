"""Section 6 of the checklist: observability and performance."""

from golive import Section
from golive_checks.observability import (
    alerts,
    bench,
    bench_ci,
    errors,
    front,
    messaging,
    metrics,
    payments,
    realtime,
    targets,
    uptime,
    vitals,
)

section = Section(
    "observability",
    title="Observability and performance",
    number=6,
    modules=(bench, bench_ci, metrics, targets, alerts, uptime, errors, front, vitals, payments, realtime, messaging),
)
