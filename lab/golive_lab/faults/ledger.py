"""What can be wrong between what the gateways have taken and what the application has booked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from golive_lab.fault import Fault
from golive_lab.faults.payments import both, stripe
from golive_lab.faults.payments import taken as takes
from golive_lab.world.ledger import EUR, MTN, MTN_PENDING, ORANGE, PAYPAL, TAKEN, UGX, XOF, Payment

if TYPE_CHECKING:
    from golive_lab.world import World

Change = Callable[["World"], "World"]

DRIFT = "db.schema-drift"
"""Two rows of one payment need a table without its index."""
AGREES, STUCK, RECONCILES = "payments.ledger-agrees", "payments.none-stuck", "stripe.reconciles"


def booked(*rows: Payment) -> Change:
    """Change what the application has booked, and nothing else."""
    return lambda w: replace(w, payments=replace(w.payments, ledger=replace(w.payments.ledger, rows=rows)))


def taken(*payments: Payment) -> Change:
    """Change what the gateways know, and nothing else."""
    return lambda w: replace(w, payments=replace(w.payments, ledger=replace(w.payments.ledger, taken=payments)))


def without(which: Payment) -> tuple[Payment, ...]:
    """Return the healthy payments without one."""
    return tuple(each for each in TAKEN if each != which)


def but(which: Payment, **changes: str) -> tuple[Payment, ...]:
    """Return the healthy payments, one of them changed."""
    return tuple(replace(each, **changes) if each == which else each for each in TAKEN)  # type: ignore[arg-type]  # fields of Payment


INVENTED = replace(EUR, reference="pi_3GoliveLab9999")
NEVER_SENT = replace(MTN_PENDING, reference="00000000-0000-4000-8000-000000000000")

BOOKS = {
    "nothing": "The webhook answers 200 and books nothing",
    "each delivery": "An event that comes once more is booked once more",
    "unless seen": "An event that comes twice at once is booked twice",
    "in order of arrival": "A failure that comes late undoes a success",
}

FAULTS = (
    Fault("payments.lost-callback", AGREES, "A payment at Stripe has no row", booked(*without(EUR))),
    Fault(
        "payments.lost-and-pending",
        AGREES,
        "A payment at Stripe is still pending in the database",
        booked(*but(XOF, status="pending")),
        (STUCK,),
    ),
    Fault("payments.doubled-row", AGREES, "A payment has two rows", booked(*TAKEN, XOF), (DRIFT,)),
    Fault("payments.doubled-at-mtn", AGREES, "A payment at MTN has two rows", booked(*TAKEN, MTN), (DRIFT,)),
    Fault("payments.hundredfold", AGREES, "XOF are booked times 100", booked(*but(XOF, amount="500000"))),
    Fault("payments.hundredth", AGREES, "UGX are booked as if Stripe had taken units", booked(*but(UGX, amount="250"))),
    Fault("payments.cent", AGREES, "A payment is booked a cent too high", booked(*but(EUR, amount="12.51"))),
    Fault("payments.currency", AGREES, "Euros are booked as dollars", booked(*but(PAYPAL, currency="USD"))),
    Fault("payments.invented", AGREES, "A row is paid of which Stripe knows nothing", booked(*TAKEN, INVENTED)),
    Fault("payments.not-at-paypal", AGREES, "PayPal does not know a paid row", taken(*without(PAYPAL))),
    Fault("payments.not-at-mtn", AGREES, "MTN does not know a paid row", taken(*without(MTN))),
    Fault("payments.not-at-orange", AGREES, "Orange does not know a paid row", taken(*without(ORANGE))),
    Fault("payments.paid-though-failed", AGREES, "A row is paid that MTN refused", taken(*but(MTN, status="failed"))),
    Fault(
        "payments.may-not-list-charges",
        AGREES,
        "The restricted key may not list charges",
        stripe(restricted_from=("charge_read",)),
        outcome="unknown",
    ),
    Fault(
        "payments.session-hundredfold",
        AGREES,
        "What was paid by a Checkout session is booked times 100",
        booked(*but(XOF, reference=XOF.kept_as, amount="500000")),
    ),
    Fault(
        "payments.invoice-void",
        AGREES,
        "An invoice is booked as paid that is void",
        both(booked(*but(EUR, reference=EUR.kept_as)), taken(*but(EUR, status="failed"))),
    ),
    Fault(
        "payments.subscription-unpaid",
        AGREES,
        "A subscription is booked as paid whose latest invoice is open",
        both(booked(*but(UGX, reference=UGX.kept_as)), taken(*but(UGX, status="pending"))),
    ),
    Fault(
        "payments.of-an-unknown-kind",
        AGREES,
        "The application keeps a payment method's id for a payment",
        booked(*but(EUR, reference="pm_1GoliveLab0001")),
        outcome="unknown",
    ),
    Fault("payments.stuck", STUCK, "MTN has taken what is still pending", taken(*but(MTN_PENDING, status="paid"))),
    Fault("payments.stuck-failed", STUCK, "MTN has refused it long ago", taken(*but(MTN_PENDING, status="failed"))),
    Fault(
        "payments.never-sent",
        STUCK,
        "MTN does not know what is pending",
        booked(*TAKEN, NEVER_SENT),
        outcome="warn",
    ),
    *(
        Fault(f"stripe.books-{how.replace(' ', '-')}", RECONCILES, title, takes(books=how), (DRIFT,))
        for how, title in BOOKS.items()
    ),
)
