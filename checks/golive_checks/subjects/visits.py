"""Pages that a real browser opens, and the profile key that asks for it."""

from dataclasses import dataclass

from pydantic import Field

from golive import Entry, Subject, subjects
from golive_checks.subjects.hosts import UrlPath


class VisitEntry(Entry):
    """Pages of a host, by its name under `hosts`, that a real Chromium opens as a phone on a slow network does."""

    pages: tuple[UrlPath, ...] = Field(default=("/",), min_length=1, max_length=10)
    """Paths of the pages. Each is opened without a login."""
    runs: int = Field(default=3, ge=1, le=9)
    """How often each is opened; the median counts."""
    quiet_s: float = Field(default=2, gt=0, le=30)
    """It is through when it has loaded and so long nothing was asked for, painted or moved; after 5 s at the least."""
    timeout_s: float = Field(default=45, gt=0, le=120)
    """After this a page is left as it is, for each time it is opened."""


@dataclass(frozen=True)
class Visit(Subject):
    """A page of a host, by the host's name in the profile and the path: `app/`."""

    host: str = ""
    path: str = "/"
    runs: int = 3
    quiet_s: float = 2.0
    timeout_s: float = 45.0


@subjects("web_vitals", empty="the profile lists no web_vitals")
def visits(key: str, entry: VisitEntry) -> tuple[Visit, ...]:
    """Name the pages to open."""
    return tuple(
        Visit(
            f"{key}{path}",
            host=key,
            path=path,
            runs=entry.runs,
            quiet_s=entry.quiet_s,
            timeout_s=entry.timeout_s,
            own=entry.own(),
        )
        for path in dict.fromkeys(entry.pages)
    )
