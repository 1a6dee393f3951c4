"""The probes that call webhooks: what they send, and what they make of what comes back."""

import datetime as dt
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from golive import Environment, Now, RunInfo, Unavailable
from golive_checks.subjects import Host
from golive_checks.systems.gateways.gateways import EVERY, Gateways
from golive_checks.systems.gateways.mtn import Mtn
from golive_checks.systems.gateways.orange import Orange
from golive_checks.systems.gateways.paypal import PayPal
from golive_checks.systems.gateways.simulators import Simulators, simulator_answers
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.stripe_events import event, signature, variants
from golive_checks.systems.gateways.stripe_signature import ACCEPTED, REJECTED, signature_answers
from golive_checks.systems.gateways.webhooks import Webhook, reached, webhooks
from golive_checks.systems.http.client.message import Access
from golive_lab.parts.api.api import DemoApi
from golive_lab.parts.asgi import HttpAnswer, as_json
from golive_lab.world.app import WEBHOOK_SECRET, App
from golive_lab.world.callbacks import CallbackHandling
from golive_lab.world.names import APP

Site = Callable[..., AbstractAsyncContextManager[Any]]

AT = 1_795_000_000
NOW, RUN = Now(dt.datetime.fromtimestamp(AT, dt.UTC)), RunInfo("0123abcd", "9.9")
API = Host(APP, role="api")
STAGING = Environment("staging")
SECRET = Access(headers={"x-open": SecretStr("sesame")})


UNSEEN = {name: Unavailable("not seen") for name in ("places", "origin")} | {"env": Environment("staging")}


async def test_each_gateway_in_use_has_its_webhook_and_no_other_host_has_one() -> None:
    asks = (Stripe(webhook_path="/s"), PayPal(webhook_path="/p"), Mtn(callback_path="/m"), Orange())
    used = Gateways(enabled=("stripe", "mtn", "orange"))
    found = await webhooks(API, STAGING, used, *asks)
    assert [(w.gateway, w.path) for w in found] == [("stripe", "/s"), ("mtn", "/m"), ("orange", "")]
    assert await webhooks(Host(APP, role="app"), STAGING, Gateways(enabled=EVERY), *asks) == ()
    other = Mtn(callback_path="/m", callback_host="pay.demo.test")
    assert [w.gateway for w in await webhooks(API, STAGING, used, *asks[:2], other, Orange())] == ["stripe", "orange"]


@pytest.mark.parametrize(
    ("env", "mode", "in_clear"),
    [("staging", "", True), ("live", "", False), ("staging", "production", False), ("live", "sandbox", True)],
)
async def test_only_mtns_sandbox_calls_over_http(env: str, mode: Any, *, in_clear: bool) -> None:
    asks = (Stripe(), PayPal(), Mtn(callback_path="/m", mode=mode), Orange())
    found = await webhooks(API, Environment(env, production=env == "live"), Gateways(enabled=("mtn", "orange")), *asks)
    assert {webhook.gateway: webhook.in_clear for webhook in found} == {"mtn": in_clear, "orange": False}


async def test_what_stands_at_https_says_nothing_of_a_call_over_http(site: Site) -> None:
    moved = HttpAnswer(301, "text/plain", b"", (("location", "https://app.demo.test/hook"),))

    def respond(path: str, _: Any) -> HttpAnswer:
        return moved if path.startswith("http:") else as_json(200, {})

    async with site(respond, host=API) as there:
        webhook = Webhook("x", there.host, "mtn", "/hook", in_clear=True)
        seen = await there.look(reached, webhook=webhook, fronts=await there.fronts(), run=RUN)
        assert [(knock.method, knock.status) for knock in seen.knocks] == [("POST", 301), ("PUT", 301)]
        assert seen.knocks[0].to == "https://app.demo.test/hook"
        shut = replace(webhook, host=replace(there.host, http_port=1))
        seen = await there.look(reached, webhook=shut, fronts=await there.fronts(), run=RUN)
        assert [knock.status for knock in seen.knocks] == [0, 0]


