"""No key of real money is held where it does not belong, and none is ever used but to read."""

import hashlib
import inspect
from pathlib import Path

import pytest

from golive import Effect, plugins, session
from golive.engine.blueprint import OneClient, OneSettings
from golive.engine.resolve import resolve
from golive.profile import ProfileError
from golive.profile.profile import from_masked
from golive_checks.systems.gateways.mtn import Mtn
from golive_checks.systems.gateways.orange import Orange
from golive_checks.systems.gateways.paypal import PayPal
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.vendors.client.client import Vendor

LIVE, TEST = "_live_" + "Ab1" * 8, "_test_" + "Ab1" * 8
WEBHOOK = "whsec_" + "Ab1" * 10
DIGEST = hashlib.sha256(WEBHOOK.encode()).hexdigest()


def load(folder: Path, text: str, **environ: str) -> session.Session:
    path = folder / "p.yaml"
    path.write_text(text)
    return session.load(str(path), cwd=folder, environ=environ)


def problem(folder: Path, text: str, **environ: str) -> str:
    with pytest.raises(ProfileError) as told:
        load(folder, text, **environ)
    [one] = told.value.problems
    return str(one)


@pytest.mark.parametrize("kind", ["sk", "rk"])
@pytest.mark.parametrize("production", ["", "production: false\n"])
def test_a_live_key_outside_production_stops_golive(tmp_path: Path, kind: str, production: str) -> None:
    text = f"environment: staging\n{production}stripe:\n  secret_key: ${{KEY}}\n"
    told = problem(tmp_path, text, KEY=kind + LIVE)
    line = text[: text.index("secret_key")].count("\n") + 1
    assert told.startswith(f"p.yaml:{line}:")
    assert "a live key, and the profile is not one of production" in told
    assert LIVE not in told


def test_in_production_a_live_key_is_what_is_wanted(tmp_path: Path) -> None:
    text = "stripe: { secret_key: '${KEY}' }\nproduction: true\nenvironment: live\n"
    assert load(tmp_path, text, KEY="sk" + LIVE).profile.data.production


def test_where_production_is_said_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("environment: live\nproduction: true\nstripe: { secret_key: '${KEY}' }\n")
    text = "extends: base.yaml\nenvironment: staging\nproduction: false\n"
    assert "a live key" in problem(tmp_path, text, KEY="sk" + LIVE)


def test_a_live_key_of_another_environment_stops_golive_too(tmp_path: Path) -> None:
    text = "environment: staging\nstripe: { compare_with: { production: { secret_key: '${KEY}' } } }\n"
    assert "a live key" in problem(tmp_path, text, KEY="rk" + LIVE)


def test_a_publishable_key_is_told_apart(tmp_path: Path) -> None:
    text = "environment: staging\nstripe: { secret_key: '${KEY}' }\n"
    assert "a publishable key" in problem(tmp_path, text, KEY="pk" + TEST)


def test_productions_webhook_secret_in_staging_stops_golive(tmp_path: Path) -> None:
    text = (
        "environment: staging\nstripe:\n  webhook_secret: '${HOOK}'\n"
        f"  compare_with: {{ production: {{ webhook_secret_sha256: {DIGEST} }} }}\n"
    )
    told = problem(tmp_path, text, HOOK=WEBHOOK)
    assert told.startswith("p.yaml:2:")
    assert "webhook_secret is the one of production" in told
    assert WEBHOOK not in told
    assert load(tmp_path, text, HOOK="whsec_" + "Zz9" * 10)


def test_a_masked_profile_can_be_read_again(tmp_path: Path) -> None:
    text = "environment: live\nproduction: true\nstripe: { secret_key: '${KEY}', webhook_secret: '${HOOK}' }\n"
    loaded = load(tmp_path, text, KEY="sk" + LIVE, HOOK=WEBHOOK)
    assert LIVE not in str(loaded.profile.masked)
    assert from_masked(loaded.profile.masked, type(loaded.profile.data))


BLUEPRINT = resolve(plugins.load().modules)
STRONG = [probe for probe in BLUEPRINT.probes.values() if probe.decl.effect > Effect.READ]


@pytest.mark.parametrize("probe", STRONG, ids=lambda probe: probe.gives.__name__)
def test_what_does_more_than_read_never_speaks_to_a_gateway_nor_touches_its_keys(probe) -> None:
    asks = list(probe.asks.values())
    settings = {ask.settings for ask in asks if isinstance(ask, OneSettings)}
    speaks = Vendor in [ask.client for ask in asks if isinstance(ask, OneClient)]
    assert not (speaks and settings & {Stripe, PayPal, Mtn, Orange})
    source = inspect.getsource(probe.decl.run)
    assert Stripe not in settings or "secret_key" not in source


def test_there_are_such_probes() -> None:
    assert {"SignatureAnswers", "WebhookReached", "Forged", "SimulatorAnswers"} <= {
        probe.gives.__name__ for probe in STRONG
    }
