from collections.abc import Mapping
from dataclasses import replace

import pytest

from golive import Environment, Outcome, Unavailable, Verdict
from golive_checks.payments.webhooks import reaches_app
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.gateways.gateways import Gateway
from golive_checks.systems.gateways.knocks import Knock
from golive_checks.systems.gateways.webhooks import Callbacks, Webhook, WebhookReached
from golive_checks.systems.tls.client.certificates import Certificate
from golive_checks.systems.tls.facts import ServedChain

PASS, WARN, FAIL, UNKNOWN = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN
API = Host("api.x.test", role="api")
WEBHOOK = Webhook("mtn api.x.test/mtn", API, "mtn", "/mtn")
ADDRESS = Address("api.x.test@192.0.2.1", API, "192.0.2.1")
STAGING, LIVE = Environment("staging"), Environment("production", production=True)
JSON = Knock("POST", 400, 0.05, media_type="application/json")


def knock(**changes: object) -> WebhookReached:
    return WebhookReached((replace(JSON, **changes),))  # type: ignore[arg-type]


ANSWERS: Mapping[str, tuple[Outcome, str, WebhookReached]] = {
    "400": (PASS, "the app answers: POST 400 in 50 ms", knock()),
    "200": (PASS, "POST 200", knock(status=200)),
    "204": (PASS, "POST 204", knock(status=204, media_type="")),
    "401 of the app": (WARN, "answers 401, and MTN's calls do not say who calls", knock(status=401)),
    "403 of the app": (WARN, "answers 403", knock(status=403)),
    "403 of the app's framework": (WARN, "answers 403", knock(status=403, page=True, by="framework")),
    "CSRF": (FAIL, "is refused (419) for want of a form's token (CSRF)", knock(status=419, form_token=True)),
    "an API's guard": (
        FAIL,
        "is asked for a token (401, WWW-Authenticate: Bearer)",
        knock(status=401, bearer="Bearer"),
    ),
    "415": (FAIL, "is answered 415: application/json", knock(status=415)),
    "at the limit": (PASS, "in 2 s", knock(seconds=2.0)),
    "perhaps too late": (
        UNKNOWN,
        "POST /mtn takes between 1.9 s and 2.4 s, at most 2 s: this machine was too busy",
        knock(seconds=1.9, unsure_s=0.5),
    ),
    "both methods": (
        PASS,
        "POST 400 in 50 ms, PUT 200 in 50 ms",
        WebhookReached((JSON, replace(JSON, method="PUT", status=200))),
    ),
    "slash": (
        FAIL,
        "POST /mtn is redirected (308) to https://api.x.test/mtn/, and mtn follows none",
        knock(status=308, to="https://api.x.test/mtn/"),
    ),
    "to a login": (FAIL, "is redirected (302) to https://login.x.test/", knock(status=302, to="https://login.x.test/")),
    "not modified": (FAIL, "is redirected (304) to nowhere", knock(status=304)),
    "wall": (
        FAIL,
        "does not reach the app: a login wall is in front of it",
        knock(status=401, wall="a login wall is in front of it"),
    ),
    "challenge": (
        FAIL,
        "does not reach the app: a bot challenge",
        knock(status=403, wall="a bot challenge is in front of it"),
    ),
    "403 page": (
        FAIL,
        "gets 403 from something in front of the app",
        knock(status=403, media_type="text/html", page=True, by="front"),
    ),
    "403 page of nobody known": (UNKNOWN, "with a page that may be the app's or not", knock(status=403, page=True)),
    "403 everywhere": (FAIL, "gets 403 from something", knock(status=403, everywhere=True)),
    "401 everywhere": (FAIL, "gets 401 from something", knock(status=401, everywhere=True)),
    "404": (FAIL, "is answered 404: the app has no such route", knock(status=404, everywhere=True)),
    "404 page": (FAIL, "is answered 404", knock(status=404, media_type="text/html", page=True, by="front")),
    "404 page of nobody known": (UNKNOWN, "is answered 404 with a page", knock(status=404, page=True)),
    "404 of a route": (PASS, "POST 404", knock(status=404, everywhere=True, routed=True)),
    "404 of the app": (PASS, "POST 404", knock(status=404)),
    "PUT refused": (
        FAIL,
        "PUT /mtn is answered 405: PUT is not taken",
        WebhookReached((JSON, replace(JSON, method="PUT", status=405))),
    ),
    "502": (FAIL, "is answered 502: the app does not run", knock(status=502, media_type="text/html", page=True)),
    "503": (FAIL, "is answered 503", knock(status=503)),
    "page": (
        FAIL,
        "is answered with a page (text/html)",
        knock(status=200, media_type="text/html", page=True),
    ),
    "slow": (FAIL, "takes 3.02 s, at most 2 s is allowed", knock(seconds=3.02)),
    "slow and refused": (FAIL, "(and 1 more)", knock(status=404, everywhere=True, seconds=3.0)),
    "distrusted": (FAIL, "mtn would not trust it: certificate has expired", knock(distrust="certificate has expired")),
    "crash": (WARN, "makes the app fail (500)", knock(status=500)),
    "429": (UNKNOWN, "answers 429", knock(status=429)),
}


