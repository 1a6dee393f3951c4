"""Is Stripe asked for what an order costs?"""

from golive import Severity, Verdict, check, not_applicable, not_configured, unknown, verdict
from golive_checks.subjects import Host
from golive_checks.systems.gateways.asked_amounts import AskedAmount, AskedAmounts, PaymentRequest
from golive_checks.systems.gateways.gateways import in_use
from golive_checks.systems.gateways.money import of_stripe, to_stripe
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.stripe_sending import takes_events


@check("stripe.amount-asked", when=in_use("stripe"), severity=Severity.CRITICAL)
def amount_asked(host: Host, seen: AskedAmounts, stripe: Stripe, ask: PaymentRequest) -> Verdict:
    """The app asks Stripe for what an order costs, in the currency's smallest unit.

    Why: Stripe counts XOF, XAF, GNF, JPY and others in whole units, where it counts euros in cents, and TND and KWD in
    thousandths. An app that multiplies every price by 100 asks a customer in Dakar for a hundred times the price, or
    is refused; the ledger shows it only when money has flowed.

    Fix: Multiply by the currency's own factor: 1 for the zero-decimal currencies, 1000 for the three-decimal ones,
    100 for the rest, UGX and ISK among them.

    Source: https://docs.stripe.com/currencies#zero-decimal
    """
    if not takes_events(host, stripe):
        return not_applicable("the profile names no Stripe webhook of this host")
    if not ask.request:
        return not_configured("the profile does not say how a payment is started", "payments.asked.request")
    converted = [each for each in seen.asked if each.asked_currency != each.currency]
    fails = [text for each in seen.asked if each not in converted and (text := _wrong(each))]
    if converted and not fails:
        first = converted[0]
        return unknown(
            f"the app asks Stripe for {first.asked_currency} for an order in {first.currency}: whether the amount is "
            "right depends on a rate that golive does not know",
            fix="name currencies in payments.asked.orders that the app does not convert",
        )
    right = ", ".join(f"{each.amount} {each.currency} as {each.smallest}" for each in seen.asked)
    return verdict(fails, ok=f"the app asks Stripe for what the order costs: {right}")


def _wrong(of: AskedAmount) -> str:
    """Say by how much the app asks for another amount than the order's; empty where it is the same."""
    wanted = to_stripe(of.amount, of.currency)
    if of.smallest == wanted:
        return ""
    times = of.smallest // wanted if wanted and of.smallest % wanted == 0 else 0
    by = f", {times} times as much" if times else ""
    asked = of_stripe(of.smallest, of.currency)
    return f"the app asks Stripe for {asked} {of.currency} for an order of {of.amount} {of.currency}{by}"
