"""The variables that a gateway's credentials go by, and which of them the app's code names."""

from collections.abc import Mapping
from dataclasses import dataclass

from golive import Fact, probe
from golive_checks.subjects.repository import Repository
from golive_checks.systems.gateways.gateways import Gateway, Gateways
from golive_checks.systems.git.client.git import Git

PUBLISHABLE = "STRIPE_PUBLISHABLE_KEY"
"""A build tool wants its own prefix before it."""
ORANGE_NEEDS: Mapping[str, tuple[str, ...]] = {
    # https://developer.orange.com/apis/om-webpay: token by client id and secret, payments by merchant key
    "webpay": ("ORANGE_MOMO_CLIENT_ID", "ORANGE_MOMO_CLIENT_SECRET", "ORANGE_MOMO_MERCHANT_KEY"),
    # api.orange-sonatel.com: token by client id and secret, payments by the merchant's own code and PIN
    "sonatel": ("ORANGE_MOMO_CLIENT_ID", "ORANGE_MOMO_CLIENT_SECRET", "ORANGE_MOMO_MERCHANT_CODE", "ORANGE_MOMO_PIN"),
    # api-s1.orange.cm, omcoreapis: X-AUTH-TOKEN beside the token, and the channel's PIN
    "cameroon": ("ORANGE_MOMO_CLIENT_ID", "ORANGE_MOMO_CLIENT_SECRET", "ORANGE_MOMO_AUTH_TOKEN", "ORANGE_MOMO_PIN"),
}
NEEDS: Mapping[Gateway, tuple[str, ...]] = {
    "stripe": ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", PUBLISHABLE),
    "paypal": ("PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", "PAYPAL_WEBHOOK_ID"),
    "mtn": ("MTN_MOMO_USER_ID", "MTN_MOMO_API_KEY", "MTN_MOMO_SUBSCRIPTION_KEY", "MTN_MOMO_TARGET_ENVIRONMENT"),
}


def needs(gateway: Gateway, ask: Gateways) -> tuple[str, ...]:
    """Name what a gateway needs to work, as the checklist names it."""
    return ORANGE_NEEDS[ask.orange_api] if gateway == "orange" else NEEDS[gateway]


@dataclass(frozen=True)
class NamedInCode(Fact):
    """Which variables of the gateways in use stand in the committed files, documents aside, under whatever prefix."""

    names: frozenset[str]


@probe("gateways.named-in-code")
async def named_in_code(repository: Repository, gateways: Gateways, git: Git) -> NamedInCode:
    """Look for the gateways' variables in the repository's last commit."""
    wanted = tuple(name for gateway in gateways.enabled for name in needs(gateway, gateways))
    return NamedInCode(await git.words(repository.path, wanted) if wanted else frozenset())
