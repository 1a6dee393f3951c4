"""Does every gateway take the currencies that the app charges in?"""

import datetime as dt
from collections.abc import Mapping

from golive import Environment, Severity, Verdict, check, not_configured, verdict
from golive_checks.dated import table
from golive_checks.systems.gateways.gateways import Gateway, Gateways, any_in_use
from golive_checks.systems.gateways.mtn import TARGETS, Mtn
from golive_checks.systems.gateways.orange import COUNTRIES, PERHAPS, Orange
from golive_checks.systems.gateways.paypal import PayPal
from golive_checks.systems.gateways.stripe import Stripe

_TAKEN, _MOBILE = table("currencies"), table("mobile_money")
PAYPAL, STRIPE = (frozenset(_TAKEN.facts[name].split()) for name in ("paypal", "stripe"))
AS_OF: Mapping[Gateway, dt.date] = {
    "stripe": _TAKEN.as_of,
    "paypal": _TAKEN.as_of,
    "mtn": _MOBILE.as_of,
    "orange": _MOBILE.as_of,
}
"""The day of golive's list of each gateway's currencies."""


@check("payments.currency-supported", when=any_in_use, severity=Severity.HIGH)
def currency_supported(
    env: Environment, gateways: Gateways, stripe: Stripe, paypal: PayPal, mtn: Mtn, orange: Orange
) -> Verdict:
    """Every gateway in use supports the currencies that the app charges in through it.

    Why: A gateway refuses an unsupported currency at the moment of payment, in front of the customer. PayPal supports
    neither GNF nor XOF nor XAF; MTN and Orange only the country's own, and EUR and OUV in their sandboxes.

    Fix: Offer the gateway only for the currencies it takes, or convert first. List what the app charges in through each
    gateway under its `currencies`.

    Source: https://developer.paypal.com/reference/currency-codes; https://docs.stripe.com/currencies
    """
    charged: Mapping[Gateway, tuple[str, ...]] = {
        "stripe": stripe.currencies,
        "paypal": paypal.currencies,
        "mtn": mtn.currencies,
        "orange": orange.currencies,
    }
    taken: dict[Gateway, frozenset[str]] = {"stripe": STRIPE, "paypal": PAYPAL}
    if target := TARGETS.get(mtn.target_environment):
        taken["mtn"] = target
    if country := COUNTRIES.get(orange.country):
        taken["orange"] = frozenset({country})
    asked = [(gateway, currency) for gateway in gateways.enabled for currency in charged[gateway]]
    if not asked:
        return not_configured("the profile names no currency of a gateway in use", "paypal.currencies")
    fails = [
        f"{gateway} does not take {currency}, by its list of {AS_OF[gateway]}"
        for gateway, currency in asked
        if currency not in taken.get(gateway, {currency})
    ]
    blind = [
        f"{gateway} may not take {currency}: {_unsure(gateway, orange)}"
        for gateway, currency in asked
        if gateway not in taken
    ]
    listed = ", ".join(f"{gateway} {currency}" for gateway, currency in asked)
    return verdict(fails, blind, ok=f"all taken: {listed}")


def _unsure(gateway: Gateway, orange: Orange) -> str:
    """Say why nothing is known of a gateway's currencies."""
    if gateway == "orange" and orange.country in PERHAPS:
        return f"which API {orange.country} has, and in which currency, could not be verified"
    return "its country is not known"
