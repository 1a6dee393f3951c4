"""Section 6 of the checklist: observability and performance."""

from golive import Section
from golive_checks.observability import bench, bench_ci, errors, front, messaging

section = Section(
    "observability",
    title="Observability and performance",
    number=6,
    modules=(bench, bench_ci, errors, front, messaging),
)