async def look(
    site: Site, respond: Callable[..., HttpAnswer], gateway: Any = "paypal", **given: Any
) -> tuple[Any, list[Any]]:
    async with site(respond, host=API, **given) as there:
        webhook = Webhook("x", there.host, gateway, "/hook")
        seen = await there.look(reached, SECRET, webhook=webhook, fronts=await there.fronts(), run=RUN)
        return seen, [each for each in there.asked if each[1] != "/"]


async def test_a_call_brings_no_access_and_says_nothing_that_could_be_booked(site: Site) -> None:
    seen, [(_, path, headers)] = await look(site, lambda *_: as_json(400, {}))
    assert (path, [k.method for k in seen.knocks], seen.knocks[0].status) == ("/hook", ["POST"], 400)
    assert "x-open" not in headers
    assert headers["user-agent"].startswith("golive/9.9")
    assert seen.knocks[0].seconds > 0


BUSY_S = 1.5


async def test_of_a_slow_call_and_one_more_the_quicker_counts(site: Site) -> None:
    calls: list[str] = []

    def busy_at_first(*asked: Any) -> HttpAnswer:
        calls.extend(word for word in asked if word == "/hook")
        if calls == ["/hook"]:
            time.sleep(BUSY_S)  # the loop stands still, as where golive itself is busy
        return as_json(400, {})

    seen, asked = await look(site, busy_at_first)
    assert len(asked) == 2
    assert seen.knocks[0].seconds < BUSY_S


async def test_mtn_is_tried_by_post_and_by_put(site: Site) -> None:
    seen, asked = await look(site, lambda *_: as_json(200, {}), "mtn")
    assert [k.method for k in seen.knocks] == ["POST", "PUT"]
    assert len(asked) == 2


WALLS = {
    "password": (HttpAnswer(401, "text/html", b"", (("www-authenticate", "Basic"),)), "it asks for a password"),
    "challenge": (HttpAnswer(403, "text/html", b"", (("cf-mitigated", "challenge"),)), "a bot challenge"),
    "vercel": (HttpAnswer(302, "text/html", b"", (("location", "https://vercel.com/sso-api"),)), "a login wall"),
}


@pytest.mark.parametrize(("answer", "reason"), WALLS.values(), ids=WALLS)
async def test_a_wall_is_what_was_seen_and_no_gap(site: Site, answer: HttpAnswer, reason: str) -> None:
    seen, _ = await look(site, lambda path, _: answer if path != "/" else as_json(200, {}))
    assert reason in seen.knocks[0].wall


ELSEWHERE = {
    "a guard before all": (as_json(401, {"error": "who?"}), lambda _: as_json(401, {"error": "who?"}), True),
    "the app's own": (as_json(401, {"error": "who?"}), lambda _: as_json(404, {}), False),
    "no such route": (as_json(404, {"path": "/hook"}), lambda path: as_json(404, {"path": path}), True),
    "no such order": (as_json(404, {"error": "order"}), lambda path: as_json(404, {"path": path}), False),
    "answers that never are the same": (as_json(404, {"at": 0}), lambda path: as_json(404, {"at": len(path)}), True),
}


@pytest.mark.parametrize(("here", "there", "everywhere"), ELSEWHERE.values(), ids=ELSEWHERE)
async def test_who_answers_is_shown_by_paths_that_do_not_exist(
    site: Site, here: HttpAnswer, there: Callable[[str], HttpAnswer], *, everywhere: bool
) -> None:
    seen, asked = await look(site, lambda path, _: here if path == "/hook" else there(path))
    assert seen.knocks[0].everywhere is everywhere
    posted = [path for _, path, sent in asked if sent[":method"] == "POST"]
    assert posted == ["/hook", "/hook-0123abcd", "/hook-0123abcd-2"]