@pytest.mark.parametrize(("outcome", "summary", "got"), ANSWERS.values(), ids=ANSWERS)
def test_who_answers(outcome: Outcome, summary: str, got: WebhookReached) -> None:
    seen = reaches_app(WEBHOOK, got, {ADDRESS: Unavailable("not seen")}, STAGING, Callbacks())
    assert seen.outcome is outcome
    assert summary in seen.summary


def chain(*, public: bool) -> ServedChain:
    return ServedChain((Certificate.__new__(Certificate),), public=public)


@pytest.mark.parametrize(
    ("env", "public", "outcome"),
    [(LIVE, True, PASS), (LIVE, False, FAIL), (STAGING, False, PASS), (STAGING, True, PASS)],
)
def test_in_production_a_gateway_trusts_public_authorities_alone(
    env: Environment, *, public: bool, outcome: Outcome
) -> None:
    seen = reaches_app(WEBHOOK, knock(), {ADDRESS: chain(public=public)}, env, Callbacks())
    assert seen.outcome is outcome


def judged(gateway: Gateway, got: WebhookReached, **asked: object) -> Verdict:
    webhook = replace(WEBHOOK, gateway=gateway)
    return reaches_app(webhook, got, {ADDRESS: Unavailable("not seen")}, STAGING, Callbacks.model_validate(asked))


@pytest.mark.parametrize(("gateway", "outcome"), [("stripe", WARN), ("paypal", WARN), ("mtn", PASS), ("orange", PASS)])
def test_an_unsigned_event_that_is_taken_is_not_green_where_the_gateway_signs(
    gateway: Gateway, outcome: Outcome
) -> None:
    assert judged(gateway, knock(status=200)).outcome is outcome
    assert judged(gateway, knock(status=400)).outcome is PASS


LIMITS = {"mtn": (2.1, FAIL), "stripe": (11.0, WARN), "paypal": (21.0, WARN), "orange": (11.0, WARN)}


@pytest.mark.parametrize(("gateway", "seconds", "outcome"), [(g, s, o) for g, (s, o) in LIMITS.items()])
def test_each_gateway_waits_as_long_as_it_says(gateway: Gateway, seconds: float, outcome: Outcome) -> None:
    assert judged(gateway, knock(seconds=seconds)).outcome is outcome
    assert judged(gateway, knock(seconds=seconds), max_seconds=30).outcome is PASS
    assert judged(gateway, knock(seconds=seconds), max_seconds=1).outcome is FAIL


@pytest.mark.parametrize(
    ("got", "outcome"),
    [
        (knock(status=403, everywhere=True), UNKNOWN),
        (knock(status=403, media_type="text/html", page=True, by="front"), UNKNOWN),
        (knock(status=403, wall="a bot challenge"), UNKNOWN),
        (knock(status=400), PASS),
        (knock(status=308), FAIL),
    ],
)
def test_an_edge_that_admits_the_gateway_alone_is_no_wall(got: WebhookReached, outcome: Outcome) -> None:
    assert judged("mtn", got, only_from_gateway=["mtn"]).outcome is outcome
    assert judged("mtn", got, only_from_gateway=["paypal"]).outcome is not UNKNOWN


IN_CLEAR: Mapping[str, tuple[Outcome, str, WebhookReached]] = {
    "answered": (PASS, "the app answers: POST 200 in 50 ms over http", knock(status=200)),
    "redirected": (
        FAIL,
        "POST /mtn is redirected (301) to https://api.x.test/mtn, and mtn, which calls over http here, follows none",
        knock(status=301, to="https://api.x.test/mtn"),
    ),
    "shut": (FAIL, "POST /mtn cannot be called: the port for http is shut", knock(status=0, seconds=0.0)),
}


@pytest.mark.parametrize(("outcome", "summary", "got"), IN_CLEAR.values(), ids=IN_CLEAR)
def test_mtns_sandbox_calls_over_http(outcome: Outcome, summary: str, got: WebhookReached) -> None:
    sandbox = replace(WEBHOOK, in_clear=True)
    seen = reaches_app(sandbox, got, {ADDRESS: chain(public=False)}, LIVE, Callbacks())
    assert (seen.outcome, summary in seen.summary) == (outcome, True), seen
