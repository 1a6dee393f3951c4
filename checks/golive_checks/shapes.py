"""Named shapes of values: what a secret looks like wherever it stands, and the types a variable may have. Pure."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urlsplit

from golive.tokens import MASK, without_tokens

SECRET_PATTERNS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        # https://docs.stripe.com/keys: secret and restricted keys, live and test; webhook signing secrets
        "stripe-secret-live": r"\bsk_(?:org_)?live_[A-Za-z0-9]{16,}",
        "stripe-secret-test": r"\bsk_(?:org_)?test_[A-Za-z0-9]{16,}",
        "stripe-restricted-live": r"\brk_live_[A-Za-z0-9]{16,}",
        "stripe-restricted-test": r"\brk_test_[A-Za-z0-9]{16,}",
        "stripe-webhook-secret": r"\bwhsec_[A-Za-z0-9+/=]{16,}",
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html: long-term and temporary keys
        "aws-access-key-id": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
        # RFC 7468, section 10 and 13, and the older PEM labels
        "private-key": r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----",
        # https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
        "postgres-address": r"\bpostgres(?:ql)?://[^\s\"'`<>]{3,}",
        # https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/
        # https://github.blog/changelog/: since 2026 an installation's token is ghs_, the app's id and a JWT
        "github-token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,}"
        r"|ghs_[0-9]{1,20}_[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})",
        # https://api.slack.com/authentication/token-types
        "slack-token": r"\bxox[abprs]-[A-Za-z0-9-]{20,}",
        # https://docs.sendgrid.com/api-reference: "SG.", 22 characters, 43 characters
        "sendgrid-key": r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b",
        # https://docs.npmjs.com/about-access-tokens
        "npm-token": r"\bnpm_[A-Za-z0-9]{36}\b",
    }.items()
}
"""What must never stand where everyone can read it. A `pk_` key and a Sentry DSN are public by design."""

SECRET_MARKS: Mapping[str, tuple[str, ...]] = {
    "stripe-secret-live": ("sk_live_", "sk_org_live_"),
    "stripe-secret-test": ("sk_test_", "sk_org_test_"),
    "stripe-restricted-live": ("rk_live_",),
    "stripe-restricted-test": ("rk_test_",),
    "stripe-webhook-secret": ("whsec_",),
    "aws-access-key-id": ("AKIA", "ASIA"),
    "private-key": ("PRIVATE KEY",),
    "postgres-address": ("postgres",),
    "github-token": ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    "slack-token": ("xox",),
    "sendgrid-key": ("SG.",),
    "npm-token": ("npm_",),
}
"""What a text must hold, at the least, for a pattern to be found in it: looked for in a hundredth of the time."""

DURATION = re.compile(
    r"(?P<number>-?(?:\d++(?:\.\d+)?|\.\d+)) *"
    r"(?P<unit>milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w|years?|yrs?|y)?",
    re.IGNORECASE,
)
"""The grammar of https://github.com/vercel/ms, which jsonwebtoken and the like read a time to live with."""
LOCAL_URL = re.compile(
    r"://(?:[^/?#@\s\"']*@)?(?:[^/?#@\s\"']*,)?"
    r"(?:localhost|[a-z0-9-]+\.localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\])(?![\w.-])"
    r"|(?:^|[@;\s])(?:tcp\(|(?:host|server|data source) *= *)(?:tcp:)?(?:localhost|127\.0\.0\.1)(?![\w.-])",
    re.IGNORECASE,
)
"""A URL, or a driver's own form of one, that leads to the machine it is used on."""
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31557600.0}
"""vercel/ms: a year is 365.25 days."""

