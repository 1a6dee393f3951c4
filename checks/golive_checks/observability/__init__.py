"""Section 6 of the checklist: observability and performance."""

from golive import Section
from golive_checks.observability import alerts, front, messaging, metrics, payments, realtime, targets, uptime

section = Section(
    "observability",
    title="Observability and performance",
    number=6,
    modules=(metrics, targets, alerts, uptime, front, payments, realtime, messaging),
)
