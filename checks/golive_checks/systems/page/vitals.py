"""How a page comes up for a person with a phone on a slow network, as a real Chromium measures it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from golive import Effect, Fact, Unavailable, probe, shortened
from golive_checks.subjects import Host
from golive_checks.subjects.visits import Visit
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.client.message import Access, Endpoint, Tenancy
from golive_checks.systems.http.door import over_https
from golive_checks.systems.http.front import Front, parted, reachable, without_query
from golive_checks.systems.page.client.browser import Browsers, BrowserTarget
from golive_checks.systems.tls.client.trust import Trust

TEXT_LIMIT = 100
MAX_MS, MAX_CLS = 1_000_000.0, 1000.0
"""A page that says more is counted as these: what it says of itself is not to be believed without bounds."""


@dataclass(frozen=True)
class Opened:
    """A page, opened once. `lcp_ms` is None where nothing was painted that counts as the largest contentful paint."""

    status: int
    media_type: str
    lcp_ms: float | None
    lcp_of: str
    """The element, as a selector, and the address of its picture."""
    cls: float
    shifted: str
    """The element that moved most."""
    finished: bool
    """It had loaded when time was over."""
    elsewhere: str = ""
    """The origin that it was redirected to, where that is another."""
    moved_to: str = ""
    """Where a script of it went on to."""
    failures: int = 0
    """Requests of the page that came to nothing."""
    failed: tuple[str, ...] = ()
    """The first of them."""


@dataclass(frozen=True)
class WebVitals(Fact):
    """What a browser measured, each time it opened a page."""

    browser: str
    sandboxed: bool
    runs: tuple[Opened, ...]


@probe("page.web-vitals", effect=Effect.ACTIVE)
async def web_vitals(
    visit: Visit,
    fronts: Mapping[Address, Front | Unavailable],
    browsers: Browsers,
    access: Access,
    trust: Trust,
    tenancy: Tenancy,
) -> WebVitals:
    """Open the page in a headless Chromium, as a phone on a slow network.

    Active, as no other look at a page is: its scripts run. They call the API, open WebSockets, are counted by analytics
    and may report errors, as those of any visitor.
    """
    own = {address: seen for address, seen in fronts.items() if visit.host in {address.host.key, address.host.name}}
    if not own:
        raise Unavailable(f"the profile has no host {visit.host}, which web_vitals names", fix="name one of hosts")
    at = over_https(reachable(own))
    reported = await browsers.open(
        at,
        tenancy.path(at.host, visit.path),
        tuple(_doors(fronts, access, trust, tenancy)),
        runs=visit.runs,
        quiet_s=visit.quiet_s,
        timeout_s=visit.timeout_s,
    )
    runs = tuple(_opened(run, at.origin) for run in reported["runs"])
    return WebVitals(_text(reported["browser"]), browsers.sandboxed, runs)


def _doors(
    fronts: Mapping[Address, Front | Unavailable], access: Access, trust: Trust, tenancy: Tenancy
) -> Iterator[BrowserTarget]:
    """Tell where each host of the profile answers; where none of its addresses does, that it is nowhere."""
    hosts = dict[Host, list[Address]]()
    for address, seen in fronts.items():
        hosts.setdefault(address.host, []).extend([address] if isinstance(seen, Front) else [])
    for host, answering in hosts.items():
        given = access.model_copy(update=dict(host.own.get(Access.key(), {})))
        ca_file = trust.model_copy(update=dict(host.own.get(Trust.key(), {}))).ca_file
        where = over_https(answering[0]) if answering else Endpoint(host.name, "", host.port)
        yield BrowserTarget(where, ca_file, {**tenancy.sent(host.name), **given.sent()})


def _opened(reported: Mapping[str, Any], origin: str) -> Opened:
    """Keep what a fact may hold of what the worker tells. A page that was not there at all is a gap."""
    if reported["error"] and not reported["status"]:
        raise Unavailable(f"the browser does not open {origin}: {_text(reported['error'])}")
    lcp, worst = reported.get("lcp") or {}, reported.get("worst") or {}
    milliseconds = _number(lcp.get("ms"), MAX_MS) if lcp else 0.0
    at = parted(without_query(str(reported["at"])))[0]
    picture = _text(without_query(str(lcp.get("url", "")).partition("#")[0])) if lcp.get("url") else ""
    return Opened(
        status=int(reported["status"]),
        media_type=_text(reported["media_type"]),
        lcp_ms=milliseconds if milliseconds > 0 else None,
        lcp_of=" ".join(filter(None, (_text(lcp.get("element", "")), picture))),
        cls=_number(reported.get("cls"), MAX_CLS),
        shifted=_text(worst.get("element", "")),
        finished=bool(reported["finished"]),
        elsewhere=_text(at) if at and at != origin else "",
        moved_to=_text(without_query(str(reported["moved"]))),
        failures=int(reported["failures"]),
        failed=tuple(_text(without_query(str(url))) for url in reported["failed"]),
    )


def _number(value: Any, most: float) -> float:
    """Return a finite number of at least zero."""
    good = isinstance(value, int | float) and not math.isnan(value) and value >= 0
    return min(float(value), most) if good else 0.0


def _text(value: Any) -> str:
    return "".join(c if c.isprintable() else "?" for c in shortened(str(value), TEXT_LIMIT))
