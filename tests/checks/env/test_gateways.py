from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from golive import Environment, Outcome
from golive_checks.env.gateways import modes_match_environment, stripe_keys_pair
from golive_checks.systems.gateways.gateways import EVERY, Gateways

if TYPE_CHECKING:
    from tests.checks.env.conftest import Seen

    from golive_checks.systems.env.files import EnvFile

USED = Gateways(enabled=EVERY)
KEY = "Zq8" * 10
STAGING, PRODUCTION = Environment("staging"), Environment("live", production=True)


@pytest.mark.parametrize(
    ("setting", "live"),
    [
        (f"STRIPE_SECRET_KEY=sk_live_{KEY}", True),
        (f"STRIPE_SECRET_KEY=rk_live_{KEY}", True),
        (f"STRIPE_SECRET_KEY=sk_test_{KEY}", False),
        (f"VITE_STRIPE_PUBLISHABLE_KEY=pk_live_{KEY}", True),
        (f"VITE_STRIPE_PUBLISHABLE_KEY=pk_test_{KEY}", False),
        ("PAYPAL_ENV=live", True),
        ("PAYPAL_ENV=sandbox", False),
        ("MTN_MOMO_ENV=production", True),
        ("MTN_MOMO_ENV=sandbox", False),
        ("MTN_MOMO_TARGET_ENVIRONMENT=mtncameroon", True),
        ("MTN_MOMO_TARGET_ENVIRONMENT=sandbox", False),
        ("ORANGE_MOMO_ENV=production", True),
        ("ORANGE_MOMO_ENV=dev", False),
    ],
)
def test_modes(setting: str, api: EnvFile, seen: Seen, *, live: bool) -> None:
    v = seen(setting + "\n")
    in_production = modes_match_environment(api, v, PRODUCTION, USED)
    in_staging = modes_match_environment(api, v, STAGING, USED)
    assert in_production.outcome is (Outcome.PASS if live else Outcome.FAIL)
    assert in_staging.outcome is (Outcome.FAIL if live else Outcome.PASS)
    assert KEY not in str((in_production, in_staging))


def test_production_is_never_a_target(api: EnvFile, seen: Seen) -> None:
    v = seen("MTN_MOMO_TARGET_ENVIRONMENT=production\n")
    for env in (STAGING, PRODUCTION):
        verdict = modes_match_environment(api, v, env, USED)
        assert verdict.outcome is Outcome.FAIL
        assert "never an X-Target-Environment" in verdict.summary


def test_gateways_not_in_use_are_not_judged(api: EnvFile, seen: Seen) -> None:
    v = seen(f"PAYPAL_ENV=sandbox\nSTRIPE_SECRET_KEY=sk_test_{KEY}\n")
    assert modes_match_environment(api, v, PRODUCTION, Gateways(enabled=("mtn",))).outcome is Outcome.NA


@pytest.mark.parametrize(
    ("secret", "public", "outcome"),
    [
        ("live", "live", Outcome.PASS),
        ("test", "test", Outcome.PASS),
        ("live", "test", Outcome.FAIL),
        ("test", "live", Outcome.FAIL),
    ],
)
def test_stripes_pair(secret: str, public: str, outcome: Outcome, api: EnvFile, web: EnvFile, seen: Seen) -> None:
    files = {
        api: seen(f"STRIPE_SECRET_KEY=rk_{secret}_{KEY}\n"),
        web: seen(f"VITE_STRIPE_PUBLISHABLE_KEY=pk_{public}_{KEY}\n", web),
    }
    assert stripe_keys_pair(STAGING, files).outcome is outcome


def test_half_a_pair_is_not_applicable(api: EnvFile, seen: Seen) -> None:
    assert stripe_keys_pair(STAGING, {api: seen(f"STRIPE_SECRET_KEY=sk_test_{KEY}\n")}).outcome is Outcome.NA
