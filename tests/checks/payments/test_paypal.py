from collections.abc import Mapping

import pytest

from golive import Environment, Outcome, Unavailable
from golive_checks.payments.paypal import credentials_work, mode_matches, webhook_registered
from golive_checks.subjects import Host
from golive_checks.systems.gateways.paypal import PayPal, PayPalLogin, PayPalWebhooks, Registered
from golive_checks.systems.http.origins import Origin

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
STAGING, LIVE = Environment("staging"), Environment("production", production=True)
SANDBOX = PayPalLogin(host="api-m.sandbox.paypal.com", host_mode="sandbox")
REAL = PayPalLogin(host="api-m.paypal.com", host_mode="live")
REFUSED = PayPalLogin(host="api-m.paypal.com", host_mode="live", refused="invalid_client")
HOSTS = {Host("api.x.test", role="api"): Origin("https://api.x.test")}
URL = "https://api.x.test/webhooks/paypal"
ASK = PayPal(webhook_path="/webhooks/paypal", webhook_id="WH-1")
EVENTS = (*ASK.required_events, *ASK.wanted_events)


@pytest.mark.parametrize(
    ("seen", "outcome", "summary"),
    [
        (REAL, PASS, "api-m.paypal.com accepts them"),
        (REFUSED, FAIL, "refuses the credentials at api-m.paypal.com (invalid_client)"),
    ],
)
def test_credentials(seen: PayPalLogin, outcome: Outcome, summary: str) -> None:
    judged = credentials_work(LIVE, seen)
    assert judged.outcome is outcome
    assert summary in judged.summary


def stand_in(**changes: str) -> PayPalLogin:
    return PayPalLogin(**{"host": "127.0.0.1", **changes})  # type: ignore[arg-type]


MODES: Mapping[str, tuple[Outcome, str, PayPalLogin, Environment]] = {
    "live in production": (PASS, "live: its credentials are taken at api-m.paypal.com", REAL, LIVE),
    "sandbox in staging": (PASS, "sandbox", SANDBOX, STAGING),
    "the app's word for live": (
        PASS,
        "live",
        PayPalLogin(mode="production", host="api-m.paypal.com", host_mode="live"),
        LIVE,
    ),
    "sandbox host in production": (
        FAIL,
        "api-m.sandbox.paypal.com is the host of sandbox mode, and production is production",
        SANDBOX,
        LIVE,
    ),
    "live host in staging": (FAIL, "is the host of live mode", REAL, STAGING),
    "set to sandbox in production": (FAIL, "the app is set to sandbox", stand_in(mode="sandbox"), LIVE),
    "set to live in staging": (FAIL, "the app is set to live", stand_in(mode="live"), STAGING),
    "refused": (UNKNOWN, "no credentials were taken there", REFUSED, LIVE),
    "a stand-in of no word": (UNKNOWN, "127.0.0.1 is not PayPal's", stand_in(), STAGING),
}


@pytest.mark.parametrize(("outcome", "summary", "seen", "env"), MODES.values(), ids=MODES)
def test_modes(outcome: Outcome, summary: str, seen: PayPalLogin, env: Environment) -> None:
    judged = mode_matches(env, seen)
    assert judged.outcome is outcome
    assert summary in judged.summary


def hooks(*found: tuple[str, str, tuple[str, ...]]) -> PayPalWebhooks:
    return PayPalWebhooks(tuple(Registered(*each) for each in found))


HOOKS: Mapping[str, tuple[Outcome, str, PayPalWebhooks | Unavailable, PayPal]] = {
    "registered": (PASS, f"{URL} is registered", hooks(("WH-1", URL, EVENTS)), ASK),
    "to all": (PASS, "registered", hooks(("WH-1", URL, ("*",))), ASK),
    "among others": (PASS, "registered", hooks(("WH-2", "https://x.test/", EVENTS), ("WH-1", URL, EVENTS)), ASK),
    "no id to compare": (PASS, "registered", hooks(("WH-7", URL, EVENTS)), PayPal(webhook_path="/webhooks/paypal")),
    "none": (FAIL, "none of 0 webhooks", hooks(), ASK),
    "elsewhere": (FAIL, f"none of 1 webhooks is at {URL}", hooks(("WH-1", "https://x.test/", EVENTS)), ASK),
    "a slash": (FAIL, "WH-1 has a slash at its end", hooks(("WH-1", URL + "/", EVENTS)), ASK),
    "another id": (FAIL, "verifies with another webhook's id than WH-7", hooks(("WH-7", URL, EVENTS)), ASK),
    "no captures": (FAIL, "not subscribed to PAYMENT.CAPTURE.COMPLETED", hooks(("WH-1", URL, EVENTS[1:])), ASK),
    "approval is no capture": (
        FAIL,
        "PAYMENT.CAPTURE.COMPLETED",
        hooks(("WH-1", URL, ("CHECKOUT.ORDER.APPROVED", *EVENTS[1:]))),
        ASK,
    ),
    "no disputes": (WARN, "not subscribed to CUSTOMER.DISPUTE.CREATED", hooks(("WH-1", URL, EVENTS[:-1])), ASK),
    "no path": (NA, "paypal.webhook_path", hooks(("WH-1", URL, EVENTS)), PayPal()),
    "not seen": (UNKNOWN, "no word", Unavailable("no word"), ASK),
}


@pytest.mark.parametrize(("outcome", "summary", "found", "ask"), HOOKS.values(), ids=HOOKS)
def test_webhooks(outcome: Outcome, summary: str, found: PayPalWebhooks | Unavailable, ask: PayPal) -> None:
    judged = webhook_registered(STAGING, SANDBOX, found, HOSTS, ask)
    assert judged.outcome is outcome
    assert summary in judged.summary
