"""What PayPal's API says of the credentials, and which webhooks are registered with it."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import SecretStr

from golive import Environment, Fact, Settings, Unavailable, probe
from golive_checks.subjects import UrlPath
from golive_checks.systems.gateways.gateways import Currency, Gateways
from golive_checks.systems.http.front import without_query
from golive_checks.systems.vendors.client.answer import VendorAnswer, failed_at
from golive_checks.systems.vendors.client.client import ApiBase, Vendor, VendorApi

Mode = Literal["live", "sandbox"]
HOSTS: dict[Mode, str] = {"live": "api-m.paypal.com", "sandbox": "api-m.sandbox.paypal.com"}
"""https://developer.paypal.com/api/rest/requests"""
OLDER: dict[str, Mode] = {"api.paypal.com": "live", "api.sandbox.paypal.com": "sandbox"}
REFUSALS = frozenset({400, 401, 403})
UNAUTHORIZED_SCOPE = 403


class PayPal(Settings):
    """The PayPal app that takes the payments."""

    home: ClassVar[str] = "paypal"

    mode: Literal["", "live", "production", "sandbox"] = ""
    """What the app is set to: `${PAYPAL_ENV}`. Empty: what belongs to the environment."""
    client_id: SecretStr = SecretStr("")
    """The app's client id: `${PAYPAL_CLIENT_ID}`."""
    client_secret: SecretStr = SecretStr("")
    """The app's secret: `${PAYPAL_CLIENT_SECRET}`."""
    webhook_id: str = ""
    """The id that the app verifies webhooks with: `${PAYPAL_WEBHOOK_ID}`."""
    webhook_path: UrlPath = ""
    """Where the API takes PayPal's events."""
    api_base: ApiBase | None = None
    """Where PayPal's API is; unset: at PayPal's own host for the mode."""
    required_events: tuple[str, ...] = ("PAYMENT.CAPTURE.COMPLETED",)
    """Without these, payments are not booked: that a buyer has approved an order is no payment yet."""
    wanted_events: tuple[str, ...] = (
        "PAYMENT.CAPTURE.DENIED",
        "PAYMENT.CAPTURE.REFUNDED",
        "PAYMENT.CAPTURE.REVERSED",
        "CUSTOMER.DISPUTE.CREATED",
    )
    """Without these, a warning."""
    currencies: tuple[Currency, ...] = ()
    """What is charged in through PayPal."""

    def meant(self, env: Environment) -> Mode:
        """Return the mode that the app is set to, or that belongs to the environment."""
        if self.mode:
            return "sandbox" if self.mode == "sandbox" else "live"
        return "live" if env.production else "sandbox"

    def api(self, env: Environment) -> VendorApi:
        """Return where PayPal is asked."""
        return VendorApi("PayPal", self.api_base or f"https://{HOSTS[self.meant(env)]}")


@dataclass(frozen=True)
class PayPalLogin(Fact):
    """What PayPal makes of the credentials."""

    used: bool = True
    mode: str = ""
    """What the app is set to, in the profile's word."""
    host: str = ""
    host_mode: str = ""
    """The mode whose host it is; empty for a host that is not PayPal's."""
    refused: str = ""


@dataclass(frozen=True)
class Registered:
    """A webhook that is registered with PayPal."""

    id: str
    url: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class PayPalWebhooks(Fact):
    """The webhooks that are registered for the app."""

    found: tuple[Registered, ...]


async def log_in(env: Environment, ask: PayPal, vendor: Vendor) -> VendorAnswer:
    """Ask for a token, once in a run."""
    return await vendor.log_in(
        ask.api(env),
        "/v1/oauth2/token",
        ask.client_id.get_secret_value(),
        ask.client_secret,
        form={"grant_type": "client_credentials"},
        more={},
    )


@probe("gateways.paypal-login")
async def paypal_login(env: Environment, ask: PayPal, gateways: Gateways, vendor: Vendor) -> PayPalLogin:
    """Ask PayPal for a token, once."""
    if "paypal" not in gateways.enabled:
        return PayPalLogin(used=False)
    if not (ask.client_id.get_secret_value() and ask.client_secret.get_secret_value()):
        raise Unavailable(
            "golive has no credentials of PayPal's",
            fix="set paypal.client_id and paypal.client_secret in the profile, from PAYPAL_CLIENT_ID and _SECRET",
        )
    host = ask.api(env).host
    modes: dict[str, Mode] = {name: mode for mode, name in HOSTS.items()} | OLDER
    got = await log_in(env, ask, vendor)
    refused = ""
    if got.status in REFUSALS:
        refused = got.body.word("error") or str(got.status)
    elif not got.ok or not got.body.secret("access_token"):
        raise failed_at(got, "a token", "PayPal")
    return PayPalLogin(mode=ask.mode, host=host, host_mode=modes.get(host, ""), refused=refused)


@probe("gateways.paypal-webhooks")
async def paypal_webhooks(env: Environment, seen: PayPalLogin, ask: PayPal, vendor: Vendor) -> PayPalWebhooks:
    """List the app's webhooks."""
    if not seen.used:
        raise Unavailable("PayPal is not in use")
    if seen.refused:
        raise Unavailable(f"PayPal refuses the credentials ({seen.refused})", fix="see paypal.credentials-work")
    token = (await log_in(env, ask, vendor)).body.secret("access_token")
    got = await vendor.get(ask.api(env), "/v1/notifications/webhooks", headers={"authorization": f"Bearer {token}"})
    if got.status == UNAUTHORIZED_SCOPE:
        raise Unavailable(
            "the PayPal app may not list its webhooks", fix="log in with the app's own credentials, not a partner's"
        )
    if not got.ok:
        raise failed_at(got, "webhooks", "PayPal")
    found = []
    for each in got.body.parts("webhooks"):
        events = [e.text("name") for e in each.parts("event_types") if e.text("status") in {"", "ENABLED"}]
        found.append(Registered(each.text("id"), without_query(each.text("url")), tuple(events[:1000])))
    return PayPalWebhooks(tuple(found))
