"""What Stripe's API says of a key, its account, where its events go, and which of them did not arrive."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from golive import Environment, Fact, Now, Unavailable, probe
from golive_checks.probes.clients.vendor import Api, Part, Said, Vendor, basic, failed_at
from golive_checks.probes.gateways import Gateways
from golive_checks.probes.http import without_query
from golive_checks.probes.stripe import KEY, Stripe

VERSION = "2026-10-28.endive"
"""The version of the API that is spoken here: the pin of stripe-python 16.1.0, as the answers are read."""
PERMISSION = re.compile(r"'((?:rak_)?[a-z_]{1,60}_(?:read|write))'")
"""The permission that a restricted key lacks, as Stripe's refusal names it (stripe-node#2246, stripe-cli#2017)."""
REFUSED, FORBIDDEN = 401, 403
PAGE = ("limit", "100")
OLDEST_S, NEWEST_S = 3 * 86400, 3600
"""Stripe tries for three days (https://docs.stripe.com/webhooks#retries); a failure of the last hour may still heal."""
MOST_TYPES = 20
"""How many types a list of events may be filtered by (https://docs.stripe.com/api/events/list)."""


@dataclass(frozen=True)
class Account:
    """An account of Stripe's, and whether it can take payments."""

    id: str
    charges_enabled: bool = False
    payouts_enabled: bool = False
    currently_due: tuple[str, ...] = ()
    past_due: tuple[str, ...] = ()
    disabled_reason: str = ""


@dataclass(frozen=True)
class StripeAccess(Fact):
    """What Stripe makes of the key. `mode`: `live` or `test`, by the key's prefix."""

    used: bool = True
    """False where Stripe is not in use."""
    mode: str = ""
    restricted: bool = False
    refused: str = ""
    """Why Stripe does not take the key; empty where it does."""
    account: Account | None = None
    lacking: str = ""
    """The permission that a restricted key lacks to read the account."""


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

    def brings(self, event: str) -> bool:
        """Tell whether it is subscribed to a type of event."""
        return event in self.events or "*" in self.events


@dataclass(frozen=True)
class StripeDestinations(Fact):
    """Every place that the account's events go to."""

    found: tuple[Destination, ...]


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


@dataclass(frozen=True)
class StripeOthers(Fact):
    """The accounts of other environments, by the environment's name."""

    accounts: Mapping[str, str]


def _api(ask: Stripe) -> Api:
    return Api("Stripe", ask.api_base)


def _headers(key: SecretStr) -> dict[str, str]:
    return {"authorization": basic(key.get_secret_value(), SecretStr("")), "stripe-version": VERSION}


@probe
async def stripe_access(env: Environment, ask: Stripe, gateways: Gateways, vendor: Vendor) -> StripeAccess:
    """Ask Stripe for the key's account."""
    if "stripe" not in gateways.enabled:
        return StripeAccess(used=False)
    key = ask.secret_key.get_secret_value()
    if not key:
        raise Unavailable(
            "golive has no key to ask Stripe with", fix="set stripe.secret_key in the profile, from STRIPE_SECRET_KEY"
        )
    shape = KEY.match(key)
    mode, restricted = (shape["mode"], shape["kind"] == "rk") if shape else ("", False)
    got = await vendor.get(_api(ask), "/v1/account", headers=_headers(ask.secret_key))
    if got.status == REFUSED:
        return StripeAccess(mode=mode, restricted=restricted, refused=_code(got))
    if got.status == FORBIDDEN:
        return StripeAccess(mode=mode, restricted=restricted, lacking=_permission(got))
    if not got.ok:
        raise failed_at(got, "its account", "Stripe")
    return StripeAccess(mode=mode, restricted=restricted, account=_account(got.body))


def _account(body: Part) -> Account:
    needs = body.part("requirements")
    found = Account(
        body.text("id"),
        charges_enabled=body.flag("charges_enabled"),
        payouts_enabled=body.flag("payouts_enabled"),
        currently_due=needs.texts("currently_due")[:50],
        past_due=needs.texts("past_due")[:50],
        disabled_reason=needs.text("disabled_reason"),
    )
    if not found.id:
        raise Unavailable("Stripe answers with an account that has no id")
    return found


def _code(got: Said) -> str:
    """Return why a key is refused, in Stripe's own word where it has one."""
    return _error(got).word("code") or "invalid"


def _error(got: Said) -> Part:
    """Return what a refusal says; nothing where it is not of Stripe's form."""
    found = got.body.data.get("error")
    return Part("Stripe", found if isinstance(found, dict) and isinstance(found.get("message"), str) else {})


def _permission(got: Said) -> str:
    found = PERMISSION.search(_error(got).text("message"))
    return found[1] if found else "a permission that Stripe does not name"


