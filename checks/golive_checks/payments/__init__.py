"""Section 8 of the checklist: Stripe and the other gateways."""

from golive import Section
from golive_checks.dated import tables
from golive_checks.payments import (
    amounts,
    currencies,
    forgeries,
    ledger,
    mtn,
    orange,
    paypal,
    reconciliation,
    simulators,
    stripe,
    stripe_webhook,
    webhooks,
)

section = Section(
    "payments",
    title="Stripe and the other gateways",
    number=8,
    modules=(
        stripe_webhook,
        reconciliation,
        amounts,
        webhooks,
        stripe,
        paypal,
        mtn,
        orange,
        forgeries,
        ledger,
        simulators,
        currencies,
    ),
    tables=tables("currencies", "mobile_money"),
)
