"""Values that nobody meant to go live with: placeholders and published defaults, recognised as whole values. Pure.

A random value may hold `xxx` or `test` somewhere; so nothing is looked for inside a value, except in the parts that a
known form gives it: what stands after a key's prefix, a URL's host and its password.
"""

import re
from collections.abc import Mapping

from golive_checks.logins import login_in
from golive_checks.shapes import split_url
from golive_checks.strength import entropy_bits, made_of_words
from golive_checks.variable_names import is_password, is_secret

WORDS = frozenset(
    word
    for line in (
        "changeme changethis changeit changemeplease replaceme replacethis replace tbd fixme fillme fillin",
        "placeholder example sample dummy fake foo bar baz foobar undefined nan unset qwerty",
        "secretkey mysecret mysecretkey topsecret supersecret supersecretkey jwtsecret yoursecret yourkey",
        "passw0rd devaccess devrefresh devreset devsecret devkey accesssecret refreshsecret",
        "p@ssw0rd p@ssword pa$$word pa$$w0rd pass@word yourpassword yourstrongpassword strongpassword",
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
PASSWORDS = WORDS_FOR_SECRETS | frozenset(
    word
    for line in (
        "root user demo guest postgres mysql welcome letmein manager sa superuser administrator owner superadmin",
        "dragon baseball football monkey shadow master superman batman trustno iloveyou sunshine princess freedom",
        "whatever mustang michael jordan access flower loveme starwars ninja login hello hunter killer charlie",
        "redis mongo mongodb rabbitmq elastic grafana keycloak minio oracle kibana sonar jenkins tomcat nexus",
        "123qwe 1234qwer q1w2e3r4t qwer internet samantha maverick corvette gfhjkm",
        "computer soccer harley ranger buster thomas robert andrew daniel maggie summer winter",
    )
    for word in line.split()
)
"""In the place of a password these stand for one too: accounts of a first installation, and what guessers try first."""
FIRST_GUESSES_BITS = 20.0
"""A million guesses: what a value is worth that is a row of the keyboard, or a short run of digits."""
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
SWITCH = re.compile(r"true|false|yes|no|on|off|[01]", re.IGNORECASE)
"""`MYSQL_RANDOM_ROOT_PASSWORD=yes`: no password, but whether there is to be one."""
INSECURE = ("django-insecure-", "insecure-", "unsafe-")
"""Django's startproject puts the first before a key that it has made, so that it is seen (`check --deploy`, W009)."""
EMAIL_OF_EXAMPLE = re.compile(r"[^@\s]{1,64}@(?:[\w-]+\.)*example(?:\.(?:com|net|org))?", re.IGNORECASE)
PREFIX = re.compile(r"(?:(?:sk|rk|pk)_(?:live|test)_|whsec_|AKIA|ghp_|SG\.|Bearer |base64:|[a-z][a-z0-9+.-]*://)")
"""What a template leaves standing in front of its dots: a key's prefix, a URL's scheme."""
TEMPLATE = re.compile(
    r"<[^<>]*>|\[[A-Za-z][A-Za-z _-]*\]|\{\{[^{}]*\}\}|\$\{[^{}]*\}|__[A-Z_]+__|%[A-Z_]+%|!!+[A-Za-z _-]+!!+"
)
"""`<domain>`, `[your key]`, `{{ key }}`, `${KEY}`, `__KEY__`, `%KEY%`, `!!!SET KEY!!!`: for somebody, or something, to
fill in."""
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
    "mysecretpassword": "the password of the Postgres image's documentation",
    "yourStrong(!)Password": "the password of Microsoft's documentation",
    "this_password_is_insecure_and_should_be_updated": "Supabase's published default",
    "password-with-at-least-32-characters": "the example of nuxt-auth-utils",
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
    if is_password(name) and text.lower() not in NOTHING:
        if _plain_word(text) in PASSWORDS - NOTHING:
            return "it is a published default"
        if (entropy_bits(text) < FIRST_GUESSES_BITS or len(set(text)) == 1) and not SWITCH.fullmatch(text):
            return "it is among the first that anyone tries"
    if text.startswith(INSECURE):
        return f"it begins with {next(mark for mark in INSECURE if text.startswith(mark))}, as a template's key does"
    if OF_WORDS.fullmatch(text) and (LOUD.search(text) or (ASKED.search(text) and made_of_words(text))):
        return "it is a template's words"
    return ""


def _plain_word(text: str) -> str:
    return re.sub(r"[-_ .]", "", text).rstrip("0123456789!").lower()


def _of_url(text: str) -> str:
    login, url = login_in(text), split_url(text.removeprefix("jdbc:").partition(",")[0])
    if login and (_plain_word(login.password) in PASSWORDS or placeholder(login.password)):
        return "its password is a placeholder or a published default"
    if login and login.password == login.user:
        return "its password is its user's name"
    if (url and url.hostname and EXAMPLE_HOSTS.fullmatch(url.hostname)) or _names_examples(text):
        return "its host is one reserved for examples"
    return ""


def _names_examples(text: str) -> bool:
    """Return whether a list of hosts has one that is reserved for examples."""
    return any("." in part and EXAMPLE_HOSTS.fullmatch(part.strip()) for part in text.split(","))
