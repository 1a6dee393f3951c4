"""Types of values, and the variables that payment gateways need. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from golive import Sealed, Unavailable
from golive_checks.shapes import shapes_of
from golive_checks.systems.env.files import EnvFile, Variables
from golive_checks.systems.gateways.gateways import Gateway
from golive_checks.systems.gateways.mtn import TARGETS
from golive_checks.systems.gateways.variables import PUBLISHABLE
from golive_checks.variable_names import BROWSER


@dataclass(frozen=True)
class ValueType:
    """A type of value: which shapes it may have, or which words, and how to say so."""

    says: str
    shapes: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    def fits(self, value: str | Sealed) -> bool:
        """Return whether a value, shown or sealed, is of this type."""
        if self.words:
            return isinstance(value, str) and value in self.words
        return bool(self.shapes & (value.shapes if isinstance(value, Sealed) else shapes_of(value)))


def _shaped(says: str, *shapes: str) -> ValueType:
    return ValueType(says, shapes=frozenset(shapes))


def _one_of(*words: str) -> ValueType:
    return ValueType(f"one of {', '.join(words)}", words=frozenset(words))


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


TypeName = Literal["port", "duration", "https-url", "postgres-url", "boolean"]
TYPES: Mapping[str, ValueType] = {
    "port": PORT,
    "duration": DURATION,
    "https-url": HTTPS_URL,
    "postgres-url": POSTGRES_URL,
    "boolean": BOOLEAN,
}
"""What a profile, or a preset, may say of a variable's value."""
OF_GATEWAYS: Mapping[str, tuple[Gateway, ValueType]] = {
    "STRIPE_SECRET_KEY": ("stripe", STRIPE_SECRET),
    "STRIPE_WEBHOOK_SECRET": ("stripe", STRIPE_WEBHOOK),
    "STRIPE_PUBLISHABLE_KEY": ("stripe", STRIPE_PUBLISHABLE),
    "PAYPAL_ENV": ("paypal", _one_of("live", "production", "sandbox")),
    "MTN_MOMO_API_KEY": ("mtn", _shaped("32 hex digits", "hex-32")),
    "MTN_MOMO_USER_ID": ("mtn", _shaped("a UUID of version 4", "uuid-v4")),
    "MTN_MOMO_TARGET_ENVIRONMENT": ("mtn", _one_of(*TARGETS)),
    "MTN_MOMO_ENV": ("mtn", _one_of("production", "sandbox")),
    "ORANGE_MOMO_ENV": ("orange", _one_of("production", "sandbox", "dev")),
}
"""The variables of a gateway that have a type, by the names that golive knows them by."""


def kind_of(name: str, types: Mapping[str, TypeName], enabled: Collection[Gateway]) -> ValueType | None:
    """Return the type that a variable's value must be of; a gateway's where it is in use."""
    if name in types:
        return TYPES[types[name]]
    gateway, kind = OF_GATEWAYS.get(PUBLISHABLE if is_publishable(name) else name, (None, None))
    if gateway in enabled:
        return kind
    return PORT if name == "PORT" else None


def is_publishable(name: str) -> bool:
    """Return whether it is Stripe's publishable key, whatever prefix a build tool wants before it."""
    return without_prefix(name) == PUBLISHABLE


def as_needed(name: str) -> str:
    """Return a variable's name as `needs` has it."""
    return PUBLISHABLE if is_publishable(name) else name


def without_prefix(name: str) -> str:
    """Take off what a build tool wants before the names of variables that it writes into the bundle."""
    return next((name.removeprefix(prefix) for prefix in BROWSER if name.startswith(prefix)), name)


STATES = ("empty", "elsewhere", "set")
"""A variable's states, the best last; `elsewhere`: what sets it was not seen."""


def pooled_plainly(files: Mapping[EnvFile, Variables]) -> dict[str, tuple[EnvFile, str]]:
    """Return the same by names without a build tool's prefix, so that a key is found under whichever it has."""
    found: dict[str, tuple[EnvFile, str]] = {}
    for name, (file, state) in pooled(files).items():
        plain = as_needed(name)
        if plain not in found or STATES.index(state) > STATES.index(found[plain][1]):
            found[plain] = (file, state)
    return found


def pooled(files: Mapping[EnvFile, Variables | Unavailable]) -> dict[str, tuple[EnvFile, str]]:
    """Return the names in all sources that were seen, each with the best state it has in any, and that source."""
    found: dict[str, tuple[EnvFile, str]] = {}
    for file, seen in files.items():
        for name, variable in seen.values.items() if isinstance(seen, Variables) else ():
            state = "set" if variable.is_set else "elsewhere" if variable.value is None else "empty"
            if name not in found or STATES.index(state) > STATES.index(found[name][1]):
                found[name] = (file, state)
    return found
