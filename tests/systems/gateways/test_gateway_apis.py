"""The probes of the gateways' APIs, against stand-ins that may misbehave."""

from dataclasses import replace
from typing import Any

import pytest
from gateway_bench import there
from pydantic import SecretStr

from golive import Environment, Unavailable
from golive_checks.systems.gateways.gateways import Gateways
from golive_checks.systems.gateways.mtn import Mtn, mtn_callback_host, mtn_login
from golive_checks.systems.gateways.orange import Orange, orange_login
from golive_checks.systems.gateways.paypal import PayPal, paypal_login, paypal_webhooks
from golive_checks.systems.gateways.stripe import OtherAccount, Stripe
from golive_checks.systems.gateways.stripe_account import stripe_access, stripe_others
from golive_checks.systems.gateways.stripe_deliveries import stripe_destinations, stripe_undelivered
from golive_lab.parts.gateways import mtn as mtn_side
from golive_lab.parts.gateways import paypal as paypal_side
from golive_lab.parts.gateways import stripe as stripe_side
from golive_lab.world.gateways.mtn import MtnSide
from golive_lab.world.gateways.orange import OrangeSide
from golive_lab.world.gateways.paypal import PayPalSide
from golive_lab.world.gateways.stripe import EVENTS, StripeEndpoint, StripeSide

HOUR, DAY = 3600, 86400


async def test_a_key_that_works_and_the_account_behind_it() -> None:
    async with there() as at:
        seen = await at.look(stripe_access)
        asked = at.apis.stripe.asked[0]
    assert (seen.mode, seen.restricted, seen.refused, seen.account.id) == ("test", False, "", "acct_1GoliveLabDemo")
    assert asked.headers["stripe-version"] == "2026-10-28.endive"
    assert stripe_side.KEY not in repr(seen)


async def test_a_refused_key_is_asked_with_no_second_time() -> None:
    async with there(stripe=StripeSide(key_state="api_key_expired")) as at:
        seen = await at.look(stripe_access)
        assert seen.refused == "api_key_expired"
        for probe in (stripe_destinations, stripe_undelivered):
            with pytest.raises(Unavailable, match=r"refuses the key \(api_key_expired\)"):
                await at.look(probe, seen=seen, places=None)
        assert len(at.apis.stripe.asked) == 1


async def test_a_restricted_key_says_what_it_lacks() -> None:
    lacks = ("accounts_kyc_id_numbers_read", "webhook_read", "event_read")
    async with there(stripe=StripeSide(restricted_from=lacks)) as at:
        seen = await at.look(stripe_access)
        assert (seen.account, seen.lacking) == (None, "rak_accounts_kyc_id_numbers_read")
        with pytest.raises(Unavailable, match="it lacks rak_webhook_read") as gap:
            await at.look(stripe_destinations, seen=seen)
        assert "grant the key rak_webhook_read" in gap.value.fix


async def test_every_page_is_read_and_a_query_is_not_kept() -> None:
    many = [StripeEndpoint(f"we_{n}", f"https://x{n}.test/hook?token=secret") for n in range(250)]
    async with there(stripe=StripeSide(endpoints=(*many, StripeEndpoint()))) as at:
        seen = await at.look(stripe_destinations, seen=await at.look(stripe_access))
        assert [len(seen.found), seen.found[-1].url] == [251, "https://api.demo.test:443/webhooks/stripe"]
        assert len([a for a in at.apis.stripe.asked if a.path == "/v1/webhook_endpoints"]) == 3
    assert "secret" not in repr(seen)


async def test_pages_that_never_end_are_left() -> None:
    async with there(stripe=StripeSide(mood="endless")) as at:
        seen = await at.look(stripe_access)
        with pytest.raises(Unavailable, match="list of webhook endpoints does not end"):
            await at.look(stripe_destinations, seen=seen)
        assert len(at.apis.stripe.asked) <= 6


async def test_an_event_destination_is_found_where_there_is_no_endpoint() -> None:
    elsewhere = StripeEndpoint("we_9", "https://api.other.test/webhooks/stripe")
    others = [StripeEndpoint(f"ed_x{n}", f"https://x{n}.test/hook") for n in range(120)]
    side = StripeSide(endpoints=(elsewhere,), destinations=(*others, StripeEndpoint("ed_1")))
    async with there(stripe=side) as at:
        seen = await at.look(stripe_destinations, seen=await at.look(stripe_access))
    found = seen.found[-1]
    assert len(seen.found) == 122
    assert (found.id, found.enabled, found.url) == ("ed_1", True, "https://api.demo.test:443/webhooks/stripe")


