"""Stripe's settings, and the guard that no key of real money is held where it does not belong."""

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from golive import Settings
from golive_checks.subjects import UrlPath
from golive_checks.systems.gateways.gateways import Currency
from golive_checks.systems.vendors.client.client import ApiBase

LIVE = re.compile(r"(?:sk|rk|sk_org)_live_")
KEY = re.compile(r"(?P<kind>sk_org|sk|rk|pk)_(?P<mode>live|test)_")
"""https://docs.stripe.com/keys"""
ORGANIZATION = "sk_org_"
"""A key of an organization, which must name the account that it asks for (https://docs.stripe.com/keys#organization-api-keys)."""
API = "https://api.stripe.com"
BOOKED_BY: Mapping[str, tuple[str, ...]] = {
    "payment intents": ("payment_intent.succeeded", "payment_intent.payment_failed"),
    "checkout": ("checkout.session.completed", "checkout.session.async_payment_succeeded"),
    "invoices": ("invoice.paid", "invoice.payment_failed"),
}
"""https://docs.stripe.com/checkout/fulfillment, https://docs.stripe.com/billing/subscriptions/webhooks"""


def _key(secret: SecretStr, info: ValidationInfo) -> SecretStr:
    """Refuse a key of real money outside production, before anything is sent anywhere."""
    value = secret.get_secret_value()
    context = info.context if isinstance(info.context, dict) else {"production": True}
    if LIVE.match(value) and not context.get("production", False):
        raise ValueError("a live key, and the profile is not one of production; use the test key of this environment")
    if value.startswith("pk_"):
        raise ValueError("a publishable key; a secret or restricted one (sk_ or rk_) is needed")
    return secret


Key = Annotated[SecretStr, AfterValidator(_key)]
AccountId = Annotated[str, StringConstraints(pattern=r"^(acct_[A-Za-z0-9]{1,64})?$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]


class OtherAccount(BaseModel):
    """What of Stripe another environment has: its account's id, or a key to ask with; what its webhook's secret is."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    account: AccountId = ""
    """`acct_...`, as the dashboard shows it."""
    secret_key: Key = SecretStr("")
    """A key of that environment, where its account's id is not known."""
    webhook_secret_sha256: Sha256 = ""
    """The SHA-256 of its `whsec_...`, in hex: `printf %s "$STRIPE_WEBHOOK_SECRET" | sha256sum`."""


class Stripe(Settings):
    """The API's Stripe webhook, and the account that its events come from."""

    home: ClassVar[str] = "stripe"

    webhook_path: UrlPath = ""
    """Where the API takes Stripe's events; empty: it takes none."""
    webhook_secret: SecretStr = SecretStr("")
    """The endpoint's signing secret, `whsec_...`: `${STRIPE_WEBHOOK_SECRET}`."""
    secret_key: Key = SecretStr("")
    """The API's own key, or better a restricted one that may read: `${STRIPE_SECRET_KEY}`. Never sent but to Stripe."""
    context: AccountId = ""
    """The account that is asked for with an organization's key (sk_org_...), as in the header Stripe-Context."""
    api_base: ApiBase = API
    """Where Stripe's API is: a stand-in for it has another address."""
    api_version: str = ""
    """The version of Stripe's API that the app was written against; empty: whichever the endpoint is pinned to."""
    books_by: Literal["payment intents", "checkout", "invoices"] = "payment intents"
    """Which events the app books payments by, where required_events does not name them."""
    required_events: tuple[str, ...] = ()
    """Without these, payments are not booked. Empty: those of `books_by`."""
    version_match: Literal["release train", "exact"] = "release train"
    """How close an endpoint's version and api_version must be: of one release train (the word after the date), or the
    same, as Stripe's Java library wants it."""
    wanted_events: tuple[str, ...] = ("charge.refunded", "charge.dispute.created")
    """Without these, a warning."""
    currencies: tuple[Currency, ...] = ()
    """What is charged in through Stripe."""
    account_ready: Literal["in production", "always"] = "in production"
    """Where the account must be able to take payments. A sandbox is an account of its own."""
    compare_with: dict[str, OtherAccount] = Field(default_factory=dict)
    """Other environments, by name: none may share the account, or the webhook's secret."""

    @property
    def needed_events(self) -> tuple[str, ...]:
        """The events without which no payment is booked."""
        return self.required_events or BOOKED_BY[self.books_by]

    @model_validator(mode="after")
    def _secret_is_its_own(self) -> "Stripe":
        secret = self.webhook_secret.get_secret_value()
        digest = hashlib.sha256(secret.encode()).hexdigest() if secret else ""
        for name, other in self.compare_with.items():
            if digest and digest == other.webhook_secret_sha256:
                raise ValueError(f"webhook_secret is the one of {name}; use the secret of this environment's endpoint")
        return self
