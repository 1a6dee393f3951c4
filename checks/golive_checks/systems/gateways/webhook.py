"""How a host's Stripe webhook takes signed events whose bytes a parser would not write again."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from golive import Effect, Environment, Fact, Now, RunInfo, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.stripe_deliveries import StripeDestinations, version_of
from golive_checks.systems.gateways.stripe_events import PLAIN, event, signature, variants
from golive_checks.systems.gateways.stripe_sending import sender, takes_events
from golive_checks.systems.http.front import HostDoor
from golive_checks.systems.http.origins import Origin

FORGED = "forged"
"""The plain event, signed with a secret that nobody has: what a rejected signature looks like here."""


@dataclass(frozen=True)
class WebhookAnswers(Fact):
    """The status that each variant of an event got; empty where the host has no webhook."""

    path: str
    statuses: Mapping[str, int] = field(default_factory=dict)
    api_version: str = ""
    """The version of the API that the events bore; empty: none, which typed libraries refuse."""


def _requests(host: Host, ask: Stripe) -> int:
    return 5 if takes_events(host, ask) else 0


@probe("gateways.webhook-answers", requests=_requests, effect=Effect.ACTIVE)
async def webhook_answers(
    host: Host,
    door: HostDoor,
    ask: Stripe,
    now: Now,
    run: RunInfo,
    env: Environment,
    places: StripeDestinations | Unavailable,
    origin: Origin | Unavailable,
) -> WebhookAnswers:
    """Send the Stripe webhook signed events of odd spacing, escapes and unicode, and one that is forged."""
    if not takes_events(host, ask):
        return WebhookAnswers("")
    to = sender(host, door, ask)
    sent_at = int(now.at.timestamp())
    version = version_of(places, origin, ask)
    bodies = variants(event(run.id, sent_at, version))
    signed = {name: (body, signature(to.secret, body, sent_at)) for name, body in bodies.items()}
    signed[FORGED] = (bodies[PLAIN], signature("whsec_" + secrets.token_hex(16), bodies[PLAIN], sent_at))

    statuses = await asyncio.gather(*(to.send(*each) for each in signed.values()))
    return WebhookAnswers(ask.webhook_path, dict(zip(signed, statuses, strict=True)), version)
