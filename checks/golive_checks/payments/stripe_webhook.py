"""Do Stripe's events reach the app: registered, subscribed, of one version, delivered, and verified?"""

from collections.abc import Mapping, Sequence

from golive import Environment, Severity, Unavailable, Verdict, check, failed, not_applicable, passed, unknown, verdict
from golive.wording import capped
from golive_checks.payments.words import kind_of, nearly, same_url, unseen, urls_of
from golive_checks.subjects import Host
from golive_checks.systems.gateways.gateways import in_use
from golive_checks.systems.gateways.knocks import GUARDED
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.stripe_account import StripeAccess
from golive_checks.systems.gateways.stripe_deliveries import (
    NO_VERSION,
    Destination,
    StripeDestinations,
    StripeUndelivered,
)
from golive_checks.systems.gateways.stripe_signature import ACCEPTED, REJECTED, SignatureAnswers
from golive_checks.systems.gateways.webhooks import Callbacks
from golive_checks.systems.http.origins import Origin

NO_URL = "no host of role api has a webhook for Stripe (stripe.webhook_path)"
LISTED = 10
BY_STAR = ("payment_intent.", "checkout.session.", "invoice.", "charge.", "customer.", "refund.")
"""Families of events that `*` is known to bring."""


def _at(places: StripeDestinations, urls: Sequence[str]) -> list[Destination]:
    """Return where the account's own events go to the app; what brings connected accounts' alone is no double of it."""
    return [place for place in places.found if place.own and any(same_url(place.url, url) for url in urls)]


@check("stripe.endpoint-registered", when=in_use("stripe"), severity=Severity.CRITICAL, tags=("webhook",))
def endpoint_registered(
    env: Environment,
    seen: StripeAccess,
    places: StripeDestinations | Unavailable,
    hosts: Mapping[Host, Origin],
    ask: Stripe,
) -> Verdict:
    """Stripe sends each event to the app's webhook once.

    Why: Without an enabled endpoint at exactly this URL, payments are taken and never booked. With two of one version,
    each event comes twice. Stripe disables an endpoint after days of failures.

    Fix: Register the URL at https://dashboard.stripe.com/webhooks, in this environment's mode; enable it; remove
    duplicates.

    Source: https://docs.stripe.com/api/webhook_endpoints; https://docs.stripe.com/api/v2/core/event-destinations
    """
    if isinstance(places, Unavailable):
        return unseen(places)
    urls = urls_of(hosts, ask.webhook_path)
    if not urls:
        return not_applicable(NO_URL)
    here = _at(places, urls)
    live = [place for place in here if place.enabled]
    if not live:
        return _missing(places, here, urls)
    fails = [
        f"{place.id} is of {'live' if place.livemode else 'test'} mode, and {kind_of(env)}"
        for place in live
        if place.livemode != env.production
    ]
    fails += _doubles(live)
    if places.gap and not fails:
        return unknown(
            f"{live[0].url} is registered; event destinations, which may double it, were not seen: {places.gap}",
            fix="let the key read event destinations, too",
        )
    upgrade = f", {len(live)} of them, of different versions: an upgrade" if len(live) > 1 else ""
    return verdict(fails, ok=f"{live[0].url} is registered and enabled{upgrade}", evidence=[p.id for p in live])


def _doubles(live: Sequence[Destination]) -> list[str]:
    """Name the versions of which more than one endpoint is at the URL: each brings every event once more."""
    versions = ["thin events" if place.thin else place.api_version for place in live]
    return [
        f"{versions.count(version)} endpoints of one version ({version or 'that of the account'}) are at {live[0].url}"
        for version in dict.fromkeys(versions)
        if versions.count(version) > 1
    ]


def _missing(places: StripeDestinations, here: Sequence[Destination], urls: Sequence[str]) -> Verdict:
    others = [f"{p.id} goes to {p.url or 'no URL'} ({'enabled' if p.enabled else 'disabled'})" for p in places.found]
    if here:
        return failed(
            f"the endpoint at {here[0].url} is disabled",
            *others[:LISTED],
            fix="See why its deliveries failed, fix that, then enable it at https://dashboard.stripe.com/webhooks.",
        )
    near = next((f": {p.id} has {how}" for p in places.found if p.enabled and (how := nearly(p.url, urls))), "")
    count = len(places.found)
    return failed(f"none of {count} endpoints is at {urls[0]}{near}", *others[:LISTED])


