"""Asks Prometheus, Alertmanager and pages of metrics: what watches the system, with the credentials it wants."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from golive import RunInfo, Unavailable, shortened
from golive_checks.subjects.monitoring import Watched
from golive_checks.systems.machine.client.pace import Pace
from golive_checks.systems.vendors.client.answer import JsonPart, VendorAnswer
from golive_checks.systems.vendors.client.client import Vendor, VendorApi, VendorLimits, VendorRequest

REFUSED = frozenset({401, 403})
MAX_WORDS = 200
"""Of what a refusal says so many characters are kept."""
METRICS_ACCEPT = "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
"""What Prometheus itself says (https://prometheus.io/docs/instrumenting/content_negotiation)."""


class MonitoringApis(VendorLimits):
    """How Prometheus, Alertmanager and pages of metrics are asked."""

    home: ClassVar[str] = "observability.apis"
    formerly: ClassVar[str] = ""


class Monitors(Vendor):
    """Asks what watches the system. It is found and trusted as a vendor's API is; only GET is ever sent."""

    def __init__(self, limits: MonitoringApis, pace: Pace, run: RunInfo) -> None:
        super().__init__(limits, pace, run)
        self._turned_away: dict[str, Unavailable] = {}

    async def json(self, at: Watched, path: str, query: Sequence[tuple[str, str]] = ()) -> VendorAnswer:
        """GET JSON: an object, or a list as the object's `list`. Any status is an answer, but for a refusal."""
        status, _, body = await self._ask(at, path, {}, query)
        try:
            found: Any = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list):
            found = {"list": found}
        if isinstance(found, dict):
            return VendorAnswer(status, JsonPart(_name(at), found))
        if 200 <= status < 300:  # noqa: PLR2004 - RFC 9110, section 15.3
            raise Unavailable(
                f"{_name(at)} ({at.host}) answers with what is no JSON",
                fix="give the base URL of its API, with its path where it has one",
            )
        return VendorAnswer(status, JsonPart(_name(at), {}))

    async def text(self, at: Watched) -> tuple[int, str, bytes]:
        """GET the page itself: its status, its type, its bytes."""
        status, headers, body = await self._ask(at, "", {"accept": METRICS_ACCEPT}, ())
        return status, headers.get("content-type", ""), body

    async def _ask(
        self, at: Watched, path: str, headers: Mapping[str, str], query: Sequence[tuple[str, str]]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send one request; after a refusal none is sent again."""
        secret = {name: value.get_secret_value() for name, value in at.headers.items()}
        api = VendorApi(_name(at), at.url, at.ca_file)
        if at.url in self._turned_away:
            raise self._turned_away[at.url]
        got = await self._patiently(VendorRequest(api, "GET", path, {**headers, **secret}, query))
        if got[0] in REFUSED:
            self._turned_away[at.url] = _refusal(at, got[0], _words(got[2]))
            raise self._turned_away[at.url]
        if 300 <= got[0] < 400:  # noqa: PLR2004 - RFC 9110, section 15.4
            raise Unavailable(
                f"{_name(at)} ({at.host}) redirects, as to a login page", fix="give golive a way past it: basic, bearer"
            )
        return got


def _name(at: Watched) -> str:
    return {"prometheus": "Prometheus", "alertmanager": "Alertmanager"}.get(at.kind(), f"the page {at.name}")


def _words(body: bytes) -> str:
    """Return a refusal's own words where they are JSON's `error`, `message` or `detail`; a page of HTML has none."""
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    lines = [found.get(name) for name in ("error", "message", "detail")] if isinstance(found, dict) else []
    text = next((each for each in lines if isinstance(each, str) and each), "")
    return "".join(c if c.isprintable() else " " for c in shortened(text, MAX_WORDS))


def _refusal(at: Watched, status: int, words: str) -> Unavailable:
    given = "the credentials of the profile" if at.headers else "to answer without credentials"
    return Unavailable(
        f"{_name(at)} ({at.host}) refuses {given} ({status}{': ' if words else ''}{words})",
        fix=f"set basic, bearer or headers under {at.kind()} in the profile",
    )
