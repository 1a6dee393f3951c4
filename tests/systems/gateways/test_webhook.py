import datetime as dt
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from pydantic import SecretStr

from golive import Environment, Now, RunInfo, Unavailable
from golive_checks.subjects import Host
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.stripe_events import PLAIN, event, signature, variants
from golive_checks.systems.gateways.webhook import webhook_answers
from golive_lab.parts.api.api import DemoApi
from golive_lab.parts.asgi import as_json
from golive_lab.world.app import WEBHOOK_SECRET, App
from golive_lab.world.names import APP

Site = Callable[..., AbstractAsyncContextManager[Any]]

AT = 1_795_000_000


def test_every_variant_is_the_same_kind_of_event_and_other_bytes() -> None:
    bodies = variants(event("0123abcd", AT))
    parsed = {name: json.loads(body) for name, body in bodies.items()}
    assert {p["type"] for p in parsed.values()} == {"golive.probe"}
    assert parsed["spacing"] == parsed[PLAIN]
    assert len(set(bodies.values())) == len(bodies)
    again = {n: json.dumps(p, separators=(",", ":"), ensure_ascii=False).encode() for n, p in parsed.items()}
    assert again[PLAIN] == bodies[PLAIN]
    assert again["spacing"] != bodies["spacing"]
    assert again["escapes"] != bodies["escapes"]
    assert bodies["unicode"].decode("latin-1").encode() != bodies["unicode"]


def test_a_signature_is_stripes() -> None:
    # printf '12345.{}' | openssl dgst -sha256 -hmac whsec_x
    signed = "7542cb66ffa97ee88f329363f26c01fb99c05f088ebb71d9f6433e8fcdd27dcc"
    assert signature("whsec_x", b"{}", 12345) == f"t=12345,v1={signed}"


@pytest.mark.parametrize(
    ("seen_as", "rejected"),
    [("raw", set()), ("reserialised", {"spacing", "escapes"}), ("decoded", {"unicode"})],
)
def test_each_way_to_spoil_a_body_is_rejected_by_a_variant(seen_as: Any, rejected: set[str]) -> None:
    api = DemoApi(App(webhook_body=seen_as))
    bodies = variants(event("0123abcd", AT))
    refused = {n for n, b in bodies.items() if not api.verified(b, signature(WEBHOOK_SECRET, b, AT), AT + 5)}
    assert refused == rejected


@pytest.mark.parametrize("header", ["", "t=1", "v1=x", "t=x,v1=x", f"t={AT - 400},v1=x", "t=²,v1=x"])
def test_the_lab_refuses_what_is_no_signature(header: str) -> None:
    assert not DemoApi(App()).verified(b"{}", header, AT)


UNSEEN = {name: Unavailable("not seen") for name in ("places", "origin")} | {"env": Environment("staging")}


async def answers(site: Site, host: Host, ask: Stripe) -> Any:
    async with site(lambda *_: as_json(200, {}), host=host) as there:
        now = Now(dt.datetime.fromtimestamp(AT, dt.UTC))
        run = RunInfo("0123abcd", "9.9")
        seen = await there.look(webhook_answers, fronts=await there.fronts(), ask=ask, now=now, run=run, **UNSEEN)
        return seen, there.asked


async def test_events_are_sent_signed_and_one_of_them_forged(site: Site) -> None:
    ask = Stripe(webhook_path="/hook", webhook_secret=SecretStr(WEBHOOK_SECRET))
    seen, asked = await answers(site, Host(APP, role="api"), ask)
    assert dict(seen.statuses) == dict.fromkeys(["plain", "spacing", "escapes", "unicode", "forged"], 200)
    sent = [headers["stripe-signature"] for _, path, headers in asked if path == "/hook"]
    assert len(set(sent)) == 5
    assert WEBHOOK_SECRET not in repr((seen, ask, asked))


async def test_without_a_secret_there_is_nothing_to_sign_with(site: Site) -> None:
    with pytest.raises(Unavailable, match="has no secret to sign an event with"):
        await answers(site, Host(APP, role="api"), Stripe(webhook_path="/hook"))


@pytest.mark.parametrize(
    ("host", "ask"), [(Host(APP, role="app"), Stripe(webhook_path="/hook")), (Host(APP, role="api"), Stripe())]
)
async def test_nothing_is_sent_where_there_is_no_webhook(site: Site, host: Host, ask: Stripe) -> None:
    seen, asked = await answers(site, host, ask)
    assert seen.path == ""
    assert [path for _, path, _ in asked] == ["/"]
