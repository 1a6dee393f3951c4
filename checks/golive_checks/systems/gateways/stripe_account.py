"""What Stripe makes of the key, and whose account it is."""

from collections.abc import Mapping
from dataclasses import dataclass

from golive import Environment, Fact, Unavailable, probe
from golive_checks.systems.gateways.gateways import Gateways
from golive_checks.systems.gateways.stripe import KEY, Stripe
from golive_checks.systems.gateways.stripe_api import FORBIDDEN, REFUSED, api_of, error_of, headers_of, permission
from golive_checks.systems.vendors.client.answer import JsonPart, VendorAnswer, failed_at
from golive_checks.systems.vendors.client.client import Vendor

NOT_ITS_ACCOUNT = "account_invalid"
"""The account that an organization's key names is not among its own (https://docs.stripe.com/error-codes)."""


@dataclass(frozen=True)
class Account:
    """An account of Stripe's, and whether it can take payments."""

    id: str
    charges_enabled: bool = False
    payouts_enabled: bool = False
    currently_due: tuple[str, ...] = ()
    past_due: tuple[str, ...] = ()
    disabled_reason: str = ""


@dataclass(frozen=True)
class StripeAccess(Fact):
    """What Stripe makes of the key. `mode`: `live` or `test`, by the key's prefix."""

    used: bool = True
    """False where Stripe is not in use."""
    mode: str = ""
    restricted: bool = False
    refused: str = ""
    """Why Stripe does not take the key; empty where it does."""
    account: Account | None = None
    lacking: str = ""
    """The permission that a restricted key lacks to read the account."""


@dataclass(frozen=True)
class StripeOthers(Fact):
    """The accounts of other environments, by the environment's name."""

    accounts: Mapping[str, str]


@probe("gateways.stripe-access")
async def stripe_access(env: Environment, ask: Stripe, gateways: Gateways, vendor: Vendor) -> StripeAccess:
    """Ask Stripe for the key's account."""
    if "stripe" not in gateways.enabled:
        return StripeAccess(used=False)
    key = ask.secret_key.get_secret_value()
    if not key:
        raise Unavailable(
            "golive has no key to ask Stripe with", fix="set stripe.secret_key in the profile, from STRIPE_SECRET_KEY"
        )
    shape = KEY.match(key)
    mode, restricted = (shape["mode"], shape["kind"] == "rk") if shape else ("", False)
    got = await vendor.get(api_of(ask), "/v1/account", headers=headers_of(ask.secret_key, ask.context))
    if got.status == REFUSED:
        return StripeAccess(mode=mode, restricted=restricted, refused=_code(got))
    if got.status == FORBIDDEN and _code(got) == NOT_ITS_ACCOUNT:
        return StripeAccess(mode=mode, restricted=restricted, refused=NOT_ITS_ACCOUNT)
    if got.status == FORBIDDEN:
        return StripeAccess(mode=mode, restricted=restricted, lacking=permission(got))
    if not got.ok:
        raise failed_at(got, "its account", "Stripe")
    return StripeAccess(mode=mode, restricted=restricted, account=_account(got.body))


def _account(body: JsonPart) -> Account:
    needs = body.part("requirements")
    found = Account(
        body.text("id"),
        charges_enabled=body.stated_flag("charges_enabled"),
        payouts_enabled=body.stated_flag("payouts_enabled"),
        currently_due=needs.texts("currently_due")[:50],
        past_due=needs.texts("past_due")[:50],
        disabled_reason=needs.text("disabled_reason"),
    )
    if not found.id:
        raise Unavailable("Stripe answers with an account that has no id")
    return found


def _code(got: VendorAnswer) -> str:
    """Return why a key is refused, in Stripe's own word where it has one."""
    return error_of(got).word("code") or "invalid"


def demand(seen: StripeAccess) -> None:
    """Ask no more with a key that was refused."""
    if not seen.used:
        raise Unavailable("Stripe is not in use")
    if seen.refused:
        raise Unavailable(f"Stripe refuses the key ({seen.refused})", fix="see stripe.key-works")


@probe("gateways.stripe-others")
async def stripe_others(env: Environment, ask: Stripe, vendor: Vendor) -> StripeOthers:
    """Look up the accounts of other environments, where the profile brings a key and not the id."""
    found: dict[str, str] = {}
    for name, other in ask.compare_with.items():
        if other.account:
            found[name] = other.account
        elif other.secret_key.get_secret_value():
            got = await vendor.get(api_of(ask), "/v1/account", headers=headers_of(other.secret_key))
            if not got.ok:
                raise Unavailable(
                    f"Stripe does not report the account of {name}: it answers {got.status}",
                    fix=f"name the account's id in stripe.compare_with.{name}.account",
                )
            found[name] = _account(got.body).id
    return StripeOthers(found)
