"""What can be wrong with the environment variables, their files, and what of them is baked into the web app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.world import env_texts as texts
from golive_lab.world.env_texts import made_up, set_to, value_of, without

if TYPE_CHECKING:
    from golive_lab.world import World

FREE = "ORANGE_MOMO_API_KEY"
"""A variable of no type, which no other check looks at: a placeholder or a slip of the pen changes nothing else."""
PAIR, GATEWAYS, MODES = "env.stripe-keys-pair", "env.gateway-set-complete", "env.modes-match-environment"
WELLFORMED, PLACEHOLDERS, SYNTAX = "env.values-wellformed", "env.no-placeholders", "env.syntax-clean"
JWT, LIFETIMES, ORIGINS = "env.jwt-secrets-strong", "env.token-lifetimes-sane", "env.origins-exact"
WEB_SECRETS, WEB_API, PORT_MATCHES = "env.web-holds-no-secrets", "env.web-points-at-api", "proxy.upstream-matches-port"
RUNS, LOCAL, SESSIONS = "env.runs-as-production", "env.addresses-not-local", "env.session-secrets-strong"
IN_GIT = ("secrets.not-in-git",)


def env(**changes: Any) -> Callable[[World], World]:
    """Change the env files, and nothing else."""
    return lambda world: replace(world, env=replace(world.env, **changes))


def written(change: Callable[[str], str], *files: str) -> Callable[[World], World]:
    """Change the text of env files, as it is with whatever else is wrong with it."""

    def changed(world: World) -> World:
        texts_now: dict[str, Any] = {file: change(getattr(world.env, file)) for file in files}
        return env(**texts_now)(world)

    return changed


def api(name: str, value: str) -> Callable[[World], World]:
    """Set a variable of the API."""
    return written(lambda text: set_to(text, name, value), "api")


def web(name: str, value: str) -> Callable[[World], World]:
    """Set a variable of the web app; the example follows."""
    value_too = written(lambda text: set_to(text, name, value), "web")
    return lambda world: written(lambda text: set_to(text, name, "..."), "web_example")(value_too(world))


def added(name: str, value: str) -> Callable[[World], World]:
    """Set a variable of the API that it has not had; the example has its name."""
    return lambda world: written(lambda text: set_to(text, name, "..."), "api_example")(api(name, value)(world))


def lacking(name: str) -> Callable[[World], World]:
    """Take a variable out of its file and of the example."""
    file = "web" if name.startswith("VITE_") else "api"
    return written(lambda text: without(text, name), file, f"{file}_example")


def front(**changes: Any) -> Callable[[World], World]:
    """Change the built front end, and nothing else."""
    return lambda world: replace(world, app=replace(world.app, front=replace(world.app.front, **changes)))


def named(name: str) -> str:
    """Write a variable's name as part of a fault's id."""
    return name.lower().replace("_", "-")


MISSING = {
    "PORT": (PORT_MATCHES,),
    "JWT_ACCESS_SECRET": (),
    "JWT_REFRESH_SECRET": (),
    "ACCESS_TTL": (),
    "REFRESH_TTL": (),
    "ALLOWED_ORIGINS": (ORIGINS,),
    "MASTER_DATABASE_URL": (),
    "STRIPE_SECRET_KEY": (GATEWAYS, PAIR),
    "STRIPE_WEBHOOK_SECRET": (GATEWAYS,),
    "PAYPAL_CLIENT_ID": (GATEWAYS,),
    "PAYPAL_CLIENT_SECRET": (GATEWAYS,),
    "PAYPAL_ENV": (),
    "MTN_MOMO_API_KEY": (GATEWAYS,),
    "MTN_MOMO_USER_ID": (GATEWAYS,),
    "MTN_MOMO_ENV": (),
    "ORANGE_MOMO_API_KEY": (),
    "ORANGE_MOMO_ENV": (),
    "VITE_API_URL": (LOCAL,),
    "VITE_ENABLE_ECOMMERCE": (),
    "VITE_STRIPE_PUBLISHABLE_KEY": (GATEWAYS, PAIR, MODES),
}
"""Each variable that must be set, and the other checks that look at it."""

HALF_SETS = (
    "PAYPAL_WEBHOOK_ID",
    "MTN_MOMO_SUBSCRIPTION_KEY",
    "MTN_MOMO_TARGET_ENVIRONMENT",
    "ORANGE_MOMO_CLIENT_ID",
    "ORANGE_MOMO_CLIENT_SECRET",
    "ORANGE_MOMO_MERCHANT_KEY",
)

NO_DATABASE = value_of(texts.API, "MASTER_DATABASE_URL").partition("/master")[0]
MALFORMED: dict[str, tuple[str, tuple[str, ...]]] = {
    "PORT": ("40OO", (PORT_MATCHES,)),
    "ACCESS_TTL": ("a quarter", (LIFETIMES,)),
    "MASTER_DATABASE_URL": (NO_DATABASE, ()),
    "STRIPE_SECRET_KEY": ("sk_test_" + made_up("cut", 9), (PAIR,)),
    "STRIPE_WEBHOOK_SECRET": (made_up("no prefix", 32), ()),
    "PAYPAL_ENV": ("Sandbox", ()),
    "MTN_MOMO_API_KEY": (made_up("one digit short", 31, texts.HEX), ()),
    "MTN_MOMO_USER_ID": (made_up("no uuid", 32, texts.HEX), ()),
    "MTN_MOMO_TARGET_ENVIRONMENT": ("production", (MODES,)),
    "ORANGE_MOMO_ENV": ("test", (RUNS,)),
    "VITE_API_URL": ("api.demo.test:{https}", (WEB_API, LOCAL)),
    "VITE_ENABLE_ECOMMERCE": ("ja", ()),
    "VITE_STRIPE_PUBLISHABLE_KEY": ("pk_test_" + made_up("cut", 9), (PAIR, MODES)),
}
"""A value that is not of its variable's type, and the other checks that look at it."""

