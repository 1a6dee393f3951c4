"""Are Stripe's key and its account those of this environment, and can the account take payments?"""

from golive import (
    Environment,
    Severity,
    Unavailable,
    Verdict,
    check,
    failed,
    not_applicable,
    not_configured,
    passed,
    unknown,
    verdict,
)
from golive_checks.payments.words import kind_of, unseen
from golive_checks.systems.gateways.gateways import in_use
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.stripe_account import StripeAccess, StripeOthers


def _forbidden(seen: StripeAccess) -> Verdict:
    return unknown(
        f"the restricted key may not read the account: it lacks {seen.lacking}",
        fix=f"grant the key {seen.lacking} at https://dashboard.stripe.com/apikeys",
    )


@check("stripe.key-works", when=in_use("stripe"), severity=Severity.CRITICAL)
def key_works(env: Environment, seen: StripeAccess) -> Verdict:
    """Stripe accepts the secret key, and its mode is this environment's.

    Why: With a revoked or expired key every payment fails; with a test key in production nobody pays.

    Fix: Copy the key of this environment from https://dashboard.stripe.com/apikeys.

    Source: https://docs.stripe.com/keys
    """
    if seen.refused:
        return failed(f"Stripe refuses the key ({seen.refused})")
    if not seen.mode:
        return unknown("the key has no prefix that shows its mode", fix="use a key that begins with sk_ or rk_")
    wanted = "live" if env.production else "test"
    kind = "restricted key" if seen.restricted else "secret key"
    if seen.mode != wanted:
        return failed(f"a {seen.mode} key, and {kind_of(env)}")
    limited = f"; it lacks {seen.lacking}" if seen.lacking else ""
    return passed(f"a {kind} of {seen.mode} mode, which Stripe accepts{limited}")


@check("stripe.account-ready", when=in_use("stripe"), severity=Severity.CRITICAL)
def account_ready(env: Environment, seen: StripeAccess, ask: Stripe) -> Verdict:
    """The account may take payments and payouts, and Stripe is waiting for no information.

    Why: Stripe stops charges or payouts of an account whose owner has not answered in time, from one day to the next.

    Fix: Answer what Stripe asks for at https://dashboard.stripe.com/settings/account.

    Source: https://docs.stripe.com/api/accounts/object
    """
    if not env.production and ask.account_ready == "in production":
        return not_applicable(f"asked of production's account alone, and {kind_of(env)} (stripe.account_ready)")
    if seen.refused:
        return unknown("Stripe refuses the key", fix="see stripe.key-works")
    if seen.account is None:
        return _forbidden(seen)
    account = seen.account
    fails = [] if account.charges_enabled else [f"charges are disabled {_because(account.disabled_reason)}".strip()]
    fails += [] if account.payouts_enabled else [f"payouts are disabled {_because(account.disabled_reason)}".strip()]
    fails += [f"past due: {', '.join(account.past_due[:5])}"] if account.past_due else []
    due = [need for need in account.currently_due if need not in account.past_due]
    warns = [f"currently due: {', '.join(due[:5])}"] if due else []
    return verdict(fails, warns, ok=f"{account.id} takes charges and gets payouts; nothing is due")


def _because(reason: str) -> str:
    return f"({reason})" if reason else ""


@check("stripe.accounts-separated", when=in_use("stripe"), severity=Severity.HIGH)
def accounts_separated(env: Environment, seen: StripeAccess, others: StripeOthers | Unavailable) -> Verdict:
    """No other environment uses this Stripe account.

    Why: Where staging has production's account, a mistake there changes production's webhooks, prices and customers:
    many settings of an account apply to both of its modes.

    Fix: Use a separate account or sandbox for each environment, and name the others under stripe.compare_with.

    Source: https://docs.stripe.com/sandboxes
    """
    if isinstance(others, Unavailable):
        return unseen(others)
    if not others.accounts:
        return not_configured("the profile names no other environment to compare with", "stripe.compare_with")
    if seen.refused:
        return unknown("Stripe refuses the key", fix="see stripe.key-works")
    if seen.account is None:
        return _forbidden(seen)
    mine = seen.account.id
    return verdict(
        [f"{name} has the same account, {mine}" for name, account in others.accounts.items() if account == mine],
        ok=f"{mine} is not the account of {', '.join(others.accounts)}",
    )
