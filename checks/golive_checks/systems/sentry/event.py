"""One test event to Sentry where the profile asks for it, and whether Sentry's Web API has it then."""

import asyncio
import hashlib
import json
import uuid
from dataclasses import dataclass, replace

from golive import Effect, Environment, Fact, Now, RunInfo, Unavailable, probe
from golive_checks.systems.env.files import EnvFile
from golive_checks.systems.sentry.sentry import Dsn, DsnTarget, ErrorTracking, EventLookup, detail_of, post, shown
from golive_checks.systems.vendors.client.answer import VendorAnswer
from golive_checks.systems.vendors.client.client import Garbled, Vendor, VendorApi, host_of

FINGERPRINT = ("golive", "test event")
"""What Sentry groups by: every test event of a project falls into one issue."""
ERRORS = "error"
"""The category of rate limits under which events count (develop.sentry.dev/sdk/expected-features/rate-limiting)."""
CLOUD = "sentry.io"
"""Ingests of Sentry's cloud are o1.ingest.REGION.sentry.io or o1.ingest.sentry.io, APIs REGION.sentry.io or
sentry.io (docs.sentry.io/api)."""
NOT_THERE = "event not found"
"""What Sentry says of an event in a project that it knows; it has other words for a project that it does not know
(getsentry/sentry, src/sentry/api/endpoints/project_event_details.py)."""
NOT_FOUND, SERVER_ERROR = 404, 500
FIRST_PAUSE_S, LONGER, LONGEST_PAUSE_S = 0.25, 1.6, 10.0
"""Between two looks for the event: some ten in a minute."""
STAYS = "one event for each DSN, level info, all in one issue: Sentry has no way to remove a single event"


@dataclass(frozen=True)
class Arrival:
    """Whether the Web API has the event, after how long; `trouble`: why that is not known."""

    found: bool = False
    waited_s: float = 0.0
    trouble: str = ""


@dataclass(frozen=True)
class TrialEvent(Fact):
    """The event that was sent, and what became of it; no `event_id` where none was sent."""

    event_id: str = ""
    status: int = 0
    detail: str = ""
    """Why it was refused, in the ingest's own words."""
    answered_id: str = ""
    """The id that the ingest answers with."""
    garbled: bool = False
    """It answers a success that is no JSON object."""
    limited: str = ""
    """How long the ingest refuses further errors; empty where it does not say that it will."""
    arrival: Arrival | None = None
    """None if golive did not look: nothing was accepted, or the profile does not say how to look."""


@probe("sentry.trial-event", effect=Effect.WRITE, leaves=STAYS)
async def trial_event(
    file: EnvFile, env: Environment, dsn: Dsn, ask: ErrorTracking, now: Now, run: RunInfo, vendor: Vendor
) -> TrialEvent:
    """Send one event of level info, where the profile asks for it, and look for it by Sentry's Web API."""
    if not ask.test_event or ask.service != "sentry" or file.role == "other" or not dsn.place:
        return TrialEvent()
    event_id = id_of(run, file)
    try:
        answer = await _sent(vendor, dsn.place, envelope(event_id, env, now, run))
    except Garbled:
        return TrialEvent(event_id, garbled=True)
    answered = answer.body.data.get("id")
    got = TrialEvent(
        event_id,
        answer.status,
        detail_of(answer),
        _plain(answered) if isinstance(answered, str) else "",
        limited=_limited(answer),
    )
    slug = ask.lookup.project_of(file.role) if ask.lookup else ""
    if not answer.ok or got.answered_id != event_id or not ask.lookup or not slug:
        return got
    return replace(got, arrival=await _look(vendor, dsn.place, ask.lookup, slug, event_id))


def id_of(run: RunInfo, file: EnvFile) -> str:
    """Return the id of a run's event for a file, a version 4 UUID in form: sent twice, it still is one event."""
    digest = hashlib.sha256(f"golive {run.id} {file}".encode()).digest()
    return uuid.UUID(bytes=digest[:16], version=4).hex