FILLERS = {
    "dots": "...",
    "change-me": "change_me",
    "template": "<domain>",
    "xxx": "xxx",
    "example": "example",
    "dev-access": "dev_access",
    "published-default": "minioadmin",
}

LINE = f"{FREE}={value_of(texts.API, FREE)}\n"
WRITTEN = {
    "duplicate": (LINE, LINE + LINE),
    "hash": (LINE, LINE.replace("=", "=a#", 1)),
    "space": (LINE, LINE.replace("=", " = ", 1)),
    "trailing-space": (LINE, LINE.replace("\n", " \n")),
    "export": (LINE, "export " + LINE),
    "interpolation": (LINE, LINE.replace("=", "=${PAYPAL_ENV}", 1)),
    "no-equals": (LINE, LINE + "DEBUG\n"),
    "crlf": ("\n", "\r\n"),
    "bom": (texts.API[:1], "\ufeff" + texts.API[:1]),
}
"""What is replaced in the API's file by what; `bom` at its first character alone."""


def mistyped(name: str) -> Callable[[str], str]:
    """Write something into the API's file as `WRITTEN` says."""
    old, new = WRITTEN[name]
    return lambda text: text.replace(old, new, 1 if name == "bom" else -1)


STAGING_ACCESS = value_of(texts.OTHER, "JWT_ACCESS_SECRET")
ORIGIN = "https://app.demo.test:{https}"
BOTH_ORIGINS = value_of(texts.API, "ALLOWED_ORIGINS")
LIVE_KEY, LEAKED = "sk_live_" + made_up("live", 96), "sk_test_" + made_up("leaked", 96)

