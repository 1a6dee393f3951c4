"""Does every gateway take the currencies that the app charges in?"""

from collections.abc import Mapping

from golive import Environment, Severity, Verdict, check, not_configured, verdict
from golive_checks.dated import table
from golive_checks.systems.gateways.gateways import Gateway, Gateways, any_in_use
from golive_checks.systems.gateways.mtn import ALSO, TARGETS, Mtn
from golive_checks.systems.gateways.orange import COUNTRIES, Orange
from golive_checks.systems.gateways.paypal import PayPal
from golive_checks.systems.gateways.stripe import Stripe

_TAKEN = table("currencies").facts
PAYPAL, STRIPE = frozenset(_TAKEN["paypal"].split()), frozenset(_TAKEN["stripe"].split())


@check("payments.currency-supported", when=any_in_use, severity=Severity.HIGH)
def currency_supported(
    env: Environment, gateways: Gateways, stripe: Stripe, paypal: PayPal, mtn: Mtn, orange: Orange
) -> Verdict:
    """Every gateway in use takes the currencies that the app charges in through it.

    Why: A gateway refuses a currency that it lacks at the moment of payment, in front of the customer. PayPal knows
    neither GNF nor XOF nor XAF; MTN and Orange know the country's own alone, and their sandboxes EUR and OUV.

    Fix: Offer the gateway for other currencies only, or convert before. Name under `currencies` of each gateway what
    is charged in through it.

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
        taken["mtn"] = frozenset({target}) | ALSO.get(mtn.target_environment, frozenset())
    if country := COUNTRIES.get(orange.country):
        taken["orange"] = frozenset({country})
    asked = [(gateway, currency) for gateway in gateways.enabled for currency in charged[gateway]]
    if not asked:
        return not_configured("the profile names no currency of a gateway in use", "paypal.currencies")
    fails = [
        f"{gateway} does not take {currency}"
        for gateway, currency in asked
        if currency not in taken.get(gateway, {currency})
    ]
    blind = [
        f"{gateway} may not take {currency}: its country is not known"
        for gateway, currency in asked
        if gateway not in taken
    ]
    listed = ", ".join(f"{gateway} {currency}" for gateway, currency in asked)
    return verdict(fails, blind, ok=f"all taken: {listed}")
