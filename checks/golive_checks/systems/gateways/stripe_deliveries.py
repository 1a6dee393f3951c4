"""Where Stripe's events go, and which of them did not arrive."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from golive import Environment, Fact, Now, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.stripe_account import StripeAccess, demand
from golive_checks.systems.gateways.stripe_api import FORBIDDEN, PAGE, api_of, headers_of, no_access, pages
from golive_checks.systems.http.front import without_query
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.vendors.client.answer import failed_at
from golive_checks.systems.vendors.client.client import Vendor, VendorApi

DESTINATIONS = "/v2/core/event_destinations"
SELF = "@self"
"""The account's own events; other words name those of connected accounts or of an organization's (stripe-node 22,
V2.Core.EventDestination.events_from)."""
OLDEST_S, NEWEST_S = 3 * 86400, 3600
"""Stripe tries for three days, in a sandbox for hours (https://docs.stripe.com/webhooks#retries); a failure of the last
hour may still heal."""
NO_VERSION = (
    "Stripe's libraries for Go, Java and .NET refuse an event without the version that they know: let "
    "stripe.secret_key read the endpoint's (webhook_read), or set stripe.api_version"
)
MOST_TYPES = 20
"""How many types a list of events may be filtered by (https://docs.stripe.com/api/events/list)."""


@dataclass(frozen=True)
class Destination:
    """Where events go: a webhook endpoint (`we_...`) or an event destination (`ed_...`)."""

    id: str
    url: str
    """Without its query; empty where events go to another company's bus."""
    enabled: bool
    livemode: bool
    api_version: str
    """Empty: the account's default."""
    events: tuple[str, ...]
    own: bool = True
    """Whether the account's own events go there; False: those of connected accounts alone."""
    thin: bool = False
    """Whether events come without their object, in no version of the API."""

    def names(self, event: str) -> bool:
        """Return whether it is subscribed to a type of event by name."""
        return event in self.events or (self.thin and f"v1.{event}" in self.events)

    def brings(self, event: str) -> bool:
        """Return whether it is subscribed to a type of event, by name or by `*`."""
        return self.names(event) or "*" in self.events


@dataclass(frozen=True)
class StripeDestinations(Fact):
    """Every place that the account's events go to."""

    found: tuple[Destination, ...]
    gap: str = ""
    """Why event destinations could not be listed beside the webhook endpoints; empty where they were."""


def version_of(places: StripeDestinations | Unavailable, origin: Origin | Unavailable, ask: Stripe) -> str:
    """Return the version that the events of a host's webhook bear: the endpoint's, else the profile's, else none."""
    if isinstance(places, StripeDestinations) and isinstance(origin, Origin):
        url = origin.origin + ask.webhook_path
        ours = [place for place in places.found if place.enabled and place.own and place.url == url]
        versions = [place.api_version for place in ours if not place.thin]
        if given := next(filter(None, versions), ""):
            return given
    return ask.api_version


@dataclass(frozen=True)
class Undelivered:
    """An event that some endpoint has not taken."""

    id: str
    type: str
    created: int
    pending: int


@dataclass(frozen=True)
class StripeUndelivered(Fact):
    """Events between one hour and three days old that not every endpoint has taken."""

    events: tuple[Undelivered, ...]


@probe("gateways.stripe-destinations")
async def stripe_destinations(
    env: Environment, seen: StripeAccess, hosts: Mapping[Host, Origin], ask: Stripe, vendor: Vendor
) -> StripeDestinations:
    """List the account's webhook endpoints and event destinations."""
    demand(seen)
    api, headers = api_of(ask), headers_of(ask.secret_key, ask.context)
    found = [
        Destination(
            each.text("id"),
            without_query(each.text("url")),
            enabled=each.text("status") == "enabled",
            livemode=each.stated_flag("livemode"),
            api_version=each.text("api_version"),
            events=each.texts("enabled_events")[:1000],
            # That of a Connect application, which the events of its connected accounts go to.
            own=not each.text("application"),
        )
        async for each in pages(vendor, api, "/v1/webhook_endpoints", headers, "webhook endpoints")
    ]
    ours = {there.origin + ask.webhook_path for host, there in hosts.items() if host.serves_api}
    gap = ""
    try:
        found += [each async for each in _event_destinations(vendor, api, headers)]
    except Unavailable as missing:
        if not any(each.enabled and each.own and each.url in ours for each in found):
            raise
        gap = missing.reason
    return StripeDestinations(tuple(found), gap)


async def _event_destinations(vendor: Vendor, api: VendorApi, headers: Mapping[str, str]) -> AsyncIterator[Destination]:
    """Yield event destinations (https://docs.stripe.com/api/v2/core/event-destinations/list)."""
    path = DESTINATIONS
    query: tuple[tuple[str, str], ...] = (PAGE, ("include[0]", "webhook_endpoint.url"))
    for _ in range(vendor.max_pages):
        got = await vendor.get(api, path, headers=headers, query=query)
        if got.status == FORBIDDEN:
            raise no_access(got, "event destinations")
        if not got.ok:
            raise failed_at(got, "event destinations", "Stripe")
        for each in got.body.parts("data"):
            yield Destination(
                each.text("id"),
                without_query(each.part("webhook_endpoint").text("url")),
                enabled=each.text("status") == "enabled",
                livemode=each.stated_flag("livemode"),
                api_version=each.text("snapshot_api_version"),
                events=each.texts("enabled_events")[:1000],
                own=SELF in (each.texts("events_from") or (SELF,)),
                thin=each.text("event_payload") == "thin",
            )
        following = got.body.text("next_page_url")
        if not following:
            return
        # Stripe gives a path, and the key goes nowhere else.
        if not following.startswith(f"{DESTINATIONS}?"):
            break
        path, query = following, ()
    raise Unavailable("Stripe's list of event destinations does not end")


@probe("gateways.stripe-undelivered")
async def stripe_undelivered(
    env: Environment, seen: StripeAccess, places: StripeDestinations, ask: Stripe, vendor: Vendor, now: Now
) -> StripeUndelivered:
    """List the events that an endpoint has not taken."""
    demand(seen)
    at = int(now.at.timestamp())
    subscribed = sorted({event for place in places.found if place.enabled for event in place.events})
    query = [
        ("delivery_success", "false"),
        ("created[gte]", str(at - OLDEST_S)),
        ("created[lte]", str(at - NEWEST_S)),
    ]
    if "*" not in subscribed and len(subscribed) <= MOST_TYPES:
        query += [("types[]", event) for event in subscribed]
    listed = pages(vendor, api_of(ask), "/v1/events", headers_of(ask.secret_key, ask.context), "events", tuple(query))
    return StripeUndelivered(
        tuple(
            [
                Undelivered(each.text("id"), each.text("type"), each.whole("created"), each.whole("pending_webhooks"))
                async for each in listed
            ]
        )
    )
