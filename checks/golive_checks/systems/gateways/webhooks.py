"""Where the API takes the gateways' calls, and who answers there: the app, or something in front of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from pydantic import Field

from golive import Effect, Environment, Fact, RunInfo, Settings, Subject, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.gateways.elsewhere import any_path_gets, no_such_path
from golive_checks.systems.gateways.gateways import Gateway, Gateways, uuid_of
from golive_checks.systems.gateways.knocks import NO_ROUTE, Knock, doubtful, knock_of
from golive_checks.systems.gateways.mtn import Mtn
from golive_checks.systems.gateways.orange import Orange
from golive_checks.systems.gateways.paypal import PayPal
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.http.client.message import Access, Response
from golive_checks.systems.http.client.trouble import NotListening
from golive_checks.systems.http.door import Door, in_clear
from golive_checks.systems.http.front import HostDoor

KEYS: Mapping[Gateway, str] = {
    "stripe": "stripe.webhook_path",
    "paypal": "paypal.webhook_path",
    "mtn": "mtn.callback_path",
    "orange": "orange.notify_path",
}
METHODS: Mapping[Gateway, tuple[str, ...]] = {"mtn": ("POST", "PUT")}
"""MTN calls back by POST or by PUT, by the version of the product (https://momodeveloper.mtn.com/api-documentation/callback)."""
SIGNED: frozenset[Gateway] = frozenset({"stripe", "paypal"})
"""The gateways that sign what they send."""


class Callbacks(Settings):
    """How the gateways' calls must be taken."""

    home: ClassVar[str] = "payments.callbacks"

    max_seconds: float | None = Field(default=None, gt=0)
    """How long any call may take. Unset: as long as each gateway waits."""
    only_from_gateway: tuple[Gateway, ...] = ()
    """Gateways whose published addresses alone the edge lets through to their paths. What answers there then is no
    fault, and what is behind it cannot be seen from elsewhere."""

    def limit(self, gateway: Gateway) -> "AnswerLimit":
        """Return how long a call of a gateway may take."""
        return AnswerLimit(self.max_seconds, "payments.callbacks.max_seconds") if self.max_seconds else LIMITS[gateway]


@dataclass(frozen=True)
class AnswerLimit:
    """How long a gateway waits for an answer, and by whose word; one that nobody published fails nothing."""

    seconds: float
    source: str
    published: bool = True


LIMITS: Mapping[Gateway, AnswerLimit] = {
    "mtn": AnswerLimit(2, "one of two editions of https://momodeveloper.mtn.com/api-documentation/callback"),
    "stripe": AnswerLimit(
        10, "for so long Checkout keeps the customer; Stripe publishes no limit of its own", published=False
    ),
    "paypal": AnswerLimit(20, "what PayPal says of its older IPN; of webhooks it says nothing", published=False),
    "orange": AnswerLimit(10, "golive's own caution; Orange publishes none", published=False),
}


@dataclass(frozen=True)
class Webhook(Subject):
    """A path of a host where a gateway calls: `mtn api.example.com/webhooks/mtn`."""

    host: Host
    gateway: Gateway = "stripe"
    path: str = ""
    in_clear: bool = False
    """It is called over http and not over https: by MTN's sandbox alone."""


UNSURE_S = 1.0
"""A call that takes longer is made once more, and the quicker one counts: golive itself may have been busy."""


@dataclass(frozen=True)
class WebhookReached(Fact):
    """What a gateway's unsigned call gets, by each method that the gateway uses."""

    knocks: tuple[Knock, ...]


@probe("gateways.webhook", empty="receives no gateway calls: it is not the API")
async def webhooks(
    host: Host, env: Environment, gateways: Gateways, stripe: Stripe, paypal: PayPal, mtn: Mtn, orange: Orange
) -> tuple[Webhook, ...]:
    """Take from the profile where each gateway in use calls.

    MTN's sandbox calls over http, and no other environment does (https://momodeveloper.mtn.com/api-documentation).
    """
    if not host.serves_api:
        return ()
    paths: Mapping[Gateway, str] = {
        "stripe": stripe.webhook_path,
        "paypal": paypal.webhook_path,
        "mtn": mtn.callback_path,
        "orange": orange.notify_path,
    }
    elsewhere = {"mtn"} if mtn.callback_host and mtn.callback_host.lower() != host.name else set()
    return tuple(
        Webhook(
            f"{gateway} {host.name}{paths[gateway]}",
            host,
            gateway,
            paths[gateway],
            in_clear=gateway == "mtn" and mtn.meant(env) == "sandbox",
            at=host.at,
        )
        for gateway in gateways.enabled
        if gateway not in elsewhere
    )


def demand_path(webhook: Webhook) -> None:
    """Raise where the profile does not say where the gateway calls."""
    if not webhook.path:
        raise Unavailable(
            f"the profile does not say where {webhook.host.name} takes {webhook.gateway}'s calls",
            fix=f"set {KEYS[webhook.gateway]}",
        )


def _requests(host: Host) -> int:
    return 4 if host.serves_api else 0


@probe("gateways.reached", requests=_requests, effect=Effect.ACTIVE)
async def reached(webhook: Webhook, door: HostDoor, run: RunInfo) -> WebhookReached:
    """Call the webhook as its gateway would, unsigned and without access headers."""
    demand_path(webhook)
    open_door: Door = replace(door, access=Access())
    if webhook.in_clear:
        open_door = in_clear(open_door, webhook.host)
    knocks = []
    for method in METHODS.get(webhook.gateway, ("POST",)):
        try:
            knocks.append(await _knocked(open_door, method, webhook.path, run))
        except NotListening as shut:
            if not (webhook.in_clear and shut.refused):
                raise
            knocks.append(Knock(method, 0, 0.0))
    return WebhookReached(tuple(knocks))


async def _knocked(door: Door, method: str, path: str, run: RunInfo) -> Knock:
    """Call a path, and paths that do not exist where those show who answers."""
    body = json.dumps({"id": f"golive_{run.id}", "note": "a readiness check"}).encode()
    filled = {"{reference}": uuid_of(f"golive:{run.id}"), "{gateway_reference}": uuid_of(f"golive:gateway:{run.id}")}

    async def ask(method: str, path: str) -> Response:
        for mark, value in filled.items():
            path = path.replace(mark, value)
        return await door.knock(method, path, body, {"content-type": "application/json"})

    got = await ask(method, path)
    if got.seconds + got.unsure_s > UNSURE_S:
        got = min(got, await ask(method, path), key=lambda each: each.seconds + each.unsure_s)
    bare = path.partition("?")[0]
    beside = [no_such_path(bare, f"{run.id}{end}") for end in ("", "-2")] if doubtful(got) else []
    nowhere = [await ask(method, other) for other in beside]
    routed = False
    if got.status == NO_ROUTE and any_path_gets(got, nowhere):
        # Frameworks answer both with 404, what is not routed and what is not found, but know a route's methods.
        options = [await ask("OPTIONS", each) for each in (path, *beside)]
        routed = options[0].status != NO_ROUTE and not any_path_gets(options[0], options[1:])
    return knock_of(method, got, nowhere, routed=routed)