async def test_destinations_are_listed_beside_endpoints() -> None:
    connected = StripeEndpoint("we_2", application="ca_1")
    others = (StripeEndpoint("ed_1", events_from=("@accounts",)), StripeEndpoint("ed_2", payload="thin"))
    async with there(stripe=StripeSide(endpoints=(StripeEndpoint(), connected), destinations=others)) as at:
        seen = await at.look(stripe_destinations, seen=await at.look(stripe_access))
    assert [(each.id, each.own, each.thin) for each in seen.found] == [
        ("we_1GoliveLab", True, False),
        ("we_2", False, False),
        ("ed_1", False, False),
        ("ed_2", True, True),
    ]


async def test_an_organization_s_key_says_whose_account_is_meant() -> None:
    async with there() as at:
        key = {"secret_key": SecretStr("sk_org_test_0123456789abcdef")}
        at.stripe = at.stripe.model_copy(update=key)
        with pytest.raises(Unavailable, match="does not say which of its accounts") as gap:
            await at.look(stripe_access)
        assert "stripe.context" in gap.value.fix
        at.stripe = at.stripe.model_copy(update={"context": "acct_1GoliveLabDemo"})
        seen = await at.look(stripe_access)
        assert (seen.mode, at.apis.stripe.asked[-1].headers["stripe-context"]) == ("test", "acct_1GoliveLabDemo")


