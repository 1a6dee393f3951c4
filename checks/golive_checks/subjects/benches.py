"""A route whose speed is measured, by a load of golive's own or by a load generator's result file."""

from dataclasses import dataclass

from pydantic import Field, model_validator

from golive import Entry, Subject, subjects
from golive.profile.types import FilePath
from golive_checks.subjects.hosts import UrlPath

MAX_REQUESTS = 20_000
TOOLS = ("autocannon", "k6", "vegeta", "oha", "wrk", "artillery", "locust", "hey", "jmeter")
"""Load generators whose result files are read."""


class BenchEntry(Entry):
    """A route's speed: exactly one of path (with host) and a tool's result file."""

    host: str = ""
    """The name, under `hosts`, of the host that a load is sent to."""
    path: UrlPath = ""
    """The path that a load asks for: a GET that changes nothing."""
    per_second: float = Field(default=20, gt=0, le=500)
    """Requests a second, however long they take."""
    seconds: float = Field(default=5, gt=0, le=60)
    """How long it is measured."""
    concurrency: int = Field(default=10, ge=1, le=100)
    """Connections at a time."""
    timeout_s: float = Field(default=10, gt=0, le=60)
    """How long one request may take."""
    autocannon: FilePath = ""
    """What `autocannon --json` wrote."""
    k6: FilePath = ""
    """What `k6 run --summary-export` or handleSummary wrote."""
    vegeta: FilePath = ""
    """What `vegeta report -type=json` wrote."""
    oha: FilePath = ""
    """What `oha --output-format json` wrote."""
    wrk: FilePath = ""
    """What wrk2 or wrk printed with --latency."""
    artillery: FilePath = ""
    """What `artillery run --output` wrote."""
    locust: FilePath = ""
    """The _stats.csv that `locust --csv` wrote, or what its --json printed."""
    hey: FilePath = ""
    """What hey printed."""
    jmeter: FilePath = ""
    """What `jmeter -n -l` wrote as CSV, or the statistics.json of its dashboard."""
    history: FilePath = ""
    """A file that keeps each measurement, one line of JSON for each, in place of that of `--history`."""

    @model_validator(mode="after")
    def _one_source(self) -> "BenchEntry":
        given = [name for name in ("path", *TOOLS) if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of path, {', '.join(TOOLS)}; has {' and '.join(given) or 'none'}")
        if bool(self.path) != bool(self.host):
            raise ValueError("path and host belong together: which host is the path asked of?")
        if self.per_second * self.seconds > MAX_REQUESTS:
            raise ValueError(f"needs more than {MAX_REQUESTS} requests")
        return self


@dataclass(frozen=True)
class Bench(Subject):
    """A route whose speed is measured, by its name in the profile."""

    host: str = ""
    path: str = ""
    per_second: float = 20.0
    seconds: float = 5.0
    concurrency: int = 10
    timeout_s: float = 10.0
    tool: str = ""
    result: str = ""
    """The file that the tool wrote."""
    history: str = ""


@subjects("benches", empty="the profile declares no benches")
def benches(key: str, entry: BenchEntry) -> tuple[Bench, ...]:
    """Name the benches of the profile."""
    tool = next((name for name in TOOLS if getattr(entry, name)), "")
    return (
        Bench(
            key,
            host=entry.host,
            path=entry.path,
            per_second=entry.per_second,
            seconds=entry.seconds,
            concurrency=entry.concurrency,
            timeout_s=entry.timeout_s,
            tool=tool,
            result=getattr(entry, tool) if tool else "",
            history=entry.history,
            own=entry.own(),
        ),
    )
