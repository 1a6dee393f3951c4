"""Section 6 of the checklist: observability and performance."""

from golive import Section
from golive_checks.observability import alerts, messaging, metrics, payments, targets, uptime

section = Section(
    "observability",
    title="Observability and performance",
    number=6,
    modules=(metrics, targets, alerts, uptime, payments, messaging),
)