async def test_undelivered_events_of_the_window_alone() -> None:
    late = ((EVENTS[0], HOUR // 2), (EVENTS[0], 2 * HOUR), ("customer.created", 2 * HOUR), (EVENTS[1], 4 * DAY))
    async with there(stripe=StripeSide(undelivered=late)) as at:
        seen = await at.look(stripe_access)
        places = await at.look(stripe_destinations, seen=seen)
        found = await at.look(stripe_undelivered, seen=seen, places=places)
        asked = at.apis.stripe.asked[-1].query
    assert [(e.id, e.type) for e in found.events] == [("evt_1GoliveLab1", EVENTS[0])]
    assert asked["delivery_success"] == ("false",)
    assert set(asked["types[]"]) == set(EVENTS)


async def test_other_accounts_by_id_and_by_key() -> None:
    async with there() as at:
        at.stripe = at.stripe.model_copy(
            update={
                "compare_with": {
                    "staging": OtherAccount(account="acct_1Staging"),
                    "preview": OtherAccount(secret_key=SecretStr(stripe_side.KEY)),
                }
            }
        )
        seen = await at.look(stripe_others)
        assert dict(seen.accounts) == {"staging": "acct_1Staging", "preview": "acct_1GoliveLabDemo"}
        at.stripe = at.stripe.model_copy(
            update={"compare_with": {"x": OtherAccount(secret_key=SecretStr("sk_test_no"))}}
        )
        with pytest.raises(Unavailable, match="does not report the account of x: it answers 401"):
            await at.look(stripe_others)


async def test_paypals_token_is_fetched_once_and_used() -> None:
    async with there() as at:
        seen = await at.look(paypal_login)
        hooks = await at.look(paypal_webhooks, seen=seen)
        paths = [asked.path for asked in at.apis.paypal.asked]
    assert (seen.refused, seen.host, seen.host_mode) == ("", "127.0.0.1", "")
    assert [hook.url for hook in hooks.found] == ["https://api.demo.test:443/webhooks/paypal"]
    assert paths == ["/v1/oauth2/token", "/v1/notifications/webhooks"]
    assert paypal_side.TOKEN not in repr((seen, hooks))


async def test_paypals_refusal_is_a_fact_and_ends_it() -> None:
    async with there(paypal=PayPalSide(credentials_good=False)) as at:
        seen = await at.look(paypal_login)
        assert seen.refused == "invalid_client"
        await at.look(paypal_login)
        with pytest.raises(Unavailable, match=r"refuses the credentials \(invalid_client\)"):
            await at.look(paypal_webhooks, seen=seen)
        assert len(at.apis.paypal.asked) == 1


@pytest.mark.parametrize(
    ("mode", "production", "host"),
    [
        ("", False, "api-m.sandbox.paypal.com"),
        ("", True, "api-m.paypal.com"),
        ("production", False, "api-m.paypal.com"),
        ("sandbox", True, "api-m.sandbox.paypal.com"),
    ],
)
def test_paypal_is_asked_where_the_app_asks_it(mode: Any, *, production: bool, host: str) -> None:
    assert PayPal(mode=mode).api(Environment("x", production=production)).host == host


async def test_mtn_tells_the_target_and_the_callback_host() -> None:
    async with there() as at:
        seen = await at.look(mtn_login)
        host = await at.look(mtn_callback_host, seen=seen)
        asked = at.apis.mtn.asked[1]
    assert (seen.refused, seen.target_refused, seen.target_gap) == ("", False, "")
    assert (host.known, host.host) == (True, "api.demo.test")
    assert asked.headers["x-target-environment"] == "sandbox"
    assert asked.method == "GET"
    assert mtn_side.USER not in repr((seen, host))


@pytest.mark.parametrize(
    ("side", "refused", "target_refused"),
    [
        (MtnSide(credentials_good=False), "login_failed", False),
        (MtnSide(subscribed=False), "401", False),
        (MtnSide(targets=()), "", True),
    ],
)
async def test_mtns_refusals(side: MtnSide, refused: str, *, target_refused: bool) -> None:
    async with there(mtn=side) as at:
        seen = await at.look(mtn_login)
        await at.look(mtn_login)
        logins = [asked for asked in at.apis.mtn.asked if asked.path == "/collection/token/"]
    assert (seen.refused, seen.target_refused) == (refused, target_refused)
    assert len(logins) == 1


async def test_in_production_mtn_is_not_asked_for_the_callback_host() -> None:
    async with there() as at:
        at.given["env"] = Environment("live", production=True)
        seen = await at.look(mtn_callback_host, seen=await at.look(mtn_login))
    assert not seen.known


async def test_oranges_login() -> None:
    async with there() as at:
        assert (await at.look(orange_login)).refused == ""
    async with there(orange=OrangeSide(credentials_good=False)) as at:
        assert (await at.look(orange_login)).refused == "invalid_client"


ASKED = {"stripe": stripe_access, "paypal": paypal_login, "mtn": mtn_login, "orange": orange_login}
SIDES: dict[str, Any] = {"stripe": StripeSide(), "paypal": PayPalSide(), "mtn": MtnSide(), "orange": OrangeSide()}
MOODS = {
    "429 for long": "answers 429, too many requests, and asks to wait 1 h",
    "500": "answers 500 when asked for",
    "slow": "had not answered in full",
    "odd JSON": "JSON that is not as documented",
    "no JSON": "no JSON object",
}


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("name", ASKED)
async def test_an_api_that_misbehaves_is_a_gap(name: str, mood: Any) -> None:
    async with there(**{name: replace(SIDES[name], mood=mood)}) as at:
        with pytest.raises(Unavailable, match=MOODS[mood]):
            await at.look(ASKED[name])


@pytest.mark.parametrize("name", ASKED)
async def test_a_429_is_waited_out(name: str) -> None:
    async with there(**{name: replace(SIDES[name], mood="429")}) as at:
        assert not (await at.look(ASKED[name])).refused


@pytest.mark.parametrize("name", ASKED)
async def test_without_credentials_there_is_nothing_to_ask_with(name: str) -> None:
    async with there() as at:
        empty = {"stripe": Stripe(), "paypal": PayPal(), "mtn": Mtn(), "orange": Orange()}[name]
        with pytest.raises(Unavailable, match=r"golive (has no|lacks)") as gap:
            await at.look(ASKED[name], ask=empty)
        assert "in the profile" in gap.value.fix


@pytest.mark.parametrize("name", ASKED)
async def test_what_is_not_in_use_is_not_asked(name: str) -> None:
    async with there() as at:
        assert not (await at.look(ASKED[name], gateways=Gateways(enabled=()))).used
        assert getattr(at.apis, name).asked == []


async def test_a_token_that_has_expired_at_once_is_a_gap() -> None:
    async with there(paypal=PayPalSide(mood="expired token"), mtn=MtnSide(mood="expired token")) as at:
        with pytest.raises(Unavailable, match="answers 401 when asked for webhooks"):
            await at.look(paypal_webhooks, seen=await at.look(paypal_login))
        assert (await at.look(mtn_login)).target_gap == "MTN answers 401 when asked for a payment there"
