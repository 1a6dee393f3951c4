"""Values that nobody meant to go live with: placeholders and published defaults, recognised as whole values. Pure.

A random value may hold `xxx` or `test` somewhere; so nothing is looked for inside a value, except in the parts that a
known form gives it: what stands after a key's prefix, a URL's host and its password.
"""

import re
from collections.abc import Mapping

from golive_checks.shapes import split_url
from golive_checks.strength import made_of_words
from golive_checks.variable_names import is_password, is_secret

WORDS = frozenset(
    word
    for line in (
        "changeme changethis changeit changemeplease replaceme replacethis replace tbd fixme fillme fillin",
        "placeholder example sample dummy fake foo bar baz foobar undefined nan unset qwerty",
        "secretkey mysecret mysecretkey topsecret supersecret supersecretkey jwtsecret yoursecret yourkey",
        "passw0rd devaccess devrefresh devreset devsecret devkey accesssecret refreshsecret",
    )
    for word in line.split()
)
"""Compared after lower-casing, without separators and without digits at the end."""
UNNAMED = WORDS | frozenset(["null", "nil", "todo", "secret", "password", "passwd"])
"""Of a value whose variable is not known."""
WORDS_FOR_SECRETS = UNNAMED | frozenset(
    [
        "pass",
        "key",
        "token",
        "jwt",
        "hmac",
        "session",
        "cookie",
        "test",
        "testing",
        "dev",
        "development",
        "local",
        "default",
        "admin",
        "none",
        "string",
        "random",
        "abc",
        "abcd",
        "abcdef",
        "insecure",
        "unsafe",
    ]
)
"""These stand for a value where a secret belongs; elsewhere they are words that someone may mean: `AUTH=password`."""
NOTHING = frozenset({"null", "nil", "none"})
"""In the place of a password: there is none, as Laravel writes it (`REDIS_PASSWORD=null`)."""
PASSWORDS = WORDS_FOR_SECRETS | {"root", "user", "demo", "guest", "postgres", "mysql", "welcome", "letmein", "manager"}
"""In the place of a password these stand for one too."""
LOUD = re.compile(
    r"(?:change|replace|insert|modify|rotate)[-_ ]*(?:me|this|with|your|before|here)|change[-_ ]*it"
    r"|(?:fill|paste|enter|generate)[-_ ]*(?:me|this|your|here|with)|placeholder"
    r"|(?:to|must|should)[-_ ]*be[-_ ]*(?:modified|changed|replaced|filled|generated)",
    re.IGNORECASE,
)
"""What a template says in the place of a secret, and what chance does not write."""
ASKED = re.compile(
    r"your[-_ ]?(?:own|very|super|app|secret|key|token|password|jwt|session|random|strong|api|encryption|256|32|64)"
    r"|(?:super|very|my|top|some|a|not|so|ultra)[-_ ]*+"
    r"(?:(?:long|random|secure|strong|a|so|very|super){1,8}[-_ ]*+)?secret"
    r"|(?:dev|development|local|test|demo|example|sample|default)[-_ ]?(?:only|jwt|session|secret|key|password)"
    r"|(?:^|[-_ ])(?:insecure|example|dummy|fixme|todo|openssl|rand)(?:$|[-_ ])",
    re.IGNORECASE,
)
"""The same in words that a random value might hold: looked for where the whole value is made of words."""
OF_WORDS = re.compile(r"[A-Za-z0-9 _.,:;!?'()<>-]{3,200}")
INSECURE = ("django-insecure-", "insecure-", "unsafe-")
"""Django's startproject puts the first before a key that it has made, so that it is seen (`check --deploy`, W009)."""
EMAIL_OF_EXAMPLE = re.compile(r"[^@\s]{1,64}@(?:[\w-]+\.)*example(?:\.(?:com|net|org))?", re.IGNORECASE)
PREFIX = re.compile(r"(?:(?:sk|rk|pk)_(?:live|test)_|whsec_|AKIA|ghp_|SG\.|Bearer |base64:|[a-z][a-z0-9+.-]*://)")
"""What a template leaves standing in front of its dots: a key's prefix, a URL's scheme."""
TEMPLATE = re.compile(r"<[^<>]*>|\[[A-Za-z][A-Za-z _-]*\]|\{\{[^{}]*\}\}|\$\{[^{}]*\}|__[A-Z_]+__|%[A-Z_]+%")
"""`<domain>`, `[your key]`, `{{ key }}`, `${KEY}`, `__KEY__`, `%KEY%`: for a person or a template engine to fill in."""
MARK_IN_URL = re.compile(r"<[A-Za-z][A-Za-z0-9 _.-]*>")
"""`https://api.<domain>`: no URL has a raw angle bracket (RFC 3986, appendix A)."""
INSTRUCTION = re.compile(
    r"(?:your|my|insert|enter|paste|put|add|set|replace|change|generate)[-_ ].{0,40}?"
    r"(?:here|key|secret|token|password|value|id|me|this|it)(?:[-_ ](?:here|in[-_ ]production))?",
    re.IGNORECASE,
)
"""`your_key_here`, `insert-secret-here`, `change-this-in-production`."""
FILLERS = re.compile(
    r"[.…]+|[xX]{3,}|[*]{2,}|[-_]+|[?]+|0{8,}|1234567890?|12345678?"
    r"|([0xX])\1{7}(?:-\1{4}){3}-\1{12}|(?:x{3,}+[-_])++(?:x{3,}+)?|(?:X{3,}+[-_])++(?:X{3,}+)?"
)

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
"""Defaults from public documentation: anyone tries them first."""
ENGINES = frozenset({"postgres"})
"""Those of PUBLISHED that also name an engine, as in DATABASE_CLIENT=postgres and DB_USER=postgres."""
EXAMPLE_HOSTS = re.compile(r"(?:.+\.)?example(?:\.(?:com|net|org))?", re.IGNORECASE)
"""RFC 2606, section 2 and 3: reserved for documentation, so nothing of anyone's lives there."""


