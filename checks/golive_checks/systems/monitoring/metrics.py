"""Which families of metrics a process exposes."""

from dataclasses import dataclass

from golive import Fact, Unavailable, probe
from golive_checks.subjects.monitoring import MetricsPage
from golive_checks.systems.monitoring.client.exposition import Family, families
from golive_checks.systems.monitoring.client.monitors import Monitors

NOT_THERE = frozenset({404, 410})


@dataclass(frozen=True)
class ExposedMetrics(Fact):
    """What the page shows; `garbage` says why it is none, and `absent` with which status there is no page at all."""

    families: tuple[Family, ...] = ()
    garbage: str = ""
    absent: int = 0


@probe("monitoring.exposed")
async def exposed(at: MetricsPage, monitors: Monitors) -> ExposedMetrics:
    """Scrape a page of metrics, once."""
    status, kind, body = await monitors.text(at)
    if status in NOT_THERE:
        return ExposedMetrics(absent=status)
    if status != 200:  # noqa: PLR2004 - what Prometheus itself demands
        raise Unavailable(f"{at.url} answers {status}", transient=status >= 500)  # noqa: PLR2004 - its own failure
    if "html" in kind or body.lstrip()[:1] == b"<":
        return ExposedMetrics(garbage="it is a page of HTML")
    try:
        found = families(body.decode("utf-8"), kind)
    except ValueError:
        return ExposedMetrics(garbage="it is not Prometheus' text format, nor OpenMetrics")
    if not any(family.samples for family in found):
        return ExposedMetrics(garbage="it holds no metric")
    return ExposedMetrics(found)
