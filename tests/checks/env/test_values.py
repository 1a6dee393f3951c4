from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.checks.env.conftest import EXPECTED, ORIGINS

from golive import Environment, Location, Outcome
from golive_checks.env.syntax import syntax_clean
from golive_checks.env.values import no_placeholders, origins_exact, values_wellformed
from golive_checks.subjects import Host
from golive_checks.systems.env.files import Variables
from golive_checks.systems.env.sources import EnvSource
from golive_checks.systems.gateways.gateways import EVERY, Gateways
from golive_checks.systems.http.origins import Origin, origin_of

if TYPE_CHECKING:
    from tests.checks.env.conftest import Seen

    from golive_checks.systems.env.files import EnvFile

KEY = "Zq8" * 10
USED = Gateways(enabled=EVERY)
STAGING, PRODUCTION = Environment("staging"), Environment("production", production=True)
HOSTS = {
    host: Origin(origin_of(host))
    for host in (
        Host("api.afrigest.test", role="api"),
        Host("app.afrigest.test", role="app"),
        Host("shop.afrigest.test", role="shop", port=8443),
    )
}
BOTH = "https://app.afrigest.test,https://shop.afrigest.test:8443"


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("PORT", "4000", True),
        ("PORT", "0", False),
        ("PORT", "65536", False),
        ("PORT", "40OO", False),
        ("PORT", "4000 ", True),  # the reader takes the blank off; env.syntax-clean tells of it
        ("ACCESS_TTL", "15m", True),
        ("ACCESS_TTL", "1.5 hours", True),
        ("ACCESS_TTL", "900", False),
        ("ACCESS_TTL", "soon", False),
        ("REFRESH_TTL", "30d", True),
        ("MASTER_DATABASE_URL", "postgresql://u:p4ss@db.test:5432/master?schema=public", True),
        ("MASTER_DATABASE_URL", "postgres://u@db.test/master", True),
        ("MASTER_DATABASE_URL", "postgresql://u:p4ss@/master?host=/var/run/postgresql", True),
        ("MASTER_DATABASE_URL", "postgresql://u:p4ss@db.test:5432", False),
        ("MASTER_DATABASE_URL", "postgresql://u:p#ss@db.test:5432/master", False),
        ("MASTER_DATABASE_URL", "mysql://u:p4ss@db.test/master", False),
        ("STRIPE_SECRET_KEY", f"sk_test_{KEY}", True),
        ("STRIPE_SECRET_KEY", f"rk_live_{KEY}", True),
        ("STRIPE_SECRET_KEY", f"pk_live_{KEY}", False),
        ("STRIPE_SECRET_KEY", "sk_live_short", False),
        ("STRIPE_WEBHOOK_SECRET", f"whsec_{KEY}", True),
        ("STRIPE_WEBHOOK_SECRET", KEY, False),
        ("PAYPAL_ENV", "sandbox", True),
        ("PAYPAL_ENV", "Live", False),
        ("MTN_MOMO_USER_ID", "0b4e0b0e-7c5b-4b3f-9d1e-2f3a4b5c6d7e", True),
        ("MTN_MOMO_USER_ID", "0b4e0b0e-7c5b-1b3f-9d1e-2f3a4b5c6d7e", False),
        ("MTN_MOMO_API_KEY", "0123456789abcdef" * 2, True),
        ("MTN_MOMO_API_KEY", "0123456789abcdeg" * 2, False),
        ("MTN_MOMO_TARGET_ENVIRONMENT", "mtncameroon", True),
        ("MTN_MOMO_TARGET_ENVIRONMENT", "production", False),
        ("MTN_MOMO_ENV", "production", True),
        ("ORANGE_MOMO_ENV", "live", False),
        ("VITE_API_URL", "https://api.afrigest.test", True),
        ("VITE_API_URL", "http://api.afrigest.test", False),
        ("VITE_API_URL", "api.afrigest.test", False),
        ("VITE_ENABLE_ECOMMERCE", "true", True),
        ("VITE_ENABLE_ECOMMERCE", "ja", False),
        ("VITE_STRIPE_PUBLISHABLE_KEY", f"pk_test_{KEY}", True),
        ("VITE_STRIPE_PUBLISHABLE_KEY", f"sk_test_{KEY}", False),
    ],
)
def test_values_have_their_types(name: str, value: str, api: EnvFile, seen: Seen, *, good: bool) -> None:
    verdict = values_wellformed(api, seen(f"\n{name}='{value.strip()}'\n"), EXPECTED, USED)
    assert verdict.outcome is (Outcome.PASS if good else Outcome.FAIL)
    if not good:
        assert verdict.summary.startswith(name)
        assert verdict.at == Location("api.env", 2)


def test_a_secret_of_the_wrong_type_is_told_by_its_length_alone(api: EnvFile, seen: Seen) -> None:
    verdict = values_wellformed(api, seen(f"STRIPE_SECRET_KEY={KEY}\n"), EXPECTED, USED)
    assert "(30 characters)" in verdict.summary
    assert KEY not in str(verdict)