@check("stripe.events-subscribed", when=in_use("stripe"), severity=Severity.CRITICAL, tags=("webhook",))
def events_subscribed(
    env: Environment,
    seen: StripeAccess,
    places: StripeDestinations | Unavailable,
    hosts: Mapping[Host, Origin],
    ask: Stripe,
) -> Verdict:
    """Stripe sends the app every event that it needs for its bookkeeping.

    Why: An event that nobody subscribed to is never sent: successes are not booked, or customers notice failures,
    refunds and disputes first.

    Fix: Add the events to the endpoint at https://dashboard.stripe.com/webhooks.

    Source: https://docs.stripe.com/api/events/types
    """
    if isinstance(places, Unavailable):
        return unseen(places)
    live = [place for place in _at(places, urls_of(hosts, ask.webhook_path)) if place.enabled]
    if not live:
        return not_applicable("no enabled endpoint brings events here (see stripe.endpoint-registered)")
    every = (*ask.needed_events, *ask.wanted_events)
    lacking = [event for event in every if not any(place.brings(event) for place in live)]
    # `*` leaves out what Stripe wants to be selected by name, and there is no list of that.
    perhaps = [
        f"{event} is brought by * alone, which leaves out events that must be selected by name"
        for event in every
        if event not in lacking and not event.startswith(BY_STAR) and not any(place.names(event) for place in live)
    ]
    return verdict(
        [f"no endpoint is subscribed to {event}" for event in lacking if event in ask.needed_events],
        [f"no endpoint is subscribed to {event}" for event in lacking if event not in ask.needed_events] + perhaps,
        ok=f"subscribed to all of {', '.join(every)}",
    )


@check("stripe.version-pinned", when=in_use("stripe"), severity=Severity.MEDIUM, tags=("webhook",))
def version_pinned(
    env: Environment,
    seen: StripeAccess,
    places: StripeDestinations | Unavailable,
    hosts: Mapping[Host, Origin],
    ask: Stripe,
) -> Verdict:
    """Stripe's events have the API version that the app was written for.

    Why: An endpoint without a version of its own follows the account's default: one click in the dashboard changes the
    format of every event overnight.

    Fix: Register a new endpoint with `api_version`, and set stripe.api_version to the version that the app expects.

    Source: https://docs.stripe.com/webhooks/versioning
    """
    if isinstance(places, Unavailable):
        return unseen(places)
    live = [place for place in _at(places, urls_of(hosts, ask.webhook_path)) if place.enabled]
    if not live:
        return not_applicable("no enabled endpoint brings events here (see stripe.endpoint-registered)")
    pinned = [place for place in live if not place.thin]
    if not pinned:
        return not_applicable("thin events are in no version of the API: the app fetches what they are about")
    versions = {place.api_version for place in pinned}
    other = bool(ask.api_version) and versions != {""} and not any(_fits(version, ask) for version in versions)
    fails = [f"{p.id} sends {p.api_version}, the app expects {ask.api_version}" for p in pinned if other]
    loose = [
        f"{place.id} has no version of its own: it follows the account's" for place in pinned if not place.api_version
    ]
    train = ask.api_version and ask.api_version not in versions
    same_train = (
        f", of the release train of {ask.api_version}, which Stripe's Java library would refuse" if train else ""
    )
    return verdict(fails, loose, ok=f"pinned to {', '.join(sorted(versions))}{same_train}")


def _fits(version: str, ask: Stripe) -> bool:
    """Return whether events of a version can be read by an app of another: they can within one release train."""
    mine, theirs = ask.api_version.partition(".")[2], version.partition(".")[2]
    return version == ask.api_version or (ask.version_match == "release train" and bool(mine) and mine == theirs)


