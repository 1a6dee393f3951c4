import datetime as dt
from collections.abc import Mapping

import pytest

from golive import Environment, Now, Outcome, Unavailable
from golive_checks.payments.mtn import callback_declared, callback_issuer_approved, credentials_work, mode_matches
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.evidence.evidence import Attestation, Evidence
from golive_checks.systems.gateways.mtn import Issuers, Mtn, MtnCallbackHost, MtnLogin
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.tls.client.certificates import Certificate
from golive_checks.systems.tls.facts import ServedChain

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
STAGING, LIVE = Environment("staging"), Environment("production", production=True)
NOT_KNOWN = MtnCallbackHost(known=False)
NOW = Now(dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC))
API, APP = Host("api.x.test", role="api"), Host("app.x.test", role="app")
HOSTS = {API: Origin("https://api.x.test"), APP: Origin("https://app.x.test")}


def seen(**changes: object) -> MtnLogin:
    given = {"host": "sandbox.momodeveloper.mtn.com", "host_mode": "sandbox", "target": "sandbox", **changes}
    return MtnLogin(**given)  # type: ignore[arg-type]


def real(**changes: object) -> MtnLogin:
    return seen(**{"host": "proxy.momoapi.mtn.com", "host_mode": "production", "target": "mtnguineaconakry", **changes})


@pytest.mark.parametrize(
    ("login", "outcome", "summary"),
    [
        (seen(), PASS, "sandbox.momodeveloper.mtn.com accepts them"),
        (seen(refused="login_failed"), FAIL, "(login_failed)"),
    ],
)
def test_credentials(login: MtnLogin, outcome: Outcome, summary: str) -> None:
    judged = credentials_work(STAGING, login)
    assert judged.outcome is outcome
    assert summary in judged.summary


MODES: Mapping[str, tuple[Outcome, str, MtnLogin, Environment]] = {
    "sandbox in staging": (PASS, "MTN lets this user into sandbox", seen(), STAGING),
    "a country in production": (PASS, "into mtnguineaconakry", real(), LIVE),
    "sandbox host in production": (
        FAIL,
        "sandbox.momodeveloper.mtn.com is the host of sandbox",
        real(host="sandbox.momodeveloper.mtn.com", host_mode="sandbox"),
        LIVE,
    ),
    "production's host in staging": (
        FAIL,
        "is the host of production",
        seen(host="proxy.momoapi.mtn.com", host_mode="production"),
        STAGING,
    ),
    "sandbox target in production": (FAIL, "the target environment is sandbox", real(target="sandbox"), LIVE),
    "a country in staging": (FAIL, "the target environment is mtncameroon", seen(target="mtncameroon"), STAGING),
    "production as a target": (FAIL, "`production` is a mode, never", real(target="production"), LIVE),
    "production as a target in staging": (FAIL, "`production` is a mode, never", seen(target="production"), STAGING),
    "no such target": (FAIL, "mtnatlantis is no X-Target-Environment", real(target="mtnatlantis"), LIVE),
    "set to sandbox in production": (FAIL, "the app is set to sandbox", real(mode="sandbox"), LIVE),
    "not let in": (FAIL, "MTN does not let this user into mtnguineaconakry", real(target_refused=True), LIVE),
    "no target": (UNKNOWN, "does not name the target", seen(target=""), STAGING),
    "refused": (UNKNOWN, "no credentials were taken", seen(refused="login_failed"), STAGING),
    "odd answer": (UNKNOWN, "MTN answers 503", seen(target_gap="MTN answers 503"), STAGING),
}


@pytest.mark.parametrize(("outcome", "summary", "login", "env"), MODES.values(), ids=MODES)
def test_modes(outcome: Outcome, summary: str, login: MtnLogin, env: Environment) -> None:
    judged = mode_matches(env, login)
    assert judged.outcome is outcome
    assert summary in judged.summary


VOUCHED = {Attestation("mtn.callback-declared", who="Awa", expires=dt.date(2027, 1, 1)): Evidence(there=True)}
CALLBACKS: Mapping[str, tuple[Outcome, str, MtnCallbackHost | Unavailable, object]] = {
    "registered": (PASS, "MTN calls back api.x.test", MtnCallbackHost(known=True, host="api.x.test"), VOUCHED),
    "as a URL": (PASS, "calls back api.x.test", MtnCallbackHost(known=True, host="https://API.x.test/mtn"), VOUCHED),
    "another host": (
        FAIL,
        "MTN calls back other.test, and the API is api.x.test",
        MtnCallbackHost(known=True, host="other.test"),
        VOUCHED,
    ),
    "the app's host": (FAIL, "MTN calls back app.x.test", MtnCallbackHost(known=True, host="app.x.test"), VOUCHED),
    "nobody": (FAIL, "MTN calls back nobody", MtnCallbackHost(known=True), VOUCHED),
    "vouched for": (PASS, "Awa attests it until 2027-01-01", NOT_KNOWN, VOUCHED),
    "another attestation": (
        UNKNOWN,
        "no attestation covers it",
        NOT_KNOWN,
        {Attestation("logs.centralised"): Evidence(there=True)},
    ),
    "no attestation": (UNKNOWN, "the profile holds none", NOT_KNOWN, Unavailable("the profile holds none")),
    "not seen": (UNKNOWN, "no word", Unavailable("no word"), VOUCHED),
}


