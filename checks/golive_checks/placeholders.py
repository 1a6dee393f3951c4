"""Values that nobody meant to go live with: placeholders and published defaults, recognised as whole values. Pure.

A random value may hold `xxx` or `test` somewhere; so nothing is looked for inside a value, except in the parts that a
known form gives it: what stands after a key's prefix, a URL's host and its password.
"""

import re
from collections.abc import Mapping

from golive_checks.shapes import split_url

WORDS = frozenset(
    word
    for line in (
        "changeme changethis changeit changemeplease replaceme replacethis replace todo tbd fixme fillme fillin",
        "placeholder example sample dummy fake foo bar baz foobar null nil undefined nan unset qwerty",
        "secret secretkey mysecret mysecretkey topsecret supersecret supersecretkey jwtsecret yoursecret yourkey",
        "password passw0rd passwd devaccess devrefresh devreset devsecret devkey accesssecret refreshsecret",
    )
    for word in line.split()
)
"""Compared after lower-casing, without separators and without digits at the end."""
PASSWORDS = WORDS | {"admin", "root", "user", "pass", "test", "dev", "demo", "default", "guest"}
"""In a URL's place for a password these stand for one too; elsewhere they are names that someone may mean."""
PREFIX = re.compile(r"(?:(?:sk|rk|pk)_(?:live|test)_|whsec_|AKIA|ghp_|SG\.|Bearer |[a-z][a-z0-9+.-]*://)")
"""What a template leaves standing in front of its dots: a key's prefix, a URL's scheme."""
TEMPLATE = re.compile(r"<[^<>]*>|\[[A-Za-z][A-Za-z _-]*\]|\{\{[^{}]*\}\}|\$\{[^{}]*\}|__[A-Z_]+__|%[A-Z_]+%")
"""`<domain>`, `[your key]`, `{{ key }}`, `${KEY}`, `__KEY__`, `%KEY%`: for a person or a template engine to fill in."""
MARK_IN_URL = re.compile(r"<[A-Za-z][A-Za-z0-9 _.-]*>")
"""`https://api.<domain>`: a raw angle bracket stands in no URL (RFC 3986, appendix A)."""
INSTRUCTION = re.compile(
    r"(?:your|my|insert|enter|paste|put|add|set|replace|change|generate)[-_ ].{0,40}?"
    r"(?:here|key|secret|token|password|value|id|me|this|it)(?:[-_ ](?:here|in[-_ ]production))?",
    re.IGNORECASE,
)
"""`your_key_here`, `insert-secret-here`, `change-this-in-production`."""
FILLERS = re.compile(r"[.…]+|[xX]{3,}|[*]{2,}|[-_]+|[?]+|0{8,}|1234567890?|12345678?")

PUBLISHED: Mapping[str, str] = {
    "your-256-bit-secret": "jwt.io's example",
    "a-string-secret-at-least-256-bits-long": "jwt.io's example",
    "shhhhh": "the example of jsonwebtoken's README",
    "keyboard cat": "the example of express-session's README",
    "super-secret-jwt-token-with-at-least-32-characters-long": "Supabase's published default",
    "minioadmin": "MinIO's published default",
    "AKIAIOSFODNN7EXAMPLE": "the example key of Amazon's documentation",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY": "the example key of Amazon's documentation",
    "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc": "the test key of Stripe's documentation",
    "pk_test_" + "TYooMQauvdEDq54NiTphI7jx": "the test key of Stripe's documentation",
    "postgres": "the password of every tutorial on Postgres",
    "admin123": "a published default",
    "letmein": "a published default",
}
"""Defaults that stand in public documentation: anyone tries them first."""
EXAMPLE_HOSTS = re.compile(r"(?:.+\.)?example(?:\.(?:com|net|org))?", re.IGNORECASE)
"""RFC 2606, section 2 and 3: reserved for documentation, so nothing of anyone's lives there."""


def placeholder(value: str) -> str:
    """Say why the whole value is a placeholder or a published default; empty where it is none."""
    text = value.strip()
    prefix = match[0] if (match := PREFIX.match(text)) else ""
    rest = text.removeprefix(prefix)
    if text in PUBLISHED:
        return f"it is {PUBLISHED[text]}"
    reasons = {
        "it is a prefix with nothing behind it": bool(prefix) and not rest,
        "it is filled with dots, x or the like": FILLERS.fullmatch(rest),
        "it is a template's mark": TEMPLATE.fullmatch(rest) or INSTRUCTION.fullmatch(rest),
        "it has a template's mark where a name belongs": "://" in text and MARK_IN_URL.search(text),
        "it is a word that stands for a value": "://" not in prefix and _plain_word(rest) in WORDS,
    }
    return next((reason for reason, holds in reasons.items() if holds), "") or _of_url(text)


def _plain_word(text: str) -> str:
    return re.sub(r"[-_ .]", "", text).rstrip("0123456789!").lower()


def _of_url(text: str) -> str:
    url = split_url(text.partition(",")[0])
    if url and url.password and (url.password.lower() in PASSWORDS or placeholder(url.password)):
        return "its password is a placeholder or a published default"
    if url and url.hostname and EXAMPLE_HOSTS.fullmatch(url.hostname):
        return "its host is one reserved for examples"
    return ""
