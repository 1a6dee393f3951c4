"""An app of PayPal's, and its webhook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from golive_lab.world import env_texts as texts
from golive_lab.world.callbacks import PAYPAL_PATH
from golive_lab.world.names import API

if TYPE_CHECKING:
    from golive_lab.world.gateways.mood import Mood

CLIENT_ID = texts.value_of(texts.API, "PAYPAL_CLIENT_ID")
CLIENT_SECRET = texts.value_of(texts.API, "PAYPAL_CLIENT_SECRET")
WEBHOOK_ID = texts.value_of(texts.API, "PAYPAL_WEBHOOK_ID")
EVENTS = (
    "PAYMENT.CAPTURE.COMPLETED",
    "PAYMENT.CAPTURE.DENIED",
    "PAYMENT.CAPTURE.REFUNDED",
    "PAYMENT.CAPTURE.REVERSED",
    "CUSTOMER.DISPUTE.CREATED",
)


@dataclass(frozen=True)
class PayPalSide:
    """An app of PayPal's."""

    mood: Mood = ""
    credentials_good: bool = True
    webhook_url: str = f"https://{API}:{{https}}{PAYPAL_PATH}"
    """`{https}` stands for the lab's port; empty for no webhook."""
    webhook_id: str = WEBHOOK_ID
    events: tuple[str, ...] = EVENTS
