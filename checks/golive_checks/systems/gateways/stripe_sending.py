"""How golive sends events to a Stripe webhook: signed as Stripe would, or as Stripe never would."""

from dataclasses import dataclass, field

from golive import Unavailable
from golive_checks.subjects import Host
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.http.door import Door


@dataclass(frozen=True)
class Sender:
    """A webhook, and what its events are signed with."""

    door: Door
    path: str
    secret: str = field(repr=False)

    async def send(self, body: bytes, signature: str) -> int:
        """Send an event, and return the status that it gets; an empty signature is none."""
        headers = {"content-type": "application/json; charset=utf-8"}
        if signature:
            headers["stripe-signature"] = signature
        return (await self.door.post(self.path, body, headers)).status


def takes_events(host: Host, ask: Stripe) -> bool:
    """Return whether a host has a webhook for Stripe."""
    return host.serves_api and bool(ask.webhook_path)


def sender(host: Host, door: Door, ask: Stripe) -> Sender:
    """Return what sends events to a host's webhook.

    Raises:
        Unavailable: there is no secret to sign with, or the host does not answer.
    """
    secret = ask.webhook_secret.get_secret_value()
    if not secret:
        raise Unavailable(
            f"{host.name}: golive has no secret to sign an event with",
            fix="set stripe.webhook_secret in the profile, from STRIPE_WEBHOOK_SECRET",
        )
    return Sender(door.pinned(), ask.webhook_path, secret)
