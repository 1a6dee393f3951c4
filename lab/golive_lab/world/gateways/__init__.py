"""The gateways: what their APIs are like, and what the profile says about them."""

from __future__ import annotations

from dataclasses import dataclass, field

from golive_lab.world.gateways import mtn, orange, paypal, stripe
from golive_lab.world.ledger import LedgerSides


@dataclass(frozen=True)
class ProfileValues:
    """What the profile says of the gateways, in the words that a fault may change."""

    paypal_mode: str = "sandbox"
    paypal_currency: str = "EUR"
    mtn_target: str = "sandbox"
    mtn_currency: str = "EUR"
    mtn_list_of: str = "2026-10-01"
    mtn_issuer: str = "Golive Lab Trust R1"
    orange_country: str = "dev"
    orange_mode: str = "sandbox"
    orange_currency: str = "OUV"
    orange_path: str = "/webhooks/orange"
    stripe_other: str = stripe.OTHER_ACCOUNT
    stripe_version: str = stripe.API_VERSION
    stripe_key: str = stripe.KEY
    stripe_context: str = ""


@dataclass(frozen=True)
class Payments:
    """The four gateways."""

    stripe: stripe.StripeSide = field(default_factory=stripe.StripeSide)
    paypal: paypal.PayPalSide = field(default_factory=paypal.PayPalSide)
    mtn: mtn.MtnSide = field(default_factory=mtn.MtnSide)
    orange: orange.OrangeSide = field(default_factory=orange.OrangeSide)
    in_profile: ProfileValues = field(default_factory=ProfileValues)
    ledger: LedgerSides = field(default_factory=LedgerSides)
