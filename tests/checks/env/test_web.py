from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.checks.env.conftest import WEB as ASK

from golive import Environment, Outcome, Unavailable
from golive_checks.env.web import web_holds_no_secrets, web_points_at_api
from golive_checks.subjects import Host
from golive_checks.systems.page.bundle import Bundle, ExposedSecret

if TYPE_CHECKING:
    from tests.checks.env.conftest import Seen

    from golive_checks.systems.env.files import EnvFile

KEY = "Zq8" * 10
ENV = Environment("staging")
API = Host("api.afrigest.test", role="api", port=8443)
APP, SHOP = Host("app.afrigest.test", role="app"), Host("shop.afrigest.test", role="shop")
HERE = "https://api.afrigest.test:8443"
GAP = Unavailable("app.afrigest.test refuses connections")


def bundle(*origins: str, exposed: tuple[ExposedSecret, ...] = (), missed: tuple[str, ...] = ()) -> Bundle:
    return Bundle(("/a.js",), 9000, dict.fromkeys(origins, "/a.js"), exposed, missed)


GOOD = {API: bundle(), APP: bundle(HERE), SHOP: bundle(HERE)}


@pytest.mark.parametrize(
    ("text", "bundles", "outcome", "word"),
    [
        ("VITE_A=true\n", GOOD, Outcome.PASS, "no secret in 18 kB"),
        (f"VITE_STRIPE_PUBLISHABLE_KEY=pk_live_{KEY}\n", GOOD, Outcome.PASS, ""),
        (f"VITE_A=sk_live_{KEY}\n", GOOD, Outcome.FAIL, "shape of a secret (stripe-secret-live)"),
        (f"NEXT_PUBLIC_A=whsec_{KEY}\n", GOOD, Outcome.FAIL, "(stripe-webhook-secret)"),
        (f"A=whsec_{KEY}\n", GOOD, Outcome.PASS, ""),  # of the server: no build writes it into a bundle
        ("VITE_PRIVATE_BETA=w8Kq2VzT5mXe9RbY4nLc7HsJ\n", GOOD, Outcome.PASS, ""),
        ("VITE_DB=postgresql://u:p4ss@db.test/x\n", GOOD, Outcome.FAIL, "(postgres-address)"),
        ("VITE_JWT_SECRET=w8Kq2VzT5mXe9RbY4nLc7HsJ\n", GOOD, Outcome.FAIL, "is a secret by its name"),
        ("VITE_MAPS_ID=w8Kq2VzT5mXe9RbY4nLc7HsJ\n", GOOD, Outcome.PASS, ""),
        (
            "",
            {**GOOD, APP: bundle(HERE, exposed=(ExposedSecret("aws-access-key-id", "/a.js", 7),))},
            Outcome.FAIL,
            "(aws-access-key-id) at character 7",
        ),
        ("", {**GOOD, APP: GAP}, Outcome.UNKNOWN, "refuses"),
        ("", {**GOOD, APP: bundle(HERE, missed=("/b.js answers 500",))}, Outcome.UNKNOWN, "/b.js"),
        (f"VITE_A=sk_live_{KEY}\n", {**GOOD, APP: GAP}, Outcome.FAIL, "VITE_A"),
        ("", {**GOOD, API: GAP}, Outcome.PASS, ""),
    ],
)
def test_no_secrets(
    text: str, bundles: dict[Host, Bundle | Unavailable], outcome: Outcome, word: str, web: EnvFile, seen: Seen
) -> None:
    verdict = web_holds_no_secrets(ENV, {web: seen(text, web)}, bundles, ASK)
    assert verdict.outcome is outcome
    assert word in verdict.summary
    assert KEY not in str(verdict)


def test_only_a_web_apps_own_variables_matter(api: EnvFile, web: EnvFile) -> None:
    gap = Unavailable("the vault does not answer")
    for check in (web_holds_no_secrets, web_points_at_api):
        assert check(ENV, {api: gap}, GOOD, ASK).outcome is Outcome.PASS
        assert check(ENV, {web: gap}, GOOD, ASK).outcome is Outcome.UNKNOWN


def test_without_a_web_app_there_is_nothing_to_hold() -> None:
    assert web_holds_no_secrets(ENV, {}, {API: bundle()}, ASK).outcome is Outcome.NA


@pytest.mark.parametrize(
    ("url", "bundles", "outcome", "word"),
    [
        (HERE, GOOD, Outcome.PASS, f"calls {HERE}"),
        (f"{HERE}/v1/", GOOD, Outcome.PASS, ""),
        ("https://localhost:4000", GOOD, Outcome.FAIL, "VITE_API_URL is https://localhost:4000"),
        ("https://api.afrigest.test", GOOD, Outcome.FAIL, "the API is https://api.afrigest.test:8443"),
        ("http://api.afrigest.test:8443", GOOD, Outcome.FAIL, "VITE_API_URL is http://"),
        ("nonsense", GOOD, Outcome.FAIL, "VITE_API_URL is no URL"),
        (HERE, {**GOOD, APP: bundle("https://api.staging.test")}, Outcome.FAIL, "but https://api.staging.test"),
        (HERE, {**GOOD, APP: bundle("http://localhost:4000")}, Outcome.FAIL, "but http://localhost:4000"),
        (HERE, {**GOOD, APP: bundle("https://cdn.test")}, Outcome.FAIL, "does not call"),
        (HERE, {**GOOD, APP: bundle(HERE, "http://api.afrigest.test:8443")}, Outcome.FAIL, "in clear"),
        (HERE, {**GOOD, APP: bundle(HERE, "http://localhost")}, Outcome.PASS, ""),
        (HERE, {**GOOD, APP: bundle(missed=("more files",))}, Outcome.UNKNOWN, "more files"),
        (HERE, {**GOOD, APP: GAP}, Outcome.UNKNOWN, "refuses"),
        ("https://localhost:4000", {**GOOD, APP: GAP}, Outcome.FAIL, "localhost"),
        (HERE, {**GOOD, SHOP: bundle()}, Outcome.PASS, ""),
        (HERE, {API: bundle(), SHOP: bundle()}, Outcome.FAIL, "shop.afrigest.test's bundle"),
        (HERE, {APP: bundle(HERE)}, Outcome.NA, "role api"),
    ],
)
def test_points_at_api(
    url: str, bundles: dict[Host, Bundle | Unavailable], outcome: Outcome, word: str, web: EnvFile, seen: Seen
) -> None:
    verdict = web_points_at_api(ENV, {web: seen(f"VITE_API_URL={url}\n", web)}, bundles, ASK)
    assert verdict.outcome is outcome
    assert word in verdict.summary