@check("stripe.deliveries-clean", when=in_use("stripe"), severity=Severity.HIGH, tags=("webhook",))
def deliveries_clean(
    env: Environment,
    seen: StripeAccess,
    places: StripeDestinations | Unavailable,
    late: StripeUndelivered | Unavailable,
    hosts: Mapping[Host, Origin],
    ask: Stripe,
) -> Verdict:
    """No event of the last three days is undelivered.

    Why: Stripe tries for three days, in a sandbox for some hours, and then gives up; what has not arrived by then is
    never booked. Events of the last hour are left out: a retry may still deliver them.

    Fix: Look at the endpoint's deliveries in the dashboard, fix what refused them, and resend those events.

    Source: https://docs.stripe.com/webhooks/process-undelivered-events
    """
    if isinstance(places, Unavailable):
        return unseen(places)
    if isinstance(late, Unavailable):
        return unseen(late)
    live = [place for place in _at(places, urls_of(hosts, ask.webhook_path)) if place.enabled]
    if not live:
        return not_applicable("no enabled endpoint brings events here (see stripe.endpoint-registered)")
    ours = [event for event in late.events if any(place.brings(event.type) for place in live)]
    ids = {place.id for place in live}
    others = [p for p in places.found if p.enabled and p.id not in ids and any(p.brings(e.type) for e in ours)]
    lines = [f"{event.type} {event.id} has not been delivered" for event in ours]
    evidence = [f"{place.id} at {place.url or 'no URL'} is subscribed to it too" for place in others]
    shown = capped(lines, LISTED)
    ok = "every event of the last three days has been delivered"
    # Which of several endpoints has not taken an event, Stripe's API does not tell.
    return verdict([] if others else shown, shown if others else [], ok=ok, evidence=evidence[:LISTED])


@check("stripe.signature-enforced", when=in_use("stripe"), severity=Severity.CRITICAL, tags=("webhook",))
def signature_enforced(host: Host, got: SignatureAnswers, edge: Callbacks) -> Verdict:
    """The webhook rejects every event that Stripe has not signed, and accepts those that it has signed.

    Why: Whoever finds a webhook that does not verify can mark any order as paid. One that rejects genuine events books
    nothing, and so does one that checks only the first signature when the secret is rolled.

    Fix: Verify with `stripe.webhooks.constructEvent(rawBody, header, secret)` before anything else, over the raw bytes,
    with its tolerance of 300 s; answer 400 if it throws.

    Source: https://docs.stripe.com/webhooks#verify-manually
    """
    if not got.statuses:
        return not_applicable("the profile names no Stripe webhook of this host")
    fails = [
        f"{got.path} accepts an event with {name} ({status})"
        for name in REJECTED
        for status in got.statuses[name]
        if 200 <= status < 300  # noqa: PLR2004 - success
    ]
    fails += [
        f"{got.path} rejects {name} ({status})"
        for name in ACCEPTED
        for status in got.statuses[name]
        if not 200 <= status < 300  # noqa: PLR2004 - likewise
    ]
    evidence = [f"{name}: {', '.join(map(str, statuses))}" for name, statuses in got.statuses.items()]
    if doubt := _unproven(got, edge):
        return unknown(doubt[0], *evidence, fix=doubt[1])
    crashes = [
        f"{got.path} fails over an event with {name} ({status}): it should answer 400"
        for name in REJECTED
        for status in got.statuses[name]
        if status >= 500  # noqa: PLR2004 - the server's own failure
    ]
    ok = f"{got.path} rejects {len(REJECTED)} kinds of forgery and accepts {len(ACCEPTED)} genuine events"
    return verdict(fails, crashes, ok=ok, evidence=evidence) if fails or crashes else passed(ok, *evidence)


def _unproven(got: SignatureAnswers, edge: Callbacks) -> tuple[str, str] | None:
    """Say why refusals prove nothing here, and what to do about it; None where they do."""
    every = {status for statuses in got.statuses.values() for status in statuses}
    if "stripe" in edge.only_from_gateway and every <= GUARDED:
        return (
            f"{got.path} lets Stripe's own addresses alone through, by the profile, and not golive",
            "see that Stripe's calls arrive: its dashboard lists deliveries",
        )
    refused = all(status >= 300 for status in every)  # noqa: PLR2004 - no success
    if refused and not got.api_version:
        return f"{got.path} rejects a genuine event that bears no version of Stripe's API", NO_VERSION
    return None
