"""Do the payment gateways' keys and modes belong to this environment?"""

from collections.abc import Mapping

from golive import Environment, Sealed, Severity, Verdict, check, not_applicable
from golive.wording import listed
from golive_checks.env.defects import Defect, judged, place, set_elsewhere, shown
from golive_checks.env.names import is_publishable
from golive_checks.shapes import shapes_of
from golive_checks.systems.env.files import EnvFile, Variable, Variables
from golive_checks.systems.gateways.gateways import Gateways, any_in_use, in_use

WORDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "PAYPAL_ENV": ("paypal", {"live": "live", "production": "live", "sandbox": "test"}),
    "MTN_MOMO_ENV": ("mtn", {"production": "live", "sandbox": "test"}),
    "MTN_MOMO_TARGET_ENVIRONMENT": ("mtn", {"sandbox": "test"}),
    "ORANGE_MOMO_ENV": ("orange", {"production": "live", "sandbox": "test", "dev": "test"}),
}
"""What the mode variables of each gateway may say, and whether real money moves then."""


@check("env.modes-match-environment", when=any_in_use, severity=Severity.CRITICAL)
def modes_match_environment(file: EnvFile, seen: Variables, env: Environment, gateways: Gateways) -> Verdict:
    """Every gateway's key and mode fits the environment: live in production, test elsewhere.

    Why: A test key in production takes orders that nobody pays for; a live key in staging charges real cards. MTN has
    both a mode and a target environment: `production` is a mode, and never a target environment.

    Fix: Use the keys and the mode of this environment; `production: true` in the profile marks production.
    """
    wanted = "live" if env.production else "test"
    modes = {name: mode for name, variable in seen.values.items() if (mode := _mode(name, variable, gateways))}
    defects = [
        Defect(
            f"{_named(name, seen)} is for {'real money' if mode == 'live' else 'tests'}, "
            f"and {env.name} is {'production' if env.production else 'not production'}",
            place(file, seen.values[name]),
        )
        for name, mode in modes.items()
        if mode != wanted
    ]
    defects += [
        Defect(f"{shown(name, seen)}=production is a mode, never an X-Target-Environment", place(file, variable))
        for name, variable in seen.values.items()
        if name == "MTN_MOMO_TARGET_ENVIRONMENT" and variable.value == "production"
    ]
    if not modes and not defects:
        return not_applicable("holds no gateway's key or mode")
    return judged(defects, ok=f"for {wanted}: {listed(modes)}", unseen=set_elsewhere(seen))


def _mode(name: str, variable: Variable, gateways: Gateways) -> str:
    """Return whether a variable means `live` or `test`; empty where it says nothing of it."""
    if _is_stripe_key(name):
        return _stripe_mode(variable) if "stripe" in gateways.enabled else ""
    gateway, words = WORDS.get(name, ("", {}))
    if gateway not in gateways.enabled or not isinstance(variable.value, str):
        return ""
    if name == "MTN_MOMO_TARGET_ENVIRONMENT" and variable.value.startswith("mtn"):
        return "live"
    return words.get(variable.value, "")


def _is_stripe_key(name: str) -> bool:
    return name == "STRIPE_SECRET_KEY" or is_publishable(name)


def _stripe_mode(variable: Variable) -> str:
    value = variable.value
    shapes = value.shapes if isinstance(value, Sealed) else shapes_of(value or "")
    stripe = [shape for shape in shapes if shape.startswith("stripe-")]
    return next((mode for mode in ("live", "test") if any(shape.endswith(mode) for shape in stripe)), "")


def _named(name: str, seen: Variables) -> str:
    """Name a variable, with its value where that is no secret."""
    value = seen.values[name].value
    return f"{shown(name, seen)}={value}" if isinstance(value, str) and name in WORDS else shown(name, seen)


@check("env.stripe-keys-pair", when=in_use("stripe"), severity=Severity.CRITICAL)
def stripe_keys_pair(env: Environment, files: Mapping[EnvFile, Variables]) -> Verdict:
    """Stripe's publishable and secret keys have the same mode.

    Why: With a live publishable key and a test secret key (or the other way round) every payment fails, for the
    browser creates it in one mode and the API looks for it in the other.

    Fix: Copy both keys from the same page of Stripe's dashboard, https://dashboard.stripe.com/apikeys.
    """
    found = [
        (name, file, variable, mode)
        for file, seen in files.items()
        for name, variable in seen.values.items()
        if _is_stripe_key(name) and (mode := _stripe_mode(variable))
    ]
    secret = [each for each in found if each[0] == "STRIPE_SECRET_KEY"]
    public = [each for each in found if each[0] != "STRIPE_SECRET_KEY"]
    if not secret or not public:
        lacking = "secret" if not secret else "publishable"
        return not_applicable(
            f"there is no pair: no file holds a {lacking} key of Stripe's (see env.gateway-set-complete)"
        )
    defects = [
        Defect(f"{name} is a {mode} key, STRIPE_SECRET_KEY a {secret_mode} one", place(file, variable))
        for _, _, _, secret_mode in secret
        for name, file, variable, mode in public
        if mode != secret_mode
    ]
    return judged(defects, ok=f"both are {secret[0][3]} keys")