@pytest.mark.parametrize(("outcome", "summary", "registered", "attested"), CALLBACKS.values(), ids=CALLBACKS)
def test_callback_hosts(
    outcome: Outcome, summary: str, registered: MtnCallbackHost | Unavailable, attested: object
) -> None:
    judged = callback_declared(STAGING, seen(), registered, HOSTS, attested)  # type: ignore[arg-type]
    assert judged.outcome is outcome
    assert summary in judged.summary


class Issued(Certificate):
    """A certificate of which only the issuer counts."""

    def __init__(self, issuer: str) -> None:
        object.__setattr__(self, "issuer_name", issuer)


def served(*issuers: str) -> dict[Address, ServedChain]:
    ips = [f"192.0.2.{n}" for n in range(len(issuers))]
    return {Address(f"api.x.test@{ip}", API, ip): ServedChain((Issued(i),)) for ip, i in zip(ips, issuers, strict=True)}


def listed(*names: str, of: str = "2026-11-01") -> Mtn:
    return Mtn(approved_issuers=Issuers(as_of=dt.date.fromisoformat(of), names=names))


ISSUERS: Mapping[str, tuple[Outcome, str, dict[Address, ServedChain], Mtn]] = {
    "on it": (PASS, "R10 is on MTN's list of 2026-11-01", served("R10"), listed("R10", "E7")),
    "in another case": (PASS, "on MTN's list", served("Amazon RSA 2048 M03"), listed("amazon rsa 2048 m03")),
    "another": (
        FAIL,
        "R99 issued the certificate at 192.0.2.0; MTN's list does not have it",
        served("R99"),
        listed("R10"),
    ),
    "another at one address": (FAIL, "at 192.0.2.1", served("R10", "R99"), listed("R10")),
    "a part of a name": (FAIL, "R1 issued", served("R1"), listed("R10")),
    "old": (WARN, "the list is 180 days old, 90 are allowed", served("R10"), listed("R10", of="2026-05-30")),
    "old, and another": (FAIL, "R99", served("R99"), listed("R10", of="2026-05-30")),
    "no list": (UNKNOWN, "brings no list", served("R10"), Mtn()),
}


@pytest.mark.parametrize(("outcome", "summary", "chains", "ask"), ISSUERS.values(), ids=ISSUERS)
def test_issuers(outcome: Outcome, summary: str, chains: dict[Address, ServedChain], ask: Mtn) -> None:
    judged = callback_issuer_approved(API, LIVE, NOT_KNOWN, chains, HOSTS, ask, NOW)
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_both_certificates_of_an_address_count() -> None:
    [address] = served("R10")
    both = {address: ServedChain((Issued("R10"),), other=ServedChain((Issued("E99"),)))}
    assert callback_issuer_approved(API, LIVE, NOT_KNOWN, both, HOSTS, listed("R10"), NOW).outcome is FAIL


def test_the_sandbox_is_judged_where_there_is_a_list() -> None:
    assert callback_issuer_approved(API, STAGING, NOT_KNOWN, served("R99"), HOSTS, Mtn(), NOW).outcome is NA
    assert callback_issuer_approved(API, STAGING, NOT_KNOWN, served("R99"), HOSTS, listed("R10"), NOW).outcome is FAIL


def test_issuers_of_what_takes_no_calls() -> None:
    assert callback_issuer_approved(APP, LIVE, NOT_KNOWN, served("R99"), HOSTS, listed("R10"), NOW).outcome is NA


CALLED: Mapping[str, tuple[Outcome, MtnCallbackHost | Unavailable, str]] = {
    "this host": (FAIL, MtnCallbackHost(known=True, host="api.x.test"), ""),
    "this host as a URL": (FAIL, MtnCallbackHost(known=True, host="https://api.x.test"), ""),
    "another": (NA, MtnCallbackHost(known=True, host="pay.x.test"), ""),
    "not known": (FAIL, NOT_KNOWN, ""),
    "not seen": (FAIL, Unavailable("x"), ""),
    "another, by the profile": (NA, NOT_KNOWN, "pay.x.test"),
    "this one, by the profile": (FAIL, MtnCallbackHost(known=True, host="pay.x.test"), "api.x.test"),
}


@pytest.mark.parametrize(("outcome", "registered", "named"), CALLED.values(), ids=CALLED)
def test_only_the_host_that_mtn_calls_is_asked(
    outcome: Outcome, registered: MtnCallbackHost | Unavailable, named: str
) -> None:
    ask = listed("R10").model_copy(update={"callback_host": named})
    assert callback_issuer_approved(API, LIVE, registered, served("R99"), HOSTS, ask, NOW).outcome is outcome


def test_of_several_apis_the_one_that_mtn_calls_must_be_known() -> None:
    two = {**HOSTS, Host("pay.x.test", role="api"): Origin("https://pay.x.test")}
    judged = callback_issuer_approved(API, LIVE, NOT_KNOWN, served("R99"), two, listed("R10"), NOW)
    assert (judged.outcome, judged.fix) == (UNKNOWN, "set mtn.callback_host")
    named = listed("R10").model_copy(update={"callback_host": "api.x.test"})
    assert callback_issuer_approved(API, LIVE, NOT_KNOWN, served("R99"), two, named, NOW).outcome is FAIL
