"""A route whose speed is measured, by a load of golive's own or by a result file of autocannon or k6."""

from dataclasses import dataclass

from pydantic import Field, model_validator

from golive import Entry, Subject, subjects
from golive.profile.types import FilePath
from golive_checks.subjects.hosts import UrlPath

MAX_REQUESTS = 20_000


class BenchEntry(Entry):
    """A route's speed: exactly one of path (with host), autocannon, k6."""

    host: str = ""
    """The name, under `hosts`, of the host that a load is sent to."""
    path: UrlPath = ""
    """The path that a load asks for: a GET that changes nothing."""
    per_second: float = Field(default=20, gt=0, le=500)
    """Requests a second, however long they take."""
    seconds: float = Field(default=5, gt=0, le=60)
    concurrency: int = Field(default=10, ge=1, le=100)
    """Connections at a time."""
    timeout_s: float = Field(default=10, gt=0, le=60)
    autocannon: FilePath = ""
    """What `autocannon --json` wrote."""
    k6: FilePath = ""
    """What `k6 run --summary-export` or handleSummary wrote."""
    history: FilePath = ""
    """A file that keeps each measurement, one line of JSON for each, in place of that of `--history`."""

    @model_validator(mode="after")
    def _one_source(self) -> "BenchEntry":
        given = [name for name in ("path", "autocannon", "k6") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(f"wants exactly one of path, autocannon, k6; has {' and '.join(given) or 'none'}")
        if bool(self.path) != bool(self.host):
            raise ValueError("path and host belong together: which host is the path asked of?")
        if self.per_second * self.seconds > MAX_REQUESTS:
            raise ValueError(f"wants more than {MAX_REQUESTS} requests")
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
    autocannon: str = ""
    k6: str = ""
    history: str = ""


@subjects("benches", empty="the profile declares no benches")
def benches(key: str, entry: BenchEntry) -> tuple[Bench, ...]:
    """Name the benches of the profile."""
    return (
        Bench(
            key,
            host=entry.host,
            path=entry.path,
            per_second=entry.per_second,
            seconds=entry.seconds,
            concurrency=entry.concurrency,
            timeout_s=entry.timeout_s,
            autocannon=entry.autocannon,
            k6=entry.k6,
            history=entry.history,
            own=entry.own(),
        ),
    )