VALUE_PATTERNS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(value)
    for name, value in {
        "integer": r"\d{1,18}",
        "boolean": r"(?i:true|false|1|0|yes|no|on|off)",
        "on": r"(?i:true|1|yes|on|y|t|enabled?)",
        "nothing": r"\(?(?i:null|none|nil)\)?",
        "word": r"[A-Za-z][A-Za-z_-]{0,23}",
        "hex-32": r"[0-9a-fA-F]{32}",
        "uuid": r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        "uuid-v4": r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}",
        "host-name": r"(?:[A-Za-z0-9_-]{1,63}\.)+[A-Za-z]{2,63}",
        # where a value lies, and not the value itself: a file, or a secret store's name of it
        "file-path": r"(?:[.~]{0,2}/|[A-Za-z]:[\\/]|%kernel\.project_dir%/)[^\n]*"
        r"\.(?:pem|key|der|p8|p12|jks|crt|txt|json)"
        r"|/run/secrets/[\w.-]+",
        "reference": r"(?:op|vault|ref\+\w+|ssm|sm|gcp|aws-?sm|infisical|doppler|secret|env):/{0,2}[\w./:#@+-]+"
        r"|arn:aws[\w-]*:(?:secretsmanager|ssm):[\w./:+=@-]+|@Microsoft\.KeyVault\(.*\)",
        "stripe-publishable-live": r"pk_live_[A-Za-z0-9]{16,}",
        "stripe-publishable-test": r"pk_test_[A-Za-z0-9]{16,}",
    }.items()
}


def secrets_in(text: str) -> frozenset[str]:
    """Name the secret shapes that stand anywhere in `text`."""
    return frozenset(name for name, pattern in SECRET_PATTERNS.items() if pattern.search(text))


def without_secrets(text: str) -> str:
    """Return a text with a mask in place of what has the shape of a secret."""
    text = without_tokens(text)
    for pattern in SECRET_PATTERNS.values():
        text = pattern.sub(MASK, text)
    return text


def shapes_of(value: str) -> frozenset[str]:
    """Name every shape that the whole of `value` has, and the secret shapes within it."""
    whole = {name for name, pattern in VALUE_PATTERNS.items() if pattern.fullmatch(value)}
    return frozenset(whole | {name for name, has in _TESTS.items() if has(value)}) | secrets_in(value)


def duration_s(value: str) -> float | None:
    """Return the seconds that vercel/ms reads in `value`; None where it reads nothing. Without a unit: milliseconds."""
    match = DURATION.fullmatch(value.strip())
    if not match or len(value) > 100:  # noqa: PLR2004 - vercel/ms refuses a longer string
        return None
    return float(match["number"]) * SECONDS[_unit(match["unit"] or "ms")]


def duration_has_unit(value: str) -> bool:
    """Return whether a duration names its unit."""
    match = DURATION.fullmatch(value.strip())
    return bool(match and match["unit"])


def split_url(value: str) -> SplitResult | None:
    """Split a URL with a scheme, a host and, if any, a valid port; None where it is none."""
    try:
        url = urlsplit(value)
        _ = url.port  # raises where it is not a number up to 65535
    except ValueError:
        return None
    spaced = any(c.isspace() or c in "<>" for c in value)
    return url if url.scheme and url.hostname and not spaced else None


def _unit(word: str) -> str:
    low = word.lower()
    return "ms" if low.startswith(("ms", "milli")) else low[0]


def _is_port(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 5 and 1 <= int(value) <= 65535  # noqa: PLR2004 - RFC 6335


def _is_url(*schemes: str) -> Callable[[str], bool]:
    def test(value: str) -> bool:
        url = split_url(value)
        return bool(url and url.scheme in schemes)

    return test


def _is_postgres(value: str) -> bool:
    """Return whether Prisma and libpq would find a host and a database in a connection URL."""
    try:
        url = urlsplit(value)
        _ = url.port
    except ValueError:
        return False
    scheme = url.scheme in {"postgres", "postgresql"}
    somewhere = bool(url.hostname) or "host=" in url.query
    return scheme and somewhere and len(url.path) > 1 and not any(c.isspace() for c in value)


def _has_password(value: str) -> bool:
    url = split_url(value)
    return bool(url and url.password)


_TESTS: Mapping[str, Callable[[str], bool]] = {
    "port": _is_port,
    "duration": lambda value: duration_s(value) is not None,
    "duration-with-unit": duration_has_unit,
    "https-url": _is_url("https"),
    "http-url": _is_url("http"),
    "postgres-url": _is_postgres,
    "url-with-password": _has_password,
    "blank-edges": lambda value: value != value.strip(),
    "url": lambda value: bool(split_url(value)),
    "local-url": lambda value: bool(LOCAL_URL.search(value)),
    "several-lines": lambda value: "\n" in value.strip("\n"),
}
