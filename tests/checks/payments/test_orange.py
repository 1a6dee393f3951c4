from collections.abc import Mapping
from typing import Any

import pytest

from golive import Environment, Outcome, Unavailable
from golive_checks.payments.orange import api_known, credentials_work, mode_matches, notify_url_declared
from golive_checks.subjects import Host
from golive_checks.systems.evidence.evidence import Attestation, Evidence
from golive_checks.systems.gateways.gateways import EVERY, Gateways
from golive_checks.systems.gateways.orange import Orange, OrangeLogin
from golive_checks.systems.http.origins import Origin

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
STAGING, LIVE = Environment("staging"), Environment("production", production=True)
WEBPAY, SONATEL, NONE = (
    Gateways(enabled=EVERY),
    Gateways(enabled=EVERY, orange_api="sonatel"),
    Gateways(enabled=("stripe",)),
)
HOSTS = {Host("api.x.test", role="api"): Origin("https://api.x.test")}
NOBODY = Unavailable("the profile holds no attestation")


@pytest.mark.parametrize(
    ("seen", "outcome", "summary"),
    [
        (OrangeLogin(host="api.orange.com"), PASS, "api.orange.com accepts them"),
        (OrangeLogin(host="api.orange.com", refused="invalid_client"), FAIL, "(invalid_client)"),
    ],
)
def test_credentials(seen: OrangeLogin, outcome: Outcome, summary: str) -> None:
    judged = credentials_work(LIVE, seen)
    assert judged.outcome is outcome
    assert summary in judged.summary


MODES: Mapping[str, tuple[Outcome, str, dict[str, Any], Gateways, Environment]] = {
    "a country in production": (PASS, "gn, and production is production", {"country": "gn"}, WEBPAY, LIVE),
    "dev in staging": (PASS, "dev", {"country": "dev", "mode": "sandbox"}, WEBPAY, STAGING),
    "dev in production": (FAIL, "the country is dev", {"country": "dev"}, WEBPAY, LIVE),
    "a country in staging": (FAIL, "the country is gn", {"country": "gn"}, WEBPAY, STAGING),
    "OUV in production": (FAIL, "OUV is worth nothing", {"country": "gn", "currencies": ("OUV",)}, WEBPAY, LIVE),
    "set to sandbox in production": (
        FAIL,
        "the app is set to sandbox",
        {"country": "gn", "mode": "sandbox"},
        WEBPAY,
        LIVE,
    ),
    "set to production in staging": (
        FAIL,
        "set to production",
        {"country": "dev", "mode": "production"},
        WEBPAY,
        STAGING,
    ),
    "another API's country is its own": (PASS, "sn", {"country": "sn", "mode": "sandbox"}, SONATEL, STAGING),
    "nothing said": (UNKNOWN, "does not name the country", {}, WEBPAY, LIVE),
}


@pytest.mark.parametrize(("outcome", "summary", "ask", "gateways", "env"), MODES.values(), ids=MODES)
def test_modes(outcome: Outcome, summary: str, ask: dict[str, Any], gateways: Gateways, env: Environment) -> None:
    judged = mode_matches(env, gateways, Orange(**ask))
    assert judged.outcome is outcome
    assert summary in judged.summary


VOUCHED = {Attestation("orange.notify-url-declared", who="Awa"): Evidence(there=True)}
URLS: Mapping[str, tuple[Outcome, str, str, Gateways, Any]] = {
    "short": (PASS, "https://api.x.test/webhooks/orange, 34 characters", "/webhooks/orange", WEBPAY, NOBODY),
    "at the limit": (PASS, "120 characters", "/" + "x" * 101, WEBPAY, NOBODY),
    "too long": (WARN, "has 121 characters, 120 are taken", "/" + "x" * 102, WEBPAY, NOBODY),
    "no path": (FAIL, "no path receives Orange's notices", "", WEBPAY, NOBODY),
    "another API, vouched for": (PASS, "Awa attests it", "/webhooks/orange", SONATEL, VOUCHED),
    "another API": (UNKNOWN, "sonatel API does not say", "/webhooks/orange", SONATEL, NOBODY),
}


@pytest.mark.parametrize(("outcome", "summary", "path", "gateways", "attested"), URLS.values(), ids=URLS)
def test_urls(outcome: Outcome, summary: str, path: str, gateways: Gateways, attested: Any) -> None:
    judged = notify_url_declared(STAGING, HOSTS, attested, gateways, Orange(**({"notify_path": path} if path else {})))
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_without_an_api_there_is_no_url() -> None:
    assert notify_url_declared(STAGING, {}, NOBODY, WEBPAY, Orange(notify_path="/x")).outcome is UNKNOWN


COUNTRIES: Mapping[str, tuple[Outcome, str, str, Gateways]] = {
    "webpay": (PASS, "WebPay has gn, in GNF", "gn", WEBPAY),
    "sandbox": (PASS, "WebPay has dev, in OUV", "dev", WEBPAY),
    "senegal's own": (PASS, "sonatel is the API of sn", "sn", SONATEL),
    "another's": (FAIL, "gn has no sonatel API", "gn", SONATEL),
    "cameroon's": (PASS, "cameroon is the API of cm", "cm", Gateways(enabled=EVERY, orange_api="cameroon")),
    "not confirmed": (UNKNOWN, "whether WebPay has bw was not confirmed", "bw", WEBPAY),
    "no such country": (FAIL, "Orange Money has no country fr", "fr", WEBPAY),
    "none named": (UNKNOWN, "does not name the country", "", WEBPAY),
}


@pytest.mark.parametrize(("outcome", "summary", "country", "gateways"), COUNTRIES.values(), ids=COUNTRIES)
def test_countries(outcome: Outcome, summary: str, country: str, gateways: Gateways) -> None:
    judged = api_known(LIVE, gateways, Orange(country=country))
    assert judged.outcome is outcome
    assert summary in judged.summary
