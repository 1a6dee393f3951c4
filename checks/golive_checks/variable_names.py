"""What a variable's name says of it, in any framework: a secret, a debug switch, a mode, what a browser gets. Pure."""

import re
from collections.abc import Mapping

BROWSER = (
    "VITE_",
    "NEXT_PUBLIC_",
    "NUXT_PUBLIC_",
    "PUBLIC_",
    "REACT_APP_",
    "VUE_APP_",
    "GATSBY_",
    "EXPO_PUBLIC_",
    "NX_PUBLIC_",
    "STORYBOOK_",
)
"""Prefixes of what build tools write into the scripts that they serve: Vite, Next, Nuxt, Astro and SvelteKit, CRA, …"""

PASSWORD = re.compile(r"(?:PASSWORD|PASSWD|PASSPHRASE|PWD|PASS)")
"""The last word of the name of what somebody logs in with."""
SHELLS_OWN = frozenset({"PWD", "OLDPWD"})
"""Where a shell is."""
SECRET = re.compile(r"(?:SECRET|KEY|KEYS|TOKEN|SALT|PEPPER|PIN|CREDENTIALS?|KEY_BASE|SECRET_V\d|DSN|DATABASE_URL)")
NOT_SECRET = re.compile(
    r"(?:^|_)(?:PUBLIC|PUBLISHABLE|PUB|SITE_?KEY|ANON|KEY_ID|KEY_NAME|KEY_PREFIX|KEY_PATH|KEY_FILE|PRIMARY_KEY)(?:_|$)"
)
"""Words by which a key says itself that everyone may have it, or that it is the name of one."""
SIGNING = re.compile(
    r"(?:(?:DJANGO|FLASK|APP|API|RAILS|AUTH|BETTER_AUTH|NEXTAUTH|NEXT_AUTH|WEB|SERVER|SECURITY|PAYLOAD)_)?SECRET"
    r"|(?:(?:DJANGO|FLASK|APP|API|WEB|SERVER|SECURITY|FASTAPI|QUART|STARLETTE)_)?SECRET_KEY(?:_BASE)?"
    r"|APP_KEYS?|RAILS_MASTER_KEY|AUTH0_SECRET|LOCKBOX_MASTER_KEY|JWT_KEY|COOKIE_KEYS?"
    r"|(?:[A-Z0-9]+_){0,4}(?:SESSIONS?|COOKIES?|JWT|CSRF)_(?:(?:ACCESS|REFRESH|RESET|AUTH|TOKEN)_)?SECRET(?:_KEY)?"
    r"|(?:[A-Z0-9]+_){0,2}(?:SESSION|COOKIE|JWT|CSRF)_(?:SIGNING|ENCRYPTION|SIGN|HASH)_(?:SECRET|KEY)"
    r"|(?:[A-Z0-9]+_){0,2}JWT_(?:SETTINGS|OPTIONS|CONFIG|TOKEN|BEARER)_(?:SIGNING_)?(?:SECRET_KEY|SECRET|KEY)"
    r"|(?:AUTHENTICATION|AUTH)_JWT_(?:SECRET_)?KEY|(?:NUXT_)?(?:SESSION|COOKIE)_PASSWORD|(?:(?:ACCESS|REFRESH|RESET|ID)_)?TOKEN_SECRET(?:_KEY)?|(?:ACCESS|REFRESH)_SECRET"
    r"|(?:SIGNING|ENCRYPTION|ENCRYPT|HASHING)_(?:SECRET|KEY)(?:_BASE)?"
    r"|ACTIVE_RECORD_ENCRYPTION_(?:PRIMARY|DETERMINISTIC)_KEY"
)
"""What signs or encrypts sessions and tokens: Django, Flask, Rails, Laravel, Next, Express, Nest, Strapi, …

A vendor's key is none, so a prefix that is not known (`STRIPE_SECRET_KEY`, `FACEBOOK_APP_SECRET`) does not count.
"""