@probe
async def stripe_destinations(env: Environment, seen: StripeAccess, ask: Stripe, vendor: Vendor) -> StripeDestinations:
    """List the account's webhook endpoints, and its event destinations where none of those is the app's."""
    _demand(seen)
    api, headers = _api(ask), _headers(ask.secret_key)
    found = [
        Destination(
            each.text("id"),
            without_query(each.text("url")),
            enabled=each.text("status") == "enabled",
            livemode=each.flag("livemode"),
            api_version=each.text("api_version"),
            events=each.texts("enabled_events")[:1000],
        )
        async for each in _pages(vendor, api, "/v1/webhook_endpoints", headers, "webhook endpoints")
    ]
    if not any(each.enabled and each.url.endswith(ask.webhook_path) for each in found):
        found += [each async for each in _event_destinations(vendor, api, headers)]
    return StripeDestinations(tuple(found))


def _demand(seen: StripeAccess) -> None:
    """Ask no more with a key that was refused."""
    if not seen.used:
        raise Unavailable("Stripe is not in use")
    if seen.refused:
        raise Unavailable(f"Stripe refuses the key ({seen.refused})", fix="see stripe.key-works")


async def _pages(
    vendor: Vendor,
    api: Api,
    path: str,
    headers: Mapping[str, str],
    what: str,
    query: tuple[tuple[str, str], ...] = (),
) -> AsyncIterator[Part]:
    """Yield a list's entries, page by page (https://docs.stripe.com/api/pagination)."""
    after: tuple[tuple[str, str], ...] = ()
    for _ in range(vendor.max_pages):
        got = await vendor.get(api, path, headers=headers, query=(PAGE, *query, *after))
        if got.status == FORBIDDEN:
            raise _withheld(got, what)
        if not got.ok:
            raise failed_at(got, what, "Stripe")
        entries = got.body.parts("data")
        for each in entries:
            yield each
        if not got.body.flag("has_more"):
            return
        last = entries[-1].text("id") if entries else ""
        if not last or after == (("starting_after", last),):
            break
        after = (("starting_after", last),)
    raise Unavailable(f"Stripe's list of {what} does not end", fix="raise payments.apis.max_pages if it is that long")


def _withheld(got: Said, what: str) -> Unavailable:
    permission = _permission(got)
    return Unavailable(
        f"the restricted key may not read Stripe's {what}: it lacks {permission}",
        fix=f"grant the key {permission} at https://dashboard.stripe.com/apikeys",
    )


async def _event_destinations(vendor: Vendor, api: Api, headers: Mapping[str, str]) -> AsyncIterator[Destination]:
    """Yield event destinations (https://docs.stripe.com/api/v2/core/event-destinations/list)."""
    path = "/v2/core/event_destinations"
    query: tuple[tuple[str, str], ...] = (PAGE, ("include[0]", "webhook_endpoint.url"))
    for _ in range(vendor.max_pages):
        got = await vendor.get(api, path, headers=headers, query=query)
        if got.status == FORBIDDEN:
            raise _withheld(got, "event destinations")
        if not got.ok:
            raise failed_at(got, "event destinations", "Stripe")
        for each in got.body.parts("data"):
            yield Destination(
                each.text("id"),
                without_query(each.part("webhook_endpoint").text("url")),
                enabled=each.text("status") == "enabled",
                livemode=each.flag("livemode"),
                api_version=each.text("snapshot_api_version"),
                events=each.texts("enabled_events")[:1000],
            )
        following = got.body.text("next_page_url")
        if not following:
            return
        # A relative URL, of which only the page's token is taken: the key goes nowhere else.
        page = re.search(r"[?&]page=([A-Za-z0-9_=%-]{1,400})", following)
        if page is None:
            break
        query = (PAGE, ("page", page[1]))
    raise Unavailable("Stripe's list of event destinations does not end")


@probe
async def stripe_undelivered(
    env: Environment, seen: StripeAccess, places: StripeDestinations, ask: Stripe, vendor: Vendor, now: Now
) -> StripeUndelivered:
    """List the events that an endpoint has not taken."""
    _demand(seen)
    at = int(now.at.timestamp())
    subscribed = sorted({event for place in places.found if place.enabled for event in place.events})
    query = [
        ("delivery_success", "false"),
        ("created[gte]", str(at - OLDEST_S)),
        ("created[lte]", str(at - NEWEST_S)),
    ]
    if "*" not in subscribed and len(subscribed) <= MOST_TYPES:
        query += [("types[]", event) for event in subscribed]
    listed = _pages(vendor, _api(ask), "/v1/events", _headers(ask.secret_key), "events", tuple(query))
    return StripeUndelivered(
        tuple(
            [
                Undelivered(each.text("id"), each.text("type"), each.whole("created"), each.whole("pending_webhooks"))
                async for each in listed
            ]
        )
    )


@probe
async def stripe_others(env: Environment, ask: Stripe, vendor: Vendor) -> StripeOthers:
    """Look up the accounts of other environments, where the profile brings a key and not the id."""
    found: dict[str, str] = {}
    for name, other in ask.compare_with.items():
        if other.account:
            found[name] = other.account
        elif other.secret_key.get_secret_value():
            got = await vendor.get(_api(ask), "/v1/account", headers=_headers(other.secret_key))
            if not got.ok:
                raise Unavailable(
                    f"Stripe does not tell the account of {name}: it answers {got.status}",
                    fix=f"name the account's id in stripe.compare_with.{name}.account",
                )
            found[name] = _account(got.body).id
    return StripeOthers(found)