async def test_a_redirect_is_told_without_its_query(site: Site) -> None:
    seen, _ = await look(site, lambda *_: HttpAnswer(308, "text/plain", b"", (("location", "/hook/?token=1"),)))
    assert seen.knocks[0].to.endswith("/hook/")


async def test_without_a_path_nothing_is_sent(site: Site) -> None:
    async with site(lambda *_: as_json(200, {}), host=API) as there:
        webhook = Webhook("x", there.host, "orange", "")
        with pytest.raises(Unavailable, match="does not say where") as gap:
            await there.look(reached, webhook=webhook, fronts=await there.fronts(), run=RUN)
        assert gap.value.fix == "set orange.notify_path"


async def signatures(site: Site, ask: Stripe, host: Host = API) -> tuple[Any, list[Any]]:
    async with site(lambda *_: as_json(200, {}), host=host) as there:
        seen = await there.look(signature_answers, fronts=await there.fronts(), ask=ask, now=NOW, run=RUN, **UNSEEN)
        return seen, [headers.get("stripe-signature", "") for _, path, headers in there.asked if path == "/hook"]


async def test_six_kinds_that_must_be_rejected_and_two_that_must_not(site: Site) -> None:
    ask = Stripe(webhook_path="/hook", webhook_secret=SecretStr(WEBHOOK_SECRET))
    seen, sent = await signatures(site, ask)
    assert list(seen.statuses) == [*REJECTED, *ACCEPTED]
    assert [len(statuses) for statuses in seen.statuses.values()] == [1, 2, 1, 3, 1, 1, 1, 1]
    assert sent.count("") == 1
    assert WEBHOOK_SECRET not in repr((seen, sent))


async def test_without_a_secret_or_a_webhook_nothing_is_signed(site: Site) -> None:
    with pytest.raises(Unavailable, match="has no secret to sign an event with"):
        await signatures(site, Stripe(webhook_path="/hook"))
    assert (await signatures(site, Stripe())) == (replace((await signatures(site, Stripe()))[0]), [])


TAKES = {
    "none": {"no signature", "a malformed one", "another secret", "an altered body", "one of an hour ago", "a part"},
    "unsigned passes": {"no signature"},
    "malformed passes": {"a malformed one"},
    "any signature": {"another secret", "an altered body", "a part"},
    "part of a signature": {"a part"},
    "any age": {"one of an hour ago"},
}


@pytest.mark.parametrize("verifier", TAKES)
def test_each_broken_verifier_is_caught_by_what_it_takes(verifier: Any) -> None:
    api = DemoApi(App(callbacks=CallbackHandling(stripe=verifier)))
    body = variants(event("0123abcd", AT))["plain"]
    genuine = signature(WEBHOOK_SECRET, body, AT)
    sent = {
        "no signature": (body, ""),
        "a malformed one": (body, "golive"),
        "a part": (body, genuine[:-40] + "0" * 40),
        "another secret": (body, signature("whsec_x", body, AT)),
        "an altered body": (body.replace(b"readiness", b"forgery"), genuine),
        "one of an hour ago": (body, signature(WEBHOOK_SECRET, body, AT - 3600)),
    }
    assert {name for name, (content, signed) in sent.items() if api.verified(content, signed, AT)} == TAKES[verifier]


async def test_simulators_are_asked_beside_a_path_that_does_not_exist(site: Site) -> None:
    async with site(lambda path, _: as_json(200 if path == "/sim" else 404, {}), host=API) as there:
        given = {"fronts": await there.fronts(), "run": RUN}
        seen = await there.look(simulator_answers, ask=Simulators(paths=("/sim", "/other")), **given)
        none = await there.look(simulator_answers, ask=Simulators(), **given)
    assert (dict(seen.statuses), seen.nowhere) == ({"/sim": 200, "/other": 404}, 404)
    assert dict(none.statuses) == {}