def placeholder(value: str, name: str = "") -> str:
    """Say why the whole value is a placeholder or a published default; empty where it is none.

    `name` is its variable's: in the place of a secret more counts than elsewhere.
    """
    text = value.strip()
    prefix = match[0] if (match := PREFIX.match(text)) else ""
    rest = text.removeprefix(prefix)
    if text in PUBLISHED and (text not in ENGINES or not name or is_secret(name)):
        return f"it is {PUBLISHED[text]}"
    words = WORDS_FOR_SECRETS if is_secret(name) else WORDS if name else UNNAMED
    words -= NOTHING if is_password(name) else frozenset()
    reasons = {
        "it is a prefix with nothing behind it": bool(prefix) and not rest,
        "it is filled with dots, x or the like": FILLERS.fullmatch(rest),
        "it is a template's mark": TEMPLATE.fullmatch(rest) or INSTRUCTION.fullmatch(rest),
        "it has a template's mark where a name belongs": "://" in text and MARK_IN_URL.search(text),
        "it is a placeholder word": "://" not in prefix and _plain_word(rest) in words,
        "it is an address reserved for examples": EMAIL_OF_EXAMPLE.fullmatch(text),
    }
    return next((reason for reason, holds in reasons.items() if holds), "") or _of_url(text) or _of_secret(rest, name)


def _of_secret(text: str, name: str) -> str:
    """Judge what stands in a secret's place: words that ask for another value, and what is tried first."""
    if not text or not is_secret(name):
        return ""
    if is_password(name) and _plain_word(text) in PASSWORDS - NOTHING:
        return "it is a published default"
    if text.startswith(INSECURE):
        return f"it begins with {next(mark for mark in INSECURE if text.startswith(mark))}, as a template's key does"
    if OF_WORDS.fullmatch(text) and (LOUD.search(text) or (ASKED.search(text) and made_of_words(text))):
        return "it is a template's words"
    return ""


def _plain_word(text: str) -> str:
    return re.sub(r"[-_ .]", "", text).rstrip("0123456789!").lower()


def _of_url(text: str) -> str:
    url = split_url(text.removeprefix("jdbc:").partition(",")[0])
    if url and url.password and (_plain_word(url.password) in PASSWORDS or placeholder(url.password)):
        return "its password is a placeholder or a published default"
    if url and url.password and url.password == url.username:
        return "its password is its user's name"
    if url and url.hostname and EXAMPLE_HOSTS.fullmatch(url.hostname):
        return "its host is one reserved for examples"
    return ""
