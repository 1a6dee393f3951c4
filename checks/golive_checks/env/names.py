"""The variables of the checklist: which app has them, of what type they are, which payment gateway needs them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from golive import Sealed, Unavailable
from golive_checks.shapes import shapes_of
from golive_checks.systems.env.files import EnvFile, Role, Variables
from golive_checks.systems.gateways.gateways import Gateway, Gateways
from golive_checks.systems.gateways.mtn import TARGETS


@dataclass(frozen=True)
class Kind:
    """A type of value: which shapes it may have, or which words, and how to say so."""

    says: str
    shapes: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    def fits(self, value: str | Sealed) -> bool:
        """Tell whether a value, shown or sealed, is of this type."""
        if self.words:
            return isinstance(value, str) and value in self.words
        return bool(self.shapes & (value.shapes if isinstance(value, Sealed) else shapes_of(value)))


def _shaped(says: str, *shapes: str) -> Kind:
    return Kind(says, shapes=frozenset(shapes))


def _one_of(*words: str) -> Kind:
    return Kind(f"one of {', '.join(words)}", words=frozenset(words))


PORT = _shaped("a port number", "port")
DURATION = _shaped("a duration with its unit, such as 15m or 30d", "duration-with-unit")
HTTPS_URL = _shaped("an https URL", "https-url")
POSTGRES_URL = _shaped(
    "a Postgres URL with a host and a database (a special character is percent-encoded)", "postgres-url"
)
STRIPE_SECRET = _shaped(
    "a secret or restricted Stripe key (sk_ or rk_, live or test)",
    *(f"stripe-{kind}-{mode}" for kind in ("secret", "restricted") for mode in ("live", "test")),
)
STRIPE_PUBLISHABLE = _shaped(
    "a publishable Stripe key (pk_live_ or pk_test_)", "stripe-publishable-live", "stripe-publishable-test"
)
STRIPE_WEBHOOK = _shaped("a Stripe webhook secret (whsec_)", "stripe-webhook-secret")
BOOLEAN = _shaped("true or false", "boolean")


@dataclass(frozen=True)
class Known:
    """A variable of the checklist. `optional` ones may be absent; `beyond` ones are golive's own, not the seed's."""

    name: str
    role: Role
    kind: Kind | None = None
    gateway: Gateway | None = None
    optional: bool = False
    beyond: bool = False


KNOWN = (
    Known("PORT", "api", PORT),
    Known("JWT_ACCESS_SECRET", "api"),
    Known("JWT_REFRESH_SECRET", "api"),
    Known("JWT_RESET_SECRET", "api", optional=True),
    Known("ACCESS_TTL", "api", DURATION),
    Known("REFRESH_TTL", "api", DURATION),
    Known("ALLOWED_ORIGINS", "api"),  # judged by env.origins-exact, origin by origin
    Known("MASTER_DATABASE_URL", "api", POSTGRES_URL),
    Known("TENANT_DATABASE_URL", "api", POSTGRES_URL, optional=True),
    Known("STRIPE_SECRET_KEY", "api", STRIPE_SECRET, "stripe"),
    Known("STRIPE_WEBHOOK_SECRET", "api", STRIPE_WEBHOOK, "stripe"),
    Known("STRIPE_PUBLISHABLE_KEY", "api", STRIPE_PUBLISHABLE, "stripe", optional=True, beyond=True),
    Known("PAYPAL_CLIENT_ID", "api", None, "paypal"),
    Known("PAYPAL_CLIENT_SECRET", "api", None, "paypal"),
    Known("PAYPAL_WEBHOOK_ID", "api", None, "paypal", beyond=True),
    Known("PAYPAL_ENV", "api", _one_of("live", "production", "sandbox"), "paypal"),
    Known("MTN_MOMO_API_KEY", "api", _shaped("32 hex digits", "hex-32"), "mtn"),
    Known("MTN_MOMO_USER_ID", "api", _shaped("a UUID of version 4", "uuid-v4"), "mtn"),
    Known("MTN_MOMO_SUBSCRIPTION_KEY", "api", None, "mtn", beyond=True),
    Known("MTN_MOMO_TARGET_ENVIRONMENT", "api", _one_of(*TARGETS), "mtn", beyond=True),
    Known("MTN_MOMO_ENV", "api", _one_of("production", "sandbox"), "mtn"),
    Known("ORANGE_MOMO_API_KEY", "api", None, "orange"),
    Known("ORANGE_MOMO_CLIENT_ID", "api", None, "orange", beyond=True),
    Known("ORANGE_MOMO_CLIENT_SECRET", "api", None, "orange", beyond=True),
    Known("ORANGE_MOMO_MERCHANT_KEY", "api", None, "orange", beyond=True),
    Known("ORANGE_MOMO_ENV", "api", _one_of("production", "sandbox", "dev"), "orange"),
    Known("VITE_API_URL", "web", HTTPS_URL),
    Known("VITE_ENABLE_ECOMMERCE", "web", BOOLEAN),
    Known("VITE_ENABLE_STRIPE", "web", BOOLEAN, optional=True),
    Known("VITE_STRIPE_PUBLISHABLE_KEY", "web", STRIPE_PUBLISHABLE, "stripe"),
)
BY_NAME: Mapping[str, Known] = {known.name: known for known in KNOWN}

ORANGE_NEEDS: Mapping[str, tuple[str, ...]] = {
    # https://developer.orange.com/apis/om-webpay: token by client id and secret, payments by merchant key
    "webpay": ("ORANGE_MOMO_CLIENT_ID", "ORANGE_MOMO_CLIENT_SECRET", "ORANGE_MOMO_MERCHANT_KEY"),
    # api.orange-sonatel.com: token by client id and secret, payments by the merchant's own code and PIN
    "sonatel": ("ORANGE_MOMO_CLIENT_ID", "ORANGE_MOMO_CLIENT_SECRET", "ORANGE_MOMO_MERCHANT_CODE", "ORANGE_MOMO_PIN"),
    # api-s1.orange.cm, omcoreapis: X-AUTH-TOKEN beside the token, and the channel's PIN
    "cameroon": ("ORANGE_MOMO_CLIENT_ID", "ORANGE_MOMO_CLIENT_SECRET", "ORANGE_MOMO_AUTH_TOKEN", "ORANGE_MOMO_PIN"),
}

STATES = ("empty", "elsewhere", "set")
"""A variable's states, the best last; `elsewhere`: what sets it was not seen."""