def envelope(event_id: str, env: Environment, now: Now, run: RunInfo) -> bytes:
    """Write an envelope with one event (develop.sentry.dev/sdk/data-model/envelopes and event-payloads)."""
    at = now.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event = {
        "event_id": event_id,
        "timestamp": at,
        "platform": "other",
        "level": "info",
        "logger": "golive",
        "message": "golive sent this event to see that errors arrive here",
        "fingerprint": FINGERPRINT,
        "environment": env.name,
        "tags": {"golive.engine.run": run.id},
        "sdk": {"name": "golive", "version": run.version},
    }
    if env.release:
        event["release"] = env.release
    payload = json.dumps(event).encode()
    item = {"type": "event", "content_type": "application/json", "length": len(payload)}
    heads = ({"event_id": event_id, "sent_at": at}, item)
    return b"\n".join([*(json.dumps(head).encode() for head in heads), payload, b""])


async def _sent(vendor: Vendor, place: DsnTarget, content: bytes) -> VendorAnswer:
    """Send it, once more where the connection broke: by its id Sentry knows it again, and keeps one."""
    try:
        return await post(vendor, place, content, patient=False)
    except Unavailable as gap:
        if not gap.transient:
            raise
        return await post(vendor, place, content, patient=False)


def _limited(said: VendorAnswer) -> str:
    """Say how long errors are refused from now on: `60:error;transaction:organization:reason, ...`.

    A limit without categories is one of all; without any, Retry-After is.
    """
    for group in said.headers.get("x-sentry-rate-limits", "")[:1000].split(","):
        seconds, categories, *more = [*group.strip().split(":"), "", ""]
        if seconds.isascii() and seconds.isdigit() and (not categories or ERRORS in categories.split(";")):
            words = ", ".join(shown(word)[:60] for word in more[:2] if word)
            return f"for {seconds[:9]} s" + (f" ({words})" if words else "")
    wait = said.headers.get("retry-after", "")
    return f"for {wait[:9]} s" if wait.isascii() and wait.isdigit() else ""


async def _look(vendor: Vendor, place: DsnTarget, how: EventLookup, slug: str, event_id: str) -> Arrival:
    """Ask for the event until it is there, or the API says something else than `not yet`, or the time is up."""
    api = VendorApi("Sentry's API", how.url or api_of(place))
    path = f"/api/0/projects/{how.organization}/{slug}/events/{event_id}/"
    headers = {"authorization": f"Bearer {how.token.get_secret_value()}"}
    clock = asyncio.get_running_loop().time
    began, pause = clock(), FIRST_PAUSE_S
    # Sentry takes an event in before its API can find it.
    while True:
        try:
            answer = await vendor.get(api, path, headers=headers)
            seen, again = _read(api, answer, event_id), answer.status == NOT_FOUND or answer.status >= SERVER_ERROR
        except Unavailable as gap:
            seen, again = Arrival(trouble=gap.reason), gap.transient
        waited = clock() - began
        if not again or waited + pause > how.within_s:
            return replace(seen, waited_s=round(waited, 1))
        await asyncio.sleep(pause)
        pause = min(pause * LONGER, LONGEST_PAUSE_S)


def _read(api: VendorApi, said: VendorAnswer, event_id: str) -> Arrival:
    where, detail = f"{api.vendor} ({api.host})", detail_of(said)
    if said.ok:
        found = said.body.data.get("eventID")
        ours = isinstance(found, str) and _plain(found) == event_id
        return Arrival(found=True) if ours else Arrival(trouble=f"{where} answers with another event")
    if said.status == NOT_FOUND and NOT_THERE in detail.lower():
        return Arrival()
    return Arrival(trouble=f"{where} answers {said.status}" + (f": {detail}" if detail else ""))


def api_of(place: DsnTarget) -> str:
    """Return where the Web API of a DSN's Sentry is."""
    host = host_of(place.base)
    _, ingest, region = host.partition(".ingest.")
    if host.endswith(f".{CLOUD}") and ingest:
        return f"https://{region}"
    return place.base


def _plain(event_id: str) -> str:
    """Return an id as 32 hex digits; some servers write it with hyphens."""
    return event_id[:40].replace("-", "").lower()
