from collections.abc import Mapping

import pytest

from golive import Environment, Outcome, Unavailable
from golive_checks.payments.stripe import account_ready, accounts_separated, key_works
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.stripe_account import Account, StripeAccess, StripeOthers

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
STAGING, LIVE = Environment("staging"), Environment("production", production=True)


def account(**changes: object) -> Account:
    return Account(**{"id": "acct_1", "charges_enabled": True, "payouts_enabled": True, **changes})  # type: ignore[arg-type]


def seen(of: Account | None = None, **changes: object) -> StripeAccess:
    return StripeAccess(**{"mode": "live", "account": of or account(), **changes})  # type: ignore[arg-type]


RESTRICTED = StripeAccess(mode="live", restricted=True, lacking="rak_accounts_kyc_id_numbers_read")
REFUSED = StripeAccess(mode="live", refused="api_key_expired")
KEYS: Mapping[str, tuple[Outcome, str, StripeAccess, Environment]] = {
    "live in production": (PASS, "a secret key of live mode, which Stripe accepts", seen(), LIVE),
    "test in staging": (PASS, "of test mode", seen(mode="test"), STAGING),
    "restricted": (
        PASS,
        "a restricted key of live mode, which Stripe accepts; it lacks rak_acc",
        RESTRICTED,
        LIVE,
    ),
    "test in production": (FAIL, "a test key, and production is production", seen(mode="test"), LIVE),
    "live in staging": (FAIL, "a live key, and staging is not production", seen(), STAGING),
    "refused": (FAIL, "Stripe refuses the key (api_key_expired)", REFUSED, LIVE),
    "no prefix": (UNKNOWN, "has no prefix", seen(mode=""), LIVE),
}


@pytest.mark.parametrize(("outcome", "summary", "access", "env"), KEYS.values(), ids=KEYS)
def test_keys(outcome: Outcome, summary: str, access: StripeAccess, env: Environment) -> None:
    judged = key_works(env, access)
    assert judged.outcome is outcome
    assert summary in judged.summary


ACCOUNTS: Mapping[str, tuple[Outcome, str, StripeAccess]] = {
    "ready": (PASS, "acct_1 takes charges and gets payouts; nothing is due", seen()),
    "no charges": (
        FAIL,
        "charges are disabled (rejected.fraud)",
        seen(account(charges_enabled=False, disabled_reason="rejected.fraud")),
    ),
    "no payouts": (FAIL, "payouts are disabled", seen(account(payouts_enabled=False))),
    "past due": (
        FAIL,
        "past due: company.tax_id",
        seen(account(past_due=("company.tax_id",), currently_due=("company.tax_id",))),
    ),
    "currently due": (WARN, "currently due: external_account", seen(account(currently_due=("external_account",)))),
    "restricted": (UNKNOWN, "it lacks rak_accounts_kyc_id_numbers_read", RESTRICTED),
    "refused": (UNKNOWN, "refuses the key", REFUSED),
}


@pytest.mark.parametrize(("outcome", "summary", "access"), ACCOUNTS.values(), ids=ACCOUNTS)
def test_accounts(outcome: Outcome, summary: str, access: StripeAccess) -> None:
    judged = account_ready(LIVE, access, Stripe())
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_outside_production_an_account_is_judged_where_the_profile_asks_it() -> None:
    poor = seen(account(charges_enabled=False))
    assert account_ready(STAGING, poor, Stripe()).outcome is NA
    assert account_ready(STAGING, poor, Stripe(account_ready="always")).outcome is FAIL


OTHERS: Mapping[str, tuple[Outcome, str, StripeAccess, StripeOthers | Unavailable]] = {
    "of its own": (PASS, "acct_1 is not the account of staging", seen(), StripeOthers({"staging": "acct_2"})),
    "shared": (
        FAIL,
        "staging has the same account, acct_1",
        seen(),
        StripeOthers({"x": "acct_2", "staging": "acct_1"}),
    ),
    "nothing to compare with": (NA, "names no other environment", seen(), StripeOthers({})),
    "not seen": (UNKNOWN, "no word", seen(), Unavailable("no word")),
    "restricted": (UNKNOWN, "it lacks", RESTRICTED, StripeOthers({"staging": "acct_2"})),
    "refused": (UNKNOWN, "refuses", REFUSED, StripeOthers({"staging": "acct_2"})),
}


@pytest.mark.parametrize(("outcome", "summary", "access", "others"), OTHERS.values(), ids=OTHERS)
def test_other_accounts(
    outcome: Outcome, summary: str, access: StripeAccess, others: StripeOthers | Unavailable
) -> None:
    judged = accounts_separated(LIVE, access, others)
    assert judged.outcome is outcome
    assert summary in judged.summary