def test_milliseconds_are_explained(api: EnvFile, seen: Seen) -> None:
    assert (
        "900 is read as milliseconds and lives 900 ms"
        in values_wellformed(api, seen("ACCESS_TTL=900\n"), EXPECTED, USED).summary
    )
    target = values_wellformed(api, seen("MTN_MOMO_TARGET_ENVIRONMENT=production\n"), EXPECTED, USED)
    assert "`production` is a mode" in target.summary


def test_nothing_of_a_known_type_is_not_applicable(api: EnvFile, seen: Seen) -> None:
    assert values_wellformed(api, seen("FOO=1\n"), EXPECTED, USED).outcome is Outcome.NA


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("...", "dots"),
        ("change_me", "mark"),
        ("<domain>", "mark"),
        ("xxx", "dots"),
        ("example", "word"),
        ("dev_access", "word"),
        ("sk_live_...", "dots"),
        ("minioadmin", "published"),
        ("postgresql://user:password@db.test/master", "password"),
    ],
)
def test_placeholders_are_told(value: str, why: str, api: EnvFile, seen: Seen) -> None:
    verdict = no_placeholders(api, seen(f"SOMETHING='{value}'\n"))
    assert verdict.outcome is Outcome.FAIL
    assert why in verdict.summary
    assert verdict.at == Location("api.env", 1)


def test_a_public_value_may_be_a_placeholder_too(api: EnvFile, seen: Seen) -> None:
    assert no_placeholders(api, seen("VITE_API_URL=https://api.<domain>\n")).outcome is Outcome.FAIL


def test_random_values_are_none(api: EnvFile, seen: Seen) -> None:
    assert no_placeholders(api, seen("A=kxxxQ9example7Rt\nB=production\nC=0\n")).outcome is Outcome.PASS
    assert no_placeholders(api, seen("")).outcome is Outcome.NA


def test_syntax(api: EnvFile, seen: Seen) -> None:
    assert syntax_clean(api, seen("A=1\nB='x # y'\n")).outcome is Outcome.PASS
    verdict = syntax_clean(api, seen("A=1\nA=2\n"))
    assert (verdict.outcome, verdict.summary) == (Outcome.FAIL, "A set twice: line 1 is overruled")
    assert verdict.at == Location("api.env", 2)
    assert syntax_clean(api, Variables({})).outcome is Outcome.PASS
    assert syntax_clean(replace(api, source=EnvSource("process")), Variables({})).outcome is Outcome.NA


@pytest.mark.parametrize(
    ("origins", "env", "outcome", "word"),
    [
        (BOTH, STAGING, Outcome.PASS, ""),
        (BOTH.replace(",", " , "), STAGING, Outcome.PASS, ""),
        (BOTH + ",https://admin.afrigest.test", PRODUCTION, Outcome.PASS, ""),
        (BOTH.replace("app.afrigest.test", "APP.afrigest.test:443"), STAGING, Outcome.PASS, ""),
        ("*", STAGING, Outcome.FAIL, "wildcard"),
        (BOTH + ",https://*.afrigest.test", STAGING, Outcome.FAIL, "wildcard"),
        (BOTH + ",http://old.afrigest.test", STAGING, Outcome.FAIL, "not https"),
        (BOTH + "/", STAGING, Outcome.FAIL, "slash"),
        (BOTH + ",https://app.afrigest.test/login", STAGING, Outcome.FAIL, "path"),
        (BOTH + ",app.afrigest.test", STAGING, Outcome.FAIL, "not an origin"),
        (BOTH + ",null", STAGING, Outcome.FAIL, "not an origin"),
        (BOTH + ",", STAGING, Outcome.FAIL, "an empty entry"),
        (BOTH + ",http://localhost:5173", STAGING, Outcome.WARN, "this machine"),
        (BOTH + ",http://localhost:5173", PRODUCTION, Outcome.FAIL, "this machine"),
        (BOTH + ",https://127.0.0.1:5173", PRODUCTION, Outcome.FAIL, "this machine"),
        ("https://app.afrigest.test", STAGING, Outcome.FAIL, "shop.afrigest.test:8443, the shop, is not among them"),
        ("https://user:pa55word@app.afrigest.test", STAGING, Outcome.FAIL, "no list of origins"),
    ],
)
def test_origins(origins: str, env: Environment, outcome: Outcome, word: str, api: EnvFile, seen: Seen) -> None:
    verdict = origins_exact(api, seen(f'ALLOWED_ORIGINS="{origins}"\n'), env, HOSTS, ORIGINS)
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_origins_are_the_apis(web: EnvFile, seen: Seen) -> None:
    assert origins_exact(web, seen("VITE_X=1\n", web), STAGING, HOSTS, ORIGINS).outcome is Outcome.NA
