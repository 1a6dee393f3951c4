"""What probes say of each host, from outside of it."""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from golive import Fact, Settings, probe
from golive_checks.shapes import split_url
from golive_checks.subjects.monitoring import Prometheus
from golive_checks.systems.monitoring.client.monitors import Monitors
from golive_checks.systems.monitoring.prometheus import PrometheusApi, query

NO_TARGET = frozenset({"__name__", "job", "module", "region", "probe", "source"})
"""Labels that name no URL, whatever they hold."""


class UptimePolicy(Settings):
    """How hosts are probed."""

    home: ClassVar[str] = "observability.uptime"

    query: str = Field(default="probe_success", min_length=1)
    """A query whose series are one for each probed URL: 1 where it answers. The blackbox exporter's, unless said."""
    without: tuple[str, ...] = ()
    """Hosts, by their domain names, that nothing need probe."""
    metric: str = "probe_success"
    """The metric that an alert on probes looks at."""


@dataclass(frozen=True)
class Probed:
    """A URL that is probed, by its host."""

    host: str
    url: str
    up: bool


@dataclass(frozen=True)
class Probes(Fact):
    """Everything that is probed."""

    found: tuple[Probed, ...]


@probe("monitoring.uptime-probes")
async def probes(at: Prometheus, api: PrometheusApi, ask: UptimePolicy, monitors: Monitors) -> Probes:
    """Ask Prometheus what is probed."""
    found = []
    for series in await query(at, monitors, ask.query):
        hosts = {host: value for name, value in series.labels if name not in NO_TARGET and (host := _host(value))}
        found += [Probed(host, url, series.value == 1) for host, url in hosts.items()]
    return Probes(tuple(found))


def _host(value: str) -> str:
    """Return the host of a URL, of host:port, or of a name alone."""
    parts = split_url(value) if "://" in value else split_url(f"https://{value}")
    return (parts.hostname or "").lower() if parts else ""
