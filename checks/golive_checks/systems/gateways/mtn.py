"""What MTN's MoMo API says of the credentials, of the target environment and of the callback's host."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from golive import Environment, Fact, RunInfo, Settings, Unavailable, probe
from golive_checks.dated import table
from golive_checks.subjects import UrlPath
from golive_checks.systems.gateways.gateways import Currency, Gateways, uuid_of
from golive_checks.systems.vendors.client.answer import VendorAnswer, failed_at
from golive_checks.systems.vendors.client.client import ApiBase, Vendor, VendorApi

_FACTS = table("mobile_money").facts
TARGETS: Mapping[str, frozenset[str]] = {name: frozenset(taken) for name, taken in _FACTS["mtn"].items()}
"""The values of X-Target-Environment, each with its currencies; `production` is none of them."""
HOSTS = {"sandbox.momodeveloper.mtn.com": "sandbox", "proxy.momoapi.mtn.com": "production"}
REFUSALS = frozenset({400, 401, 403})
LOGIN_FAILED = "login_failed"
"""What an unknown user or a wrong key gets, with the status 500 (laravel-mtn-momo#46)."""
NOT_ALLOWED_TARGET = "NOT_ALLOWED_TARGET_ENVIRONMENT"
NOT_FOUND = 404


class Issuers(BaseModel):
    """MTN's list of intermediates whose certificates it accepts for callbacks, as of a day."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    as_of: dt.date
    """The day that the list was copied."""
    names: tuple[str, ...] = Field(min_length=1)
    """The common names (CN) of the list at https://momodeveloper.mtn.com/api-documentation/callback."""
    max_age_days: int = Field(default=90, ge=1)
    """Warn where the copy is older."""


class Mtn(Settings):
    """MTN Mobile Money: its Collections API."""

    home: ClassVar[str] = "mtn"

    mode: Literal["", "production", "sandbox"] = ""
    """What the app is set to: `${MTN_MOMO_ENV}`. Empty: what belongs to the environment."""
    user_id: SecretStr = SecretStr("")
    """The API user, a UUID of version 4."""
    api_key: SecretStr = SecretStr("")
    """The API user's key: `${MTN_MOMO_API_KEY}`."""
    subscription_key: SecretStr = SecretStr("")
    """The Ocp-Apim-Subscription-Key of the Collections product."""
    target_environment: Annotated[str, StringConstraints(pattern=r"^[a-z]{0,40}$")] = ""
    """The X-Target-Environment, such as `mtnguineaconakry`: `${MTN_MOMO_TARGET_ENVIRONMENT}`."""
    callback_path: UrlPath = ""
    """Where the API takes MTN's callbacks, by POST and by PUT; {reference} in it stands for the payment's reference."""
    callback_host: str = ""
    """The host that MTN calls, where the API has several; empty: the one that MTN's sandbox tells, else every one."""
    api_base: ApiBase | None = None
    """Where MTN's API is; unset: at MTN's own host for the mode."""
    approved_issuers: Issuers | None = None
    """The intermediates that MTN accepts, copied from its documentation with the day."""
    currencies: tuple[Currency, ...] = ()
    """What is charged in through MTN."""

    def meant(self, env: Environment) -> str:
        """Return the mode that the app is set to, or that belongs to the environment."""
        return self.mode or ("production" if env.production else "sandbox")

    def api(self, env: Environment) -> VendorApi:
        """Return where MTN is asked."""
        host = next(host for host, mode in HOSTS.items() if mode == self.meant(env))
        return VendorApi("MTN", self.api_base or f"https://{host}")


@dataclass(frozen=True)
class MtnLogin(Fact):
    """What MTN makes of the credentials and of the target environment."""

    used: bool = True
    mode: str = ""
    host: str = ""
    host_mode: str = ""
    """The mode whose host it is; empty for a host that is not MTN's."""
    refused: str = ""
    target: str = ""
    target_refused: bool = False
    target_gap: str = ""
    """Why it could not be seen whether MTN takes the target."""


@dataclass(frozen=True)
class MtnCallbackHost(Fact):
    """The callback host that is registered with the API user, where MTN tells it: in the sandbox alone."""

    known: bool
    host: str = ""


async def log_in(env: Environment, ask: Mtn, vendor: Vendor) -> VendorAnswer:
    """Ask for a token, once in a run."""
    return await vendor.log_in(
        ask.api(env),
        "/collection/token/",
        ask.user_id.get_secret_value(),
        ask.api_key,
        form={},
        more=subscription(ask),
    )


def subscription(ask: Mtn) -> dict[str, str]:
    """Return the header that says which product is asked."""
    return {"ocp-apim-subscription-key": ask.subscription_key.get_secret_value()}


@probe("gateways.mtn-login")
async def mtn_login(env: Environment, ask: Mtn, gateways: Gateways, vendor: Vendor, run: RunInfo) -> MtnLogin:
    """Ask MTN for a token, once, and for a payment that does not exist in the target environment."""
    if "mtn" not in gateways.enabled:
        return MtnLogin(used=False)
    lacking = [n for n in ("user_id", "api_key", "subscription_key") if not getattr(ask, n).get_secret_value()]
    if lacking:
        raise Unavailable(
            f"golive lacks {', '.join(lacking)} of MTN's", fix=f"set mtn.{lacking[0]} in the profile, from its variable"
        )
    api = ask.api(env)
    got = await log_in(env, ask, vendor)
    word = got.body.word("error")
    seen = MtnLogin(mode=ask.mode, host=api.host, host_mode=HOSTS.get(api.host, ""), target=ask.target_environment)
    if got.status in REFUSALS or word == LOGIN_FAILED:
        return replace(seen, refused=word or str(got.status))
    token = got.body.secret("access_token") if got.ok else ""
    if not token:
        raise failed_at(got, "a token", "MTN")
    if not ask.target_environment:
        return seen
    asked = await vendor.get(
        api,
        f"/collection/v1_0/requesttopay/{uuid_of(f'golive:{run.id}')}",
        headers={
            "authorization": f"Bearer {token}",
            "x-target-environment": ask.target_environment,
            **subscription(ask),
        },
    )
    code = asked.body.word("code")
    # No payment has that id: 404 shows that both the token and the target environment were accepted.
    taken = asked.ok or asked.status == NOT_FOUND
    gap = "" if taken or code == NOT_ALLOWED_TARGET else f"MTN answers {asked.status} when asked for a payment there"
    return replace(seen, target_refused=code == NOT_ALLOWED_TARGET, target_gap=gap)


@probe("gateways.mtn-callback-host")
async def mtn_callback_host(env: Environment, seen: MtnLogin, ask: Mtn, vendor: Vendor) -> MtnCallbackHost:
    """Ask MTN's sandbox for the API user's callback host."""
    if not seen.used:
        raise Unavailable("MTN is not in use")
    if seen.refused:
        raise Unavailable(f"MTN refuses the credentials ({seen.refused})", fix="see mtn.credentials-work")
    if ask.meant(env) == "production":
        return MtnCallbackHost(known=False)
    path = f"/v1_0/apiuser/{ask.user_id.get_secret_value()}"
    got = await vendor.get(ask.api(env), path, headers=subscription(ask))
    if not got.ok:
        raise failed_at(got, "the API user", "MTN")
    return MtnCallbackHost(known=True, host=got.body.text("providerCallbackHost"))
