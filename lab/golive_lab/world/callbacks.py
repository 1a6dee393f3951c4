"""How the API takes the gateways' calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

PAYPAL_PATH, MTN_PATH, ORANGE_PATH = "/webhooks/paypal", "/webhooks/mtn", "/webhooks/orange"
SIMULATOR_PATH = "/api/v1/payments/simulate"
PAY_PATH = "/api/v1/orders/{reference}/pay"
METHODS: Mapping[str, tuple[str, ...]] = {PAYPAL_PATH: ("POST",), MTN_PATH: ("POST", "PUT"), ORANGE_PATH: ("POST",)}
Believes = Literal["asks", "believes", "believes and refuses", "passes over"]
"""What the API makes of a notice: asks the gateway, books the answer, books it and answers 401, or answers 200 and
connects it with no order."""
Verifier = Literal[
    "sound",
    "none",
    "unsigned passes",
    "malformed passes",
    "any signature",
    "part of a signature",
    "any age",
    "first signature alone",
]
Books = Literal["once", "nothing", "each delivery", "unless seen", "in order of arrival"]
"""How Stripe's events are booked: one payment each; not at all, and answered 200; again at each delivery; after a look
whether it was booked, which two at once both do; or so that a failure that comes late undoes a success."""


@dataclass(frozen=True)
class CallbackHandling:
    """What happens to a call of a gateway."""

    front: Literal["", "slash", "wall", "locked", "challenge", "page", "down"] = ""
    """What is in front of Orange's path: a redirect, a password, a wall of the edge, a challenge, the front end."""
    refuses_puts: bool = False
    """MTN's path takes POST alone."""
    delay_s: float = 0.0
    """How long MTN's path takes to answer."""
    crashes: bool = False
    """PayPal's path answers 500 to what is not signed."""
    stripe: Verifier = "sound"
    books: Books = "once"
    """What becomes of Stripe's genuine events."""
    asks: Literal["the price", "a hundred times the price"] = "the price"
    """What Stripe is asked for an order in a currency without decimals."""
    paypal: Believes = "asks"
    mtn: Believes = "asks"
    orange: Believes = "asks"
    simulator: Literal["absent", "open", "behind a login"] = "absent"


@dataclass(frozen=True)
class Order:
    """An order that waits for its payment."""

    reference: str
    amount: str
    currency: str


TEST_ORDERS = {
    PAYPAL_PATH: Order("golive-test-paypal", "12.00", "EUR"),
    MTN_PATH: Order("golive-test-mtn", "500", "EUR"),
    ORANGE_PATH: Order("golive-test-orange", "5000", "OUV"),
}
"""The test orders of the profile, each of a gateway of its own."""
