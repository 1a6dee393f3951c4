"""The user and the password within a value, in the forms that drivers take: URLs, keys with values. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from golive_checks.shapes import split_url

USERS = frozenset({"user", "username", "user id", "user name", "uid"})
PASSWORDS = frozenset({"password", "pwd", "pass"})
PLACES = frozenset(
    {
        "host",
        "hostaddr",
        "server",
        "data source",
        "addr",
        "address",
        "dbname",
        "database",
        "initial catalog",
        "endpoint",
    }
)
"""Keys that make a text a connection string: libpq's, ADO.NET's, and those of other drivers."""
REDIS = re.compile(r"[\w.-]{1,253}:\d{1,5},")
"""StackExchange.Redis: `cache:6379,password=…`."""
GO = re.compile(r"([^:@/\s]{1,100}):([^@/\s]{1,200})@(?:tcp|unix)\(")
"""Go's driver for MySQL: `user:password@tcp(db:3306)/shop`."""


@dataclass(frozen=True)
class DriverLogin:
    """The user and the password in a value."""

    user: str
    password: str


def login_in(value: str) -> DriverLogin | None:
    """Return the login within a value; None where it has no password."""
    url = split_url(value.removeprefix("jdbc:").partition(",")[0])
    if url and url.password:
        return DriverLogin(unquote(url.username or ""), unquote(url.password))
    if found := GO.match(value):
        return DriverLogin(found[1], found[2])
    pairs = _pairs(value)
    user = next((pairs[key] for key in pairs if key in USERS), "")
    password = next((pairs[key] for key in pairs if key in PASSWORDS), "")
    return DriverLogin(user, password) if password and (PLACES & set(pairs) or REDIS.match(value)) else None


def _pairs(value: str) -> dict[str, str]:
    """Read `Host=db;Password=x`, `host=db password=x` and `cache:6379,password=x`."""
    separator = ";" if ";" in value else "," if REDIS.match(value) else None
    parts = (part.partition("=") for part in value.split(separator) if "=" in part)
    return {key.strip().lower(): text.strip().strip("'\"") for key, _, text in parts}
