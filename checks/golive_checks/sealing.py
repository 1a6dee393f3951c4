"""Measures a secret when it is read, so that nothing behind the probe ever holds it."""

import re

from golive import Sealed
from golive.sealed import keyed_digest
from golive_checks.placeholders import placeholder
from golive_checks.shapes import duration_s, secrets_in, shapes_of, split_url
from golive_checks.strength import entropy_bits
from golive_checks.variable_names import (
    BROWSER,
    OPEN_CORS,
    ORIGINS,
    OWN_NAME,
    SERVICE_HOST,
    debug_switch,
    is_mode,
    upper,
)

PUBLIC_NAMES = (
    "PORT",
    "HOST",
    "TZ",
    "ACCESS_TTL",
    "REFRESH_TTL",
    "ALLOWED_ORIGINS",
    "*_ENV",
    "*_ENVIRONMENT",
    "MTN_MOMO_TARGET_ENVIRONMENT",
    "LOG_LEVEL",
    *(f"{prefix}*" for prefix in BROWSER),
)
"""Names whose values are no secret: settings, and what a build bakes into the bundle."""

SETTINGS = re.compile(f"{OPEN_CORS.pattern}|{SERVICE_HOST.pattern}|{OWN_NAME.pattern}")
PLAIN = re.compile(r"\d{1,6}|[A-Za-z][A-Za-z_-]{0,23}|\*|")
ORIGIN = re.compile(r"(?:[a-z][a-z0-9+.-]{1,12}://)?[A-Za-z0-9.*_\[\]:<>-]{1,253}(?:/[A-Za-z0-9._~-]{0,24}){0,4}")
LONGEST_LABEL = 32
LONGEST_DURATION = 20
PUBLIC_BY_DESIGN = re.compile(r"pk_(?:live|test)_[A-Za-z0-9]{16,255}|https://[0-9a-f]{32}@[a-z0-9.-]{1,253}/\d{1,20}")
"""Stripe's publishable keys, and the DSNs by which a browser reports to Sentry."""


def says_itself_public(name: str) -> bool:
    """Return whether a variable is a setting by its name: a mode, a switch, a list of hosts or origins."""
    plain = upper(name)
    return (
        is_mode(name) or bool(debug_switch(name)) or bool(SETTINGS.fullmatch(plain)) or bool(ORIGINS.fullmatch(plain))
    )


def seal(value: str, name: str = "") -> Sealed:
    """Measure `value` and let go of it. What a placeholder is depends on its variable's name, where there is one."""
    try:
        data = value.encode("utf-8", "surrogateescape")  # the bytes of a file, whatever they are
    except UnicodeEncodeError:
        data = value.encode("utf-8", "surrogatepass")  # JSON can hold half a character, as \\ud800
    return Sealed(
        length=len(data),
        entropy_bits=entropy_bits(value),
        shapes=shapes_of(value),
        placeholder=placeholder(value, name),
        digest=keyed_digest(data),
    )


def tells_nothing(value: str, *, is_setting: bool = False) -> bool:
    """Return whether `value` has a form in which no secret fits: a number, a word, a duration, names of hosts.

    A name that is public by declaration may hold a secret by mistake; its value is then sealed all the same.
    """
    if secrets_in(value):
        return False
    if any(form.fullmatch(value) for form in (PLAIN, PUBLIC_BY_DESIGN)):
        return True
    if len(value) <= LONGEST_DURATION and duration_s(value) is not None:
        return True
    parts = [part.strip() for part in value.split(",")]
    if is_setting:  # a list of words, in whichever form a framework reads it
        parts = [part for part in re.split(r"[,;\s'\"()\[\]]+", value) if not PLAIN.fullmatch(part)]
    return len(parts) <= 50 and all(map(_is_origin, parts))  # noqa: PLR2004 - more origins than anyone has


def _is_origin(part: str) -> bool:
    """Return whether it is an origin or an address: dots between short labels, no user, no query."""
    if part in {"", "*", "null"}:
        return True
    if not ORIGIN.fullmatch(part) or max(map(len, re.split(r"[./:]", part))) > LONGEST_LABEL:
        return False
    url = split_url(part)
    return url is not None or "." in part or part.startswith("localhost") or "<" in part