MODES = frozenset(
    {
        "NODE_ENV",
        "RAILS_ENV",
        "RACK_ENV",
        "APP_ENV",
        "FLASK_ENV",
        "DJANGO_ENV",
        "ENVIRONMENT",
        "ENV",
        "APP_ENVIRONMENT",
        "ASPNETCORE_ENVIRONMENT",
        "DOTNET_ENVIRONMENT",
        "MIX_ENV",
        "GIN_MODE",
        "GO_ENV",
        "SPRING_PROFILES_ACTIVE",
        "QUARKUS_PROFILE",
        "MICRONAUT_ENVIRONMENTS",
        "CI_ENVIRONMENT",
        "WP_ENV",
        "WP_ENVIRONMENT_TYPE",
        "YII_ENV",
        "CRAFT_ENVIRONMENT",
        "FASTAPI_ENV",
        "NEST_ENV",
        "BUN_ENV",
        "DENO_ENV",
        "DJANGO_SETTINGS_MODULE",
        "DJANGO_CONFIGURATION",
    }
)
"""By these a framework, or the product itself, chooses how it runs."""
DEVELOPMENT = re.compile(r"(?:local_?)?dev(?:el(?:op(?:ment)?)?)?|local|debug|test(?:ing)?", re.IGNORECASE)
LIBRARIES = frozenset(
    {
        "SENTRY",
        "OTEL",
        "NEXTAUTH",
        "AUTH",
        "SMTP",
        "MAIL",
        "EMAIL",
        "SQL",
        "DB",
        "DATABASE",
        "REDIS",
        "KAFKA",
        "PRISMA",
        "GRAPHQL",
        "AWS",
        "STRIPE",
        "QUERY",
        "HTTP",
        "LOG",
        "CACHE",
        "QUEUE",
        "CELERY",
        "SOCKET",
        "I18N",
    }
)
"""Prefixes of DEBUG that switch on only a library, or one topic."""
REVERSED = frozenset({"NO", "NOT", "DISABLE", "DISABLED", "WITHOUT", "HIDE", "SKIP", "EXCLUDE", "NON"})
WHOLE = frozenset({"MODE", "ENABLED", "ENABLE", "IS", "ON", "FLAG", "TOOLBAR", "DISPLAY", "ERRORS"})
"""Words beside DEBUG that change nothing of what it switches."""

ORIGINS = re.compile(r"(?:[A-Z0-9]+_)*(?:(?:ALLOWED|CORS|TRUSTED|ALLOW)_(?:[A-Z0-9]+_)?)(?:ORIGINS?|HOSTS?)(?:_LIST)?")
OPEN_CORS = re.compile(r"(?>(?:[A-Z0-9]+_)*?CORS_)(?:[A-Z0-9]+_)*ALLOW_ALL(?:_ORIGINS)?|CORS_ORIGIN_ALLOW_ALL")
SERVICE_HOST = re.compile(
    r"(?:[A-Z0-9]+_)*(?:DB|DATABASE|POSTGRES|PG|MYSQL|REDIS|MONGO|MAIL|SMTP|RABBITMQ|KAFKA)_?HOST"
)
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
OWN_NAME = re.compile(
    r"PHX_HOST|SERVER_NAME|VIRTUAL_HOST|(?!(?:SMTP|MAIL|MAILER|EMAIL)_)(?:[A-Z0-9]+_)*+DOMAIN"
    r"|(?:SITE|PUBLIC|WEB|FRONTEND|CANONICAL)_HOST"
)
"""By these an app knows the name that the world has for it, and writes it into links and cookies."""
LISTENING = re.compile(
    r"(?:[A-Z0-9]+_)*(?:BIND|LISTEN|LISTENER|HEALTH|HEALTHCHECK)(?:_[A-Z0-9]+)*|(?:ASPNETCORE|DOTNET)_URLS|URLS"
    r"|GUNICORN_CMD_ARGS"
)
"""Addresses that an app listens at, or asks itself at for its health: this machine's in good faith."""
BESIDE = re.compile(r"(?:OTEL|DD|STATSD|JAEGER|ZIPKIN|TEMPO)_(?:[A-Z0-9]+_)*[A-Z0-9]+")
"""What an agent on the same machine takes: traces and measurements."""


