"""What stands in the reference stack's env files: values of the right shapes, made up here and good for nothing."""

from __future__ import annotations

import random
import string
import uuid
from collections.abc import Callable

ALPHANUMERIC = string.ascii_letters + string.digits
HEX = string.digits + "abcdef"


def made_up(name: str, length: int = 64, alphabet: str = ALPHANUMERIC) -> str:
    """Make up a value that is the same in every run: a literal one would look like a leaked secret to a scanner."""
    source = random.Random(f"golive lab {name}")  # noqa: S311 - it must be foreseeable
    return "".join(source.choice(alphabet) for _ in range(length))


def made_up_uuid(name: str) -> str:
    """Make up a random-looking UUID that is the same in every run."""
    return str(uuid.UUID(made_up(name, 32, HEX), version=4))


def set_to(text: str, name: str, value: str) -> str:
    """Return the text with `name` set to `value`, in place or at the end."""
    lines = text.splitlines(keepends=True)
    found = [i for i, line in enumerate(lines) if line.startswith(f"{name}=")]
    if not found:
        return f"{text}{name}={value}\n"
    lines[found[0]] = f"{name}={value}\n"
    return "".join(lines)


def without(text: str, name: str) -> str:
    """Return the text without the line that sets `name`."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(f"{name}="))


def value_of(text: str, name: str) -> str:
    """Return what `name` is set to."""
    return next(line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{name}="))


def names_in(text: str) -> tuple[str, ...]:
    """Name the variables of a text."""
    return tuple(line.partition("=")[0] for line in text.splitlines() if "=" in line and not line.startswith("#"))


def example_of(text: str) -> str:
    """Return a text as its example file has it: the same names, with dots for values."""
    return "".join(f"{n}=...\n" if (n := line.partition("=")[0]) != line else line + "\n" for line in text.splitlines())


def api_text(environment: str) -> str:
    """Make up the API's env file of an environment."""

    def secret(name: str, length: int = 64, alphabet: str = ALPHANUMERIC) -> str:
        return made_up(f"{environment} {name}", length, alphabet)

    database = f"postgresql://afrigest:{secret('database', 32)}@127.0.0.1:{{postgres}}/master"
    verified = "sslmode=require&sslaccept=strict&sslcert={folder}/tls/ca.pem"
    return f"""# The API of the reference stack
PORT={{api}}
NODE_ENV=production
ALLOWED_HOSTS=api.demo.test
SESSION_SECRET={secret("session")}
JWT_ACCESS_SECRET={secret("access")}
JWT_REFRESH_SECRET={secret("refresh")}
ACCESS_TTL=15m
REFRESH_TTL=30d
ALLOWED_ORIGINS=https://app.demo.test:{{https}},https://shop.demo.test:{{https}}
MASTER_DATABASE_URL={database}?schema=public&connection_limit=5&{verified}
TENANT_DATABASE_URL={database}?schema=tenant_demo&connection_limit=5&{verified}

{_gateways(environment, secret)}
SENTRY_DSN=http://{secret("sentry", 32, HEX)}@127.0.0.1:{{errors}}/1
"""


def _gateways(environment: str, secret: Callable[..., str]) -> str:
    """Make up the variables of the payment gateways."""
    return f"""STRIPE_SECRET_KEY=sk_test_{secret("stripe", 96)}
STRIPE_WEBHOOK_SECRET={{webhook_secret}}

PAYPAL_CLIENT_ID=A{secret("paypal id", 79)}
PAYPAL_CLIENT_SECRET=E{secret("paypal secret", 79)}
PAYPAL_WEBHOOK_ID={secret("paypal webhook", 17, string.ascii_uppercase + string.digits)}
PAYPAL_ENV=sandbox

MTN_MOMO_USER_ID={made_up_uuid(environment + " mtn user")}
MTN_MOMO_API_KEY={secret("mtn", 32, HEX)}
MTN_MOMO_SUBSCRIPTION_KEY={secret("mtn subscription", 32, HEX)}
MTN_MOMO_TARGET_ENVIRONMENT=sandbox
MTN_MOMO_ENV=sandbox

ORANGE_MOMO_API_KEY={secret("orange", 48)}
ORANGE_MOMO_CLIENT_ID={secret("orange id", 32)}
ORANGE_MOMO_CLIENT_SECRET={secret("orange secret", 32)}
ORANGE_MOMO_MERCHANT_KEY={secret("orange merchant", 12, HEX)}
ORANGE_MOMO_ENV=sandbox
"""


API_DSN_KEY = made_up("demo sentry", 32, HEX)
WEB_DSN_KEY = made_up("demo sentry web", 32, HEX)
WEB_DSN = f"http://{WEB_DSN_KEY}@127.0.0.1:{{errors}}/2"

API = api_text("demo")
OTHER = set_to(api_text("staging"), "STRIPE_WEBHOOK_SECRET", "whsec_" + made_up("staging webhook", 32))
WEB = f"""# Baked into the web app as it is built: everyone can read it
VITE_API_URL=https://api.demo.test:{{https}}
VITE_ENABLE_ECOMMERCE=true
VITE_ENABLE_STRIPE=true
VITE_STRIPE_PUBLISHABLE_KEY=pk_test_{made_up("publishable", 96)}
VITE_SENTRY_DSN={WEB_DSN}
"""
API_EXAMPLE = example_of(API)
WEB_EXAMPLE = example_of(WEB)

CODE = """import Stripe from 'stripe';

export const stripe = new Stripe(process.env.STRIPE_SECRET_KEY);

export const paypal = { webhookId: process.env.PAYPAL_WEBHOOK_ID };
export const mtn = {
  subscriptionKey: process.env.MTN_MOMO_SUBSCRIPTION_KEY,
  targetEnvironment: process.env.MTN_MOMO_TARGET_ENVIRONMENT,
};
export const orange = {
  clientId: process.env.ORANGE_MOMO_CLIENT_ID,
  clientSecret: process.env.ORANGE_MOMO_CLIENT_SECRET,
  merchantKey: process.env.ORANGE_MOMO_MERCHANT_KEY,
};
"""
"""A file of the API's code, and what someone put there to try it."""
LEAKED = "rk_live_" + made_up("leaked", 24)
