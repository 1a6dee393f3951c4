"""What env files say to frameworks themselves: Django's deployment check, readers of switches, and zxcvbn's guesses."""

from __future__ import annotations

import os
import random
import string
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import environ
import pytest
from django.conf import settings as django_settings
from django.core.checks.security.base import check_debug, check_secret_key
from django.core.management.utils import get_random_secret_key
from django.test.utils import override_settings
from flask.helpers import get_debug_flag
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from golive import Environment, Location, Outcome
from golive_checks.env.running import Running, runs_as_production
from golive_checks.env.secrets import Signing, session_secrets_strong
from golive_checks.env.tokens import Tokens
from golive_checks.env.values import no_placeholders
from golive_checks.logins import DriverLogin, login_in
from golive_checks.systems.env.files import EnvFile, Variables, sealed
from golive_checks.systems.env.reading import Assigned, EnvReading
from golive_checks.systems.env.sources import EnvSource

SEED = 20261129
SHARE = 1 if os.environ.get("GOLIVE_ALL") else 10
FILE = EnvFile("api", role="api", source=EnvSource("file", "api.env"))
PRODUCTION = Environment("production", production=True)
FAIL = Outcome.FAIL
BITS = 3.321928
"""In a power of ten."""
WORDS = tuple(FREQUENCY_LISTS["english_wikipedia"][:5000])
PASSWORDS = tuple(FREQUENCY_LISTS["passwords"])


def held(name: str, value: str) -> Variables:
    """Return a variable with a value as golive holds it, whatever the file's reader would have made of it."""
    return sealed(FILE, EnvReading({name: Assigned(value, Location("api.env", 1))}))


def strong(name: str, value: str) -> bool:
    v = held(name, value)
    return session_secrets_strong(FILE, v, {FILE: v}, Signing(), Tokens()).outcome is Outcome.PASS


def debugs(name: str, value: str) -> Outcome:
    v = held(name, value)
    return runs_as_production(FILE, v, {FILE: v}, PRODUCTION, Running()).outcome


@pytest.fixture(scope="module", autouse=True)
def _django() -> None:
    if not django_settings.configured:
        django_settings.configure(SECRET_KEY=get_random_secret_key())


def by_chance(chance: random.Random) -> str:
    """Make up a secret that nobody guesses: 128 bits and more."""
    kind = chance.randrange(4)
    if kind == 0:
        return f"{chance.getrandbits(256):064x}"
    if kind == 1:
        return get_random_secret_key()
    letters = string.ascii_letters + string.digits + ("-_" if kind == 2 else "+/")
    return "".join(chance.choices(letters, k=chance.randint(24, 72)))


def of_people(chance: random.Random) -> str:
    """Make up a secret as people do."""
    words = chance.choices(WORDS, k=chance.randint(1, 4))
    kind = chance.randrange(6)
    if kind == 0:
        return chance.choice("-_ ").join(words)
    if kind == 1:
        return "".join(word.title() for word in words) + str(chance.randint(1, 2030))
    if kind == 2:
        return chance.choice(PASSWORDS[:3000]) + chance.choice(["", "!", "1", "123", "2026"])
    if kind == 3:
        return words[0].translate(str.maketrans("aeios", "@3105")) + str(chance.randint(0, 99))
    if kind == 4:
        return chance.choice(string.ascii_letters) * chance.randint(8, 80)
    row = chance.choice(["qwertyuiop", "1234567890", "abcdefghijklmnopqrstuvwxyz", "asdfghjkl"])
    return (row * 3)[: chance.randint(6, 24)]


def guesses_bits(value: str) -> float:
    return float(zxcvbn(value, max_length=100)["guesses_log10"]) * BITS


def test_a_secret_that_zxcvbn_guesses_is_weak_and_one_by_chance_is_not() -> None:
    chance = random.Random(SEED)
    count = 1200 // SHARE
    print(f"seed {SEED}, {count} of each")
    guessed = [value for value in (of_people(chance) for _ in range(count)) if guesses_bits(value) < 80]
    assert len(guessed) > count // 2
    assert [value for value in guessed if strong("SECRET_KEY", value)] == []
    assert [value for value in (by_chance(chance) for _ in range(count)) if not strong("SECRET_KEY", value)] == []


def django_secrets(chance: random.Random) -> Iterator[str]:
    for _ in range(2000 // SHARE):
        made = by_chance(chance)
        yield chance.choice([made, made, f"django-insecure-{made}", chance.choice("ab") * 60, of_people(chance)])


def test_djangos_deployment_check_of_the_key() -> None:
    """Where the two differ: Django wants 50 characters, however random; golive 112 bits, however long."""
    chance, differing = random.Random(SEED + 1), []
    for value in django_secrets(chance):
        with override_settings(SECRET_KEY=value):
            warned = bool(check_secret_key(None))
        fine = strong("SECRET_KEY", value)
        short = len(value) < 50 and not value.startswith("django-insecure-") and len(set(value)) >= 5
        if fine == warned and not (fine and short) and not (not fine and guesses_bits(value[:100]) < 112):
            differing.append((value, warned, fine))
    assert differing == []


SWITCHES = [
    "true",
    "false",
    "1",
    "0",
    "on",
    "off",
    "yes",
    "no",
    "y",
    "n",
    "t",
    "f",
    "ok",
    "2",
    "",
    "True",
    "FALSE",
    "No",
]


@pytest.mark.parametrize("word", SWITCHES)
def test_a_switch_is_on_where_its_framework_says_so(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", word)
    assert (debugs("FLASK_DEBUG", word) is FAIL) == get_debug_flag()
    read = environ.Env.parse_value(word, bool) if word else False
    with override_settings(DEBUG=read):
        off = not check_debug(None)  # true where DEBUG may be deployed
    on = debugs("DEBUG", word) is FAIL
    assert on or off
    assert not on or not off or word == "t"  # marshmallow's and strtobool's, which django-environ does not follow


def test_the_passwords_that_most_people_have_are_defaults() -> None:
    first = PASSWORDS[:100]
    assert [word for word in first if no_placeholders(FILE, held("ADMIN_PASSWORD", word)).outcome is not FAIL] == []
    made = (by_chance(random.Random(SEED + n)) for n in range(300 // SHARE))
    assert [word for word in made if no_placeholders(FILE, held("ADMIN_PASSWORD", word)).outcome is FAIL] == []


def test_the_login_in_a_url_is_the_one_that_django_environ_finds() -> None:
    chance = random.Random(SEED + 2)
    for _ in range(2000 // SHARE):
        user = "".join(chance.choices(string.ascii_letters + "@:/%é", k=chance.randint(1, 8)))
        password = "".join(chance.choices(string.printable[:94] + "é", k=chance.randint(1, 12)))
        scheme = chance.choice(["postgres", "postgresql", "mysql", "psql"])
        url = f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@db:5432/app"
        read: dict[str, Any] = environ.Env.db_url_config(url)
        assert login_in(url) == DriverLogin(read["USER"], read["PASSWORD"]), url
