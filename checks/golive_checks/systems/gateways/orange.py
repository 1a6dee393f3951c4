"""What Orange's API says of the credentials, and which of its APIs a country has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import SecretStr, StringConstraints

from golive import Environment, Fact, Settings, Unavailable, probe
from golive_checks.dated import table
from golive_checks.subjects import UrlPath
from golive_checks.systems.gateways.gateways import Currency, Gateways
from golive_checks.systems.vendors.client.answer import VendorAnswer, failed_at
from golive_checks.systems.vendors.client.client import ApiBase, Vendor, VendorApi

APIS = {
    "webpay": ("https://api.orange.com", "/oauth/v3/token"),
    "sonatel": ("https://api.orange-sonatel.com", "/oauth/v1/token"),
    "cameroon": ("https://api-s1.orange.cm", "/token"),
}
"""Where each API is, and its token endpoint. WebPay's is documented (https://developer.orange.com/apis/om-webpay);
the other two are known from integrations alone, so that no finding rests on them: a 404 there is a gap."""
_FACTS = table("mobile_money").facts
COUNTRIES: Mapping[str, str] = _FACTS["orange"]
"""WebPay's countries, as in its URLs, each with its currency. `dev` is the sandbox, in units of no value."""
PERHAPS = frozenset(_FACTS["orange_unverified"]["countries"])
"""Countries with Orange Money for which it was not confirmed which API they have."""
OF_COUNTRY = {"sonatel": "sn", "cameroon": "cm"}
"""The APIs that one country alone has."""
SANDBOX = "dev"
LONGEST_URL = 120
"""Characters that WebPay takes of a notif_url (known from integrations: a longer one warns)."""
REFUSALS = frozenset({400, 401, 403})


class Orange(Settings):
    """Orange Money."""

    home: ClassVar[str] = "orange"

    mode: Literal["", "production", "sandbox", "dev"] = ""
    """What the app is set to: `${ORANGE_MOMO_ENV}`. Empty: what belongs to the environment."""
    country: Annotated[str, StringConstraints(pattern=r"^[a-z]{0,8}$")] = ""
    """The country as in WebPay's URLs, such as `gn`; `dev` is the sandbox."""
    client_id: SecretStr = SecretStr("")
    """The app's client id: `${ORANGE_MOMO_CLIENT_ID}`."""
    client_secret: SecretStr = SecretStr("")
    """The app's secret: `${ORANGE_MOMO_CLIENT_SECRET}`."""
    notify_path: UrlPath = ""
    """Where the API takes Orange's notifications: the path of the notif_url that it sends with each payment;
    {reference} in it stands for the payment's reference."""
    api_base: ApiBase | None = None
    """Where Orange's API is; unset: at Orange's own host for the country's API."""
    currencies: tuple[Currency, ...] = ()
    """What is charged in through Orange."""

    def api(self, gateways: Gateways) -> VendorApi:
        """Return where Orange is asked."""
        return VendorApi("Orange", self.api_base or APIS[gateways.orange_api][0])


@dataclass(frozen=True)
class OrangeLogin(Fact):
    """What Orange makes of the credentials."""

    used: bool = True
    host: str = ""
    refused: str = ""


@probe("gateways.orange-login")
async def orange_login(env: Environment, ask: Orange, gateways: Gateways, vendor: Vendor) -> OrangeLogin:
    """Ask Orange for a token, once."""
    if "orange" not in gateways.enabled:
        return OrangeLogin(used=False)
    if not (ask.client_id.get_secret_value() and ask.client_secret.get_secret_value()):
        raise Unavailable(
            "golive has no credentials of Orange's",
            fix="set orange.client_id and orange.client_secret in the profile, from ORANGE_MOMO_CLIENT_ID and _SECRET",
        )
    got, host = await log_in(gateways, ask, vendor), ask.api(gateways).host
    if got.status in REFUSALS:
        return OrangeLogin(host=host, refused=got.body.word("error") or str(got.status))
    if not got.ok or not got.body.secret("access_token"):
        raise failed_at(got, "a token", "Orange")
    return OrangeLogin(host=host)


async def log_in(gateways: Gateways, ask: Orange, vendor: Vendor) -> VendorAnswer:
    """Ask for a token, once in a run."""
    path, user = APIS[gateways.orange_api][1], ask.client_id.get_secret_value()
    form = {"grant_type": "client_credentials"}
    return await vendor.log_in(ask.api(gateways), path, user, ask.client_secret, form=form, more={})
