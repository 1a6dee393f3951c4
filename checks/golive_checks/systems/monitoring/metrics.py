"""Which families of metrics a process exposes."""

from dataclasses import dataclass
from enum import StrEnum, auto

from golive import Fact, Unavailable, probe
from golive_checks.subjects.monitoring import MetricsPage
from golive_checks.systems.monitoring.client.exposition import Family, families
from golive_checks.systems.monitoring.client.monitors import Monitors

NOT_THERE = frozenset({404, 410})


class Garbage(StrEnum):
    """What a page is that shows no metrics."""

    PAGE = auto()
    """One of HTML."""
    OTHER_TEXT = auto()
    """Neither Prometheus' text format nor OpenMetrics."""
    NO_METRIC = auto()


@dataclass(frozen=True)
class ExposedMetrics(Fact):
    """What the page shows; `garbage` is why it is none, and `absent` with which status there is no page at all."""

    families: tuple[Family, ...] = ()
    garbage: Garbage | None = None
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
        return ExposedMetrics(garbage=Garbage.PAGE)
    try:
        found = families(body.decode("utf-8"), kind)
    except ValueError:
        return ExposedMetrics(garbage=Garbage.OTHER_TEXT)
    if not any(family.samples for family in found):
        return ExposedMetrics(garbage=Garbage.NO_METRIC)
    return ExposedMetrics(found)