def gateway_needs(gateway: Gateway, ask: Gateways) -> tuple[tuple[str, ...], ...]:
    """Name what a gateway needs to work; of each group one is enough."""
    needs: Mapping[Gateway, tuple[tuple[str, ...], ...]] = {
        "stripe": (
            ("STRIPE_SECRET_KEY",),
            ("STRIPE_WEBHOOK_SECRET",),
            ("VITE_STRIPE_PUBLISHABLE_KEY", "STRIPE_PUBLISHABLE_KEY"),
        ),
        "paypal": (("PAYPAL_CLIENT_ID",), ("PAYPAL_CLIENT_SECRET",), ("PAYPAL_WEBHOOK_ID",)),
        "mtn": (
            ("MTN_MOMO_USER_ID",),
            ("MTN_MOMO_API_KEY",),
            ("MTN_MOMO_SUBSCRIPTION_KEY",),
            ("MTN_MOMO_TARGET_ENVIRONMENT",),
        ),
        "orange": tuple((name,) for name in ORANGE_NEEDS[ask.orange_api]),
    }
    return needs[gateway]


def pooled(files: Mapping[EnvFile, Variables | Unavailable]) -> dict[str, tuple[EnvFile, str]]:
    """Return the names in all sources that were seen, each with the best state it has in any, and that source."""
    found: dict[str, tuple[EnvFile, str]] = {}
    for file, seen in files.items():
        for name, variable in seen.values.items() if isinstance(seen, Variables) else ():
            state = "set" if variable.is_set else "elsewhere" if variable.value is None else "empty"
            if name not in found or STATES.index(state) > STATES.index(found[name][1]):
                found[name] = (file, state)
    return found


def listed(names: Iterable[str]) -> str:
    """Write names as a list, in their order."""
    return ", ".join(names)
