"""An account of Stripe's, and its webhook endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from golive_lab.world import env_texts as texts
from golive_lab.world.app import WEBHOOK_PATH
from golive_lab.world.names import API

if TYPE_CHECKING:
    from golive_lab.world.gateways.mood import Mood

KEY = texts.value_of(texts.API, "STRIPE_SECRET_KEY")
ORGANIZATION_KEY = "sk_org_test_" + texts.made_up("stripe organization", 32)
"""Of an organization that has this account among others."""
OTHER_ACCOUNT = "acct_1GoliveLabStaging"
API_VERSION = "2026-10-28.endive"
EVENTS = (
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "charge.refunded",
    "charge.dispute.created",
)
URL = f"https://{API}:{{https}}{WEBHOOK_PATH}"


@dataclass(frozen=True)
class StripeEndpoint:
    """A webhook endpoint or, by its id, an event destination."""

    id: str = "we_1GoliveLab"
    url: str = URL
    """`{https}` stands for the lab's port."""
    status: str = "enabled"
    api_version: str | None = API_VERSION
    events: tuple[str, ...] = EVENTS
    livemode: bool = False
    application: str | None = None
    """The Connect application whose connected accounts' events an endpoint brings."""
    events_from: tuple[str, ...] = ("@self",)
    """Or `@accounts`, those of connected accounts."""
    payload: str = "snapshot"
    """Or `thin`; both of event destinations alone."""


@dataclass(frozen=True)
class StripeSide:
    """An account of Stripe's, and the app's key of it."""

    mood: Mood = ""
    key_state: str = ""
    """Why the key is refused: `api_key_expired`; empty for none."""
    restricted_from: tuple[str, ...] = ()
    """The permissions that the key lacks: `accounts_kyc_id_numbers_read`, `webhook_read`, `event_read`."""
    account: str = "acct_1GoliveLabDemo"
    charges_enabled: bool = True
    payouts_enabled: bool = True
    past_due: tuple[str, ...] = ()
    currently_due: tuple[str, ...] = ()
    endpoints: tuple[StripeEndpoint, ...] = (StripeEndpoint(),)
    destinations: tuple[StripeEndpoint, ...] = ()
    undelivered: tuple[tuple[str, int], ...] = ()
    """Type and age in seconds of events that an endpoint has not taken."""
