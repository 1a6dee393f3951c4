from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from golive import session
from golive.world import build_world
from golive_checks.systems.gateways.gateways import Gateways

if TYPE_CHECKING:
    from pathlib import Path

ENV_FILE = "env_files: { api: { path: api.env, role: api } }\n"
HOSTS = "hosts: { app: { name: app.example.net, role: app }, api: { name: api.example.net, role: api } }\n"


def loaded(folder: Path, text: str) -> tuple[tuple[str, ...], set[str]]:
    """Return the gateways that a profile has in use, and the checks that are asked of it."""
    (folder / "x.yaml").write_text(f"environment: staging\n{text}")
    here = session.load(str(folder / "x.yaml"), cwd=folder, environ={})
    world = build_world(here.blueprint, here.profile, None)
    asked = {check.info.id for check in world.concerned(here.blueprint.checks)}
    return world.settings_for(Gateways, world.env).enabled, asked


@pytest.mark.parametrize(
    ("text", "enabled"),
    [
        (HOSTS, ()),
        (ENV_FILE, ()),
        ("stripe: { webhook_path: /hook }", ("stripe",)),
        ("stripe: {}", ("stripe",)),
        ("env: { gateways: { enabled: [paypal, mtn] } }", ("paypal", "mtn")),
        ("env: { gateways: { enabled: [] } }\nstripe: {}", ()),
        ("env: { gateways: { enabled: [mtn] } }\nstripe: {}", ("mtn",)),
        ("env: { gateways: { orange_api: sonatel } }\norange: { country: sn }", ("orange",)),
        ("stripe: {}\nmtn: {}", ("stripe", "mtn")),
    ],
)
def test_which_are_in_use(text: str, enabled: tuple[str, ...], tmp_path: Path) -> None:
    found, asked = loaded(tmp_path, text)
    assert found == enabled
    for gateway in ("stripe", "paypal", "mtn", "orange"):
        assert any(check.startswith(f"{gateway}.") for check in asked) == (gateway in enabled)
    assert ("payments.ledger-agrees" in asked) == bool(enabled)


@pytest.mark.parametrize("text", [HOSTS, ENV_FILE, HOSTS + ENV_FILE])
def test_nothing_about_payments_is_asked_of_a_product_without_them(text: str, tmp_path: Path) -> None:
    _, asked = loaded(tmp_path, text)
    about = ("stripe", "paypal", "mtn.", "orange", "payment", "gateway", "webhook", "modes-match")
    assert not [check for check in asked if any(word in check for word in about)]


def test_a_simulator_that_is_named_is_asked_for_all_the_same(tmp_path: Path) -> None:
    _, asked = loaded(tmp_path, "payments: { simulators: { paths: [/pay/simulate] } }")
    assert "payments.simulators-closed" in asked