BY_PATH = {
    "no such payment": (as_json(404, {"error": "no such payment"}), False),
    "refused": (as_json(401, {"error": "signature"}), False),
}


@pytest.mark.parametrize(("answer", "everywhere"), BY_PATH.values(), ids=BY_PATH)
async def test_any_reference_in_the_path_is_one_of_the_handler_s_own(
    site: Site, answer: HttpAnswer, *, everywhere: bool
) -> None:
    def respond(path: str, _: Any) -> HttpAnswer:
        return answer if path.startswith("/hook/") else as_json(404, {"error": "no route"})

    async with site(respond, host=API) as there:
        webhook = Webhook("x", there.host, "orange", "/hook/{gateway_reference}/done?shop=1")
        seen = await there.look(reached, webhook=webhook, fronts=await there.fronts(), run=RUN)
    assert seen.knocks[0].everywhere is everywhere
    first, *beside = [path for _, path, _ in there.asked if path != "/"]
    assert first.endswith("/done?shop=1")
    assert "{" not in first
    assert {path.split("/")[1] for path in beside} == {"hook-0123abcd", "hook-0123abcd-2"}


NOT_FOUND = as_json(404, {"detail": "Not Found"})
OPTIONS = {"a route": (as_json(405, {}), True), "none": (NOT_FOUND, False)}


@pytest.mark.parametrize(("options", "routed"), OPTIONS.values(), ids=OPTIONS)
async def test_a_route_that_answers_404_as_any_path_does_is_known_by_its_methods(
    site: Site, options: HttpAnswer, *, routed: bool
) -> None:
    def respond(path: str, _: Any, method: str = "") -> HttpAnswer:
        return options if method == "OPTIONS" and path == "/hook" else NOT_FOUND

    seen, _ = await look(site, respond, "orange")
    assert (seen.knocks[0].everywhere, seen.knocks[0].routed) == (True, routed)


def page(status: int, text: bytes, *headers: tuple[str, str]) -> HttpAnswer:
    return HttpAnswer(status, "text/html; charset=utf-8", text, headers)


SIGNS = {
    "Flask's abort": (page(403, b"<!doctype html>\n<html lang=en>\n<title>403 Forbidden</title>"), {"by": "framework"}),
    "Express": (
        page(401, b"<!DOCTYPE html>\n<head>\n<title>Error</title>\n</head>\n<body>\n<pre>No</pre>"),
        {"by": "framework", "form_token": False},
    ),
    "nginx": (
        page(403, b"<html><body><center><h1>403 Forbidden</h1></center><hr><center>nginx</center>"),
        {"by": "front"},
    ),
    "of nobody known": (page(403, b"<html><h1>Closed</h1></html>"), {"by": ""}),
    "Rails": (page(422, b"<!DOCTYPE html><title>The change you wanted was rejected</title>"), {"form_token": True}),
    "Laravel": (page(419, b"<!DOCTYPE html><title>Page Expired</title>"), {"form_token": True}),
    "Django": (page(403, b"<!DOCTYPE html><h1>Forbidden</h1><p>CSRF verification failed.</p>"), {"form_token": True}),
    "a validator": (as_json(422, {"detail": "amount"}), {"form_token": False, "bearer": ""}),
    "an API's guard": (page(401, b"", ("www-authenticate", 'Bearer realm="api"')), {"bearer": "Bearer"}),
    "a signature that is asked for": (page(401, b"", ("www-authenticate", "Signature")), {"bearer": ""}),
}


@pytest.mark.parametrize(("answer", "expected"), SIGNS.values(), ids=SIGNS)
async def test_who_refused_a_call_and_why(site: Site, answer: HttpAnswer, expected: dict[str, Any]) -> None:
    seen, _ = await look(site, lambda path, _: answer if path == "/hook" else as_json(404, {}))
    assert {name: getattr(seen.knocks[0], name) for name in expected} == expected
