"""A payment as Stripe's API reports it: the charge, and the PaymentIntent that it was made by."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from golive_lab.world.ledger import Payment

ZERO_DECIMAL = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
"""https://docs.stripe.com/currencies#zero-decimal; UGX is not among them: 5 UGX are 500."""


def charge(of: Payment, now: int) -> dict[str, Any]:
    """Return the charge (https://docs.stripe.com/api/charges/object)."""
    amount = _minor(of)
    took = of.status in {"paid", "refunded"}
    return {
        "id": of.reference.replace("pi_", "ch_"),
        "object": "charge",
        "amount": amount,
        "amount_captured": amount if took else 0,
        "amount_refunded": amount if of.status == "refunded" else 0,
        "captured": took,
        "created": now - of.age_s,
        "currency": of.currency.lower(),
        "livemode": False,
        "metadata": {"app": "afrigest"},
        "paid": took,
        "payment_intent": of.reference,
        "refunded": of.status == "refunded",
        "status": "succeeded" if took else of.status,
    }


def intent(of: Payment, now: int) -> dict[str, Any]:
    """Return the PaymentIntent (https://docs.stripe.com/api/payment_intents/object)."""
    amount = _minor(of)
    states = {"pending": "processing", "failed": "canceled"}
    return {
        "id": of.reference,
        "object": "payment_intent",
        "amount": amount,
        "amount_received": amount if of.status in {"paid", "refunded"} else 0,
        "capture_method": "automatic",
        "created": now - of.age_s - 60,
        "currency": of.currency.lower(),
        "latest_charge": of.reference.replace("pi_", "ch_"),
        "livemode": False,
        "metadata": {"app": "afrigest"},
        "status": states.get(of.status, "succeeded"),
    }


def session(of: Payment, now: int) -> dict[str, Any]:
    """Return the Checkout session that made it (https://docs.stripe.com/api/checkout/sessions/object)."""
    took = of.status in {"paid", "refunded"}
    return {
        "id": of.kept_as,
        "object": "checkout.session",
        "amount_total": _minor(of),
        "created": now - of.age_s - 90,
        "currency": of.currency.lower(),
        "invoice": None,
        "livemode": False,
        "metadata": {"app": "afrigest"},
        "mode": "payment",
        "payment_intent": of.reference,
        "payment_status": "paid" if took else "unpaid",
        "status": {"failed": "expired", "pending": "open"}.get(of.status, "complete"),
    }


def invoice(of: Payment, id_: str, now: int) -> dict[str, Any]:
    """Return the invoice that it paid (https://docs.stripe.com/api/invoices/object)."""
    took = of.status in {"paid", "refunded"}
    payment = {"type": "payment_intent", "payment_intent": of.reference}
    paid_by = {"id": "inpay_1GoliveLab", "object": "invoice_payment", "payment": payment}
    return {
        "id": id_,
        "object": "invoice",
        "amount_due": _minor(of),
        "amount_paid": _minor(of) if took else 0,
        "created": now - of.age_s - 90,
        "currency": of.currency.lower(),
        "livemode": False,
        "metadata": {"app": "afrigest"},
        "payments": {
            "object": "list",
            "data": [paid_by] if took else [],
            "has_more": False,
            "url": "/v1/invoice_payments",
        },
        "status": {"failed": "void", "pending": "open"}.get(of.status, "paid"),
    }


def subscription(of: Payment, now: int) -> dict[str, Any]:
    """Return the subscription whose latest invoice it paid (https://docs.stripe.com/api/subscriptions/object)."""
    return {
        "id": of.kept_as,
        "object": "subscription",
        "created": now - of.age_s - 120,
        "currency": of.currency.lower(),
        "latest_invoice": invoice(of, of.kept_as.replace("sub_", "in_"), now),
        "livemode": False,
        "metadata": {"app": "afrigest"},
        "status": {"failed": "canceled", "pending": "incomplete"}.get(of.status, "active"),
    }


def asked_intent(id_: str, asked: Mapping[str, str], now: int) -> dict[str, Any]:
    """Return a PaymentIntent as it is made: nothing of it is paid yet."""
    return {
        "id": id_,
        "object": "payment_intent",
        "amount": int(asked["amount"]),
        "amount_received": 0,
        "client_secret": f"{id_}_secret_gOlIvE",
        "created": now,
        "currency": asked["currency"].lower(),
        "livemode": False,
        "metadata": {"app": "afrigest"},
        "status": "requires_payment_method",
    }


def _minor(of: Payment) -> int:
    """Return the amount in Stripe's smallest unit."""
    return int(Decimal(of.amount) * (1 if of.currency in ZERO_DECIMAL else 100))
