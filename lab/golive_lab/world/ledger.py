"""The payments of the last days: as each gateway knows them, and as the application's database has them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal

from golive_lab.world.env_texts import made_up

Status = Literal["paid", "refunded", "pending", "failed"]
HOUR = 3600


@dataclass(frozen=True)
class Payment:
    """A payment as one side knows it; `amount` in the currency's own unit."""

    gateway: Literal["stripe", "paypal", "mtn", "orange"]
    reference: str
    """What the gateway calls it."""
    amount: str
    currency: str
    status: Status = "paid"
    age_s: int = 5 * HOUR
    token: str = ""
    """Orange's pay_token."""
    kept_as: str = ""
    """Another object of Stripe's that it was made by, which an app may keep in its place: a Checkout session, an
    invoice or a subscription."""


def _uuid(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"golive-lab:{name}"))


EUR = Payment("stripe", "pi_3GoliveLab0001", "12.50", "EUR", kept_as="in_1GoliveLab0001")
XOF = Payment("stripe", "pi_3GoliveLab0002", "5000", "XOF", kept_as="cs_test_a1GoliveLab0002")
UGX = Payment("stripe", "pi_3GoliveLab0003", "25000", "UGX", kept_as="sub_1GoliveLab0003")
REFUNDED = Payment("stripe", "pi_3GoliveLab0004", "7.90", "EUR", "refunded", age_s=30 * HOUR)
FAILED = Payment("stripe", "pi_3GoliveLab0005", "99.00", "EUR", "failed")
PAYPAL = Payment("paypal", "2GG279541U471931P", "18.40", "EUR")
MTN = Payment("mtn", _uuid("paid"), "500", "EUR")
MTN_PENDING = Payment("mtn", _uuid("pending"), "250", "EUR", "pending")
ORANGE = Payment("orange", "AFG-2026-0007", "5000", "OUV", token=made_up("orange pay token", 64))

TAKEN = (EUR, XOF, UGX, REFUNDED, FAILED, PAYPAL, MTN, MTN_PENDING, ORANGE)


@dataclass(frozen=True)
class LedgerSides:
    """The two sides, which agree."""

    taken: tuple[Payment, ...] = TAKEN
    """What the gateways know."""
    rows: tuple[Payment, ...] = TAKEN
    """What the application's database has."""