def words(name: str) -> tuple[str, ...]:
    """Return the words of a name, in capitals: `appDebug` and `app-debug` are APP and DEBUG."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return tuple(part for part in re.split(r"[^A-Z0-9]+", parted.upper()) if part)


def upper(name: str) -> str:
    """Write a name as most frameworks do."""
    return "_".join(words(name))


def reaches_browser(name: str, prefixes: tuple[str, ...] = BROWSER) -> bool:
    """Return whether a build tool writes the variable into what it serves; of others it writes none."""
    return name.startswith(prefixes)


def is_password(name: str) -> bool:
    """Return whether somebody logs in with it."""
    return bool(words(name)) and name not in SHELLS_OWN and bool(PASSWORD.fullmatch(words(name)[-1]))


def is_secret(name: str) -> bool:
    """Return whether its value is to be kept to oneself: by the last words of its name, not by any."""
    plain = upper(name)
    if NOT_SECRET.search(plain) or reaches_browser(name):
        return False
    return is_password(name) or is_signing(name) or any(SECRET.fullmatch(end) for end in _ends(plain))


def is_signing(name: str) -> bool:
    """Return whether it signs or encrypts sessions or tokens."""
    plain = upper(name)
    return bool(SIGNING.fullmatch(plain)) and not NOT_SECRET.search(plain)


def debug_switch(name: str) -> str:
    """Tell what a name switches: `product`, part of it (`part`), or nothing (empty)."""
    found = words(name)
    if "DEBUG" not in found and "DEBUGBAR" not in found:
        return ""
    others = {word for word in found if word not in {"DEBUG", "DEBUGBAR"}}
    if others & REVERSED:
        return ""
    behind = set(found[found.index("DEBUG") + 1 :]) if "DEBUG" in found else others & LIBRARIES
    return "part" if (behind - WHOLE) or others & LIBRARIES else "product"


def development(name: str, value: str) -> bool:
    """Return whether a mode's value chooses development: one of several words, or a module's last (`config.dev`)."""
    plain = value.strip("\"' ")
    if upper(name) == "DJANGO_SETTINGS_MODULE":
        plain = plain.rpartition(".")[2]
    return any(DEVELOPMENT.fullmatch(part.strip()) for part in re.split(r"[,;]", plain))


def is_mode(name: str) -> bool:
    """Return whether a framework chooses by it how it runs."""
    return upper(name) in MODES


def truth(value: str) -> bool | None:
    """Read a switch as frameworks do; None where it is neither on nor off, as npm debug's `app:*`."""
    return SWITCHED.get(value.strip("\"'() ").lower())


FALSE_TO: Mapping[str, frozenset[str]] = {"FLASK_DEBUG": frozenset({"", "0", "false", "no"})}
"""Switches that every other word turns on (Flask's get_debug_flag)."""
FALSE_TO_LARAVEL = frozenset({"", "0", "false", "(false)", "null", "(null)", "empty", "(empty)"})
"""What Laravel's env() makes false of: `off` and `no` are texts to it, and a text is true."""


SWITCHED: Mapping[str, bool] = {
    **dict.fromkeys(("true", "1", "yes", "on", "ok", "y", "t", "enabled", "enable", "develop", "debug"), True),
    **dict.fromkeys(("", "false", "0", "no", "off", "n", "f", "disabled", "disable", "none", "null", "nil"), False),
    **dict.fromkeys(("error", "warn", "warning", "info", "critical", "production", "prod"), False),
}
"""Flask, Laravel, environs, pydantic, strtobool; words of levels, where `DEBUG` takes one."""


def _ends(plain: str) -> tuple[str, ...]:
    """Return a name's last word, and its last two."""
    parts = plain.split("_")
    return ("_".join(parts[-1:]), "_".join(parts[-2:]))