FAULTS: tuple[Fault, ...] = (
    *(
        Fault(f"env.missing-{named(name)}", "env.variables-present", f"{name} is not set", lacking(name), also)
        for name, also in MISSING.items()
    ),
    Fault("env.empty", "env.variables-present", "A variable is set to nothing", api("ACCESS_TTL", "")),
    *(Fault(f"env.lacks-{named(name)}", GATEWAYS, f"{name} is not set", lacking(name)) for name in HALF_SETS),
    *(
        Fault(
            f"env.malformed-{named(name)}",
            WELLFORMED,
            f"{name} is not of its type",
            (web if name.startswith("VITE_") else api)(name, value),
            also,
        )
        for name, (value, also) in MALFORMED.items()
    ),
    *(
        Fault(f"env.placeholder-{name}", PLACEHOLDERS, f"A value is the placeholder {value}", api(FREE, value))
        for name, value in FILLERS.items()
    ),
    Fault(
        "env.placeholder-key",
        PLACEHOLDERS,
        "Stripe's secret key is sk_live_...",
        api("STRIPE_SECRET_KEY", "sk_live_..."),
        (WELLFORMED, PAIR),
    ),
    Fault(
        "env.placeholder-domain",
        PLACEHOLDERS,
        "The API's URL is https://api.<domain>",
        web("VITE_API_URL", "https://api.<domain>"),
        (WELLFORMED, WEB_API, LOCAL),
    ),
    Fault(
        "env.published-secret",
        PLACEHOLDERS,
        "A secret is the one of jwt.io's example",
        api("JWT_ACCESS_SECRET", "a-string-secret-at-least-256-bits-long"),
        (JWT,),
    ),
    *(
        Fault(
            f"env.syntax-{name}",
            SYNTAX,
            f"The file is written in a way that readers take differently: {name}",
            written(mistyped(name), "api"),
        )
        for name, (old, new) in WRITTEN.items()
    ),
    Fault("env.jwt-short", JWT, "A secret has 16 characters", api("JWT_ACCESS_SECRET", made_up("short", 16))),
    Fault("env.jwt-repeated", JWT, "A secret is one word, repeated", api("JWT_ACCESS_SECRET", made_up("word", 4) * 16)),
    Fault(
        "env.jwt-equal",
        JWT,
        "Access and refresh tokens are signed by one secret",
        api("JWT_REFRESH_SECRET", value_of(texts.API, "JWT_ACCESS_SECRET")),
    ),
    Fault("env.access-long", LIFETIMES, "Access tokens live for 30 days", api("ACCESS_TTL", "30d")),
    Fault("env.refresh-long", LIFETIMES, "Refresh tokens live for a year", api("REFRESH_TTL", "1y")),
    Fault("env.refresh-first", LIFETIMES, "Refresh tokens go before access tokens", api("REFRESH_TTL", "10m")),
    Fault("env.ttl-unitless", LIFETIMES, "ACCESS_TTL=900 lives 0.9 s", api("ACCESS_TTL", "900"), (WELLFORMED,)),
    Fault("env.origin-any", ORIGINS, "Every origin is allowed", api("ALLOWED_ORIGINS", "*")),
    Fault(
        "env.origin-wildcard",
        ORIGINS,
        "A pattern is allowed",
        api("ALLOWED_ORIGINS", f"{BOTH_ORIGINS},https://*.demo.test"),
    ),
    Fault(
        "env.origin-http", ORIGINS, "An origin is http", api("ALLOWED_ORIGINS", f"{BOTH_ORIGINS},http://app.demo.test")
    ),
    Fault("env.origin-slash", ORIGINS, "An origin ends in a slash", api("ALLOWED_ORIGINS", f"{BOTH_ORIGINS}/")),
    Fault("env.origin-shop", ORIGINS, "The shop's origin is not allowed", api("ALLOWED_ORIGINS", ORIGIN)),
    Fault(
        "env.origin-localhost",
        ORIGINS,
        "A developer's machine is allowed",
        api("ALLOWED_ORIGINS", f"{BOTH_ORIGINS},http://localhost:5173"),
        outcome="warn",
    ),
    Fault("env.stripe-live", MODES, "A live key, and no production", api("STRIPE_SECRET_KEY", LIVE_KEY), (PAIR,)),
    Fault("env.paypal-live", MODES, "PayPal is live, and no production", api("PAYPAL_ENV", "live")),
    Fault("env.mtn-live", MODES, "MTN's target is a country", api("MTN_MOMO_TARGET_ENVIRONMENT", "mtncameroon")),
    Fault("env.orange-live", MODES, "Orange is live, and no production", api("ORANGE_MOMO_ENV", "production")),
    Fault(
        "env.stripe-mixed",
        PAIR,
        "A live publishable key beside a test secret key",
        web("VITE_STRIPE_PUBLISHABLE_KEY", "pk_live_" + made_up("mixed", 96)),
        (MODES,),
    ),
    Fault(
        "env.web-secret",
        WEB_SECRETS,
        "A secret key in a VITE_ variable",
        web("VITE_STRIPE_SECRET_KEY", LEAKED),
        ("env.secrets-unpublished",),
    ),
    Fault(
        "env.bundle-secret", WEB_SECRETS, "A secret key in the bundle alone", front(extra_script=f'const k="{LEAKED}";')
    ),
    Fault(
        "env.web-localhost",
        WEB_API,
        "The web app is to call localhost",
        web("VITE_API_URL", "https://localhost:4000"),
        (LOCAL,),
    ),
    Fault("env.bundle-staging", WEB_API, "The bundle was built for staging", front(api_url="https://api.staging.test")),
    Fault(
        "env.example-behind",
        "env.example-in-step",
        "The example lacks a name",
        written(lambda text: without(text, FREE), "api_example"),
    ),
    Fault(
        "env.example-ahead",
        "env.example-in-step",
        "The example has a name that is set nowhere",
        written(lambda text: text + "NEW_RELIC_KEY=...\n", "api_example"),
    ),
    Fault(
        "env.shared", "env.secrets-not-shared", "Staging's secret is here too", api("JWT_ACCESS_SECRET", STAGING_ACCESS)
    ),
    Fault(
        "env.published",
        "env.secrets-unpublished",
        "A secret is in the example, too",
        written(lambda text: set_to(text, "SESSION_SECRET", value_of(texts.API, "SESSION_SECRET")), "api_example"),
        IN_GIT,
    ),
    Fault("env.debug-on", RUNS, "Debugging is on", added("DEBUG", "True"), outcome="warn"),
    Fault("env.debug-names", RUNS, "A library writes debug output", added("DEBUG", "express:*"), outcome="warn"),
    Fault("env.node-env", RUNS, "Node runs in development", api("NODE_ENV", "development"), outcome="warn"),
    Fault("env.local-url", LOCAL, "A laptop's URL", added("SHOP_URL", "http://localhost:3000"), outcome="warn"),
    Fault("env.hosts-open", "env.lists-closed", "Any Host header will do", api("ALLOWED_HOSTS", "*"), outcome="warn"),
    Fault("env.cors-open", "env.lists-closed", "Any origin will do", added("CORS_ORIGIN", "*"), outcome="warn"),
    Fault("env.session-weak", SESSIONS, "Sessions are signed with a word", api("SESSION_SECRET", "lions-and-tigers")),
    Fault("env.session-empty", SESSIONS, "Sessions are signed with nothing", api("SESSION_SECRET", "")),
    Fault("env.readable", "env.files-guarded", "Everyone may read the file", env(api_mode=0o644)),
    Fault("env.committed", "env.files-guarded", "The file is in the repository", env(committed="now"), also=IN_GIT),
    Fault(
        "env.committed-once",
        "env.files-guarded",
        "The file was in the repository",
        env(committed="once"),
        also=IN_GIT,
    ),
    Fault(
        "env.shallow",
        "env.files-guarded",
        "The repository's history is cut off",
        env(shallow=True),
        also=IN_GIT,
        outcome="unknown",
    ),
)
