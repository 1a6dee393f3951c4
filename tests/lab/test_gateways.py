"""The gateways' stand-ins, held to the vendors' own clients: what those read is what golive's probes may rely on.

MTN and Orange publish no client of their own: their stand-ins are held to the documentation alone.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import stripe
from paypalserversdk.configuration import Configuration, Environment
from paypalserversdk.exceptions.api_exception import ApiException
from paypalserversdk.exceptions.o_auth_provider_exception import OAuthProviderException
from paypalserversdk.http.auth.o_auth_2 import ClientCredentialsAuthCredentials
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient

from golive_checks.systems.gateways.stripe_api import VERSION
from golive_lab.parts.asgi import Listener, serving
from golive_lab.parts.gateways import paypal as paypal_side
from golive_lab.parts.gateways.part import GatewayServers
from golive_lab.parts.ports import standing
from golive_lab.parts.process import program
from golive_lab.world.gateways import Payments
from golive_lab.world.gateways.paypal import CLIENT_ID, CLIENT_SECRET, PayPalSide
from golive_lab.world.gateways.stripe import EVENTS, KEY, StripeEndpoint, StripeSide
from golive_lab.world.ledger import EUR, PAYPAL, TAKEN, XOF, LedgerSides

STRIPE_FOR_NODE = "stripe@23.1.0"
HOUR = 3600
MANY = tuple(StripeEndpoint(f"we_{n:03}", f"https://shop-{n:03}.demo.test/hook") for n in range(130))


@contextmanager
def served(payments: Payments) -> Iterator[str]:
    """Serve the APIs in a thread of its own, for clients that block."""
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()
    with standing() as place:

        async def run() -> None:
            door = Listener("127.0.0.1", place.ports.gateways)
            async with serving([(door, GatewayServers(payments, 443))]):
                ready.set()
                await stop.wait()

        thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
        thread.start()
        ready.wait()
        try:
            yield f"http://127.0.0.1:{place.ports.gateways}"
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()


def client(base: str, key: str = KEY, retries: int = 0) -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": base}, max_network_retries=retries)


def test_stripes_client_speaks_the_version_that_golive_pins() -> None:
    assert stripe.api_version == VERSION


def test_stripes_client_reads_the_account_and_every_page_of_endpoints() -> None:
    with served(Payments(stripe=StripeSide(endpoints=(*MANY, StripeEndpoint())))) as base:
        account = client(base).v1.accounts.retrieve_current()
        listed = client(base).v1.webhook_endpoints.list({"limit": 100})
        found = list(listed.auto_paging_iter())
    assert (account.id, account.charges_enabled, account.requirements.past_due) == ("acct_1GoliveLabDemo", True, [])
    assert len(found) == 131
    assert (found[-1].status, found[-1].url) == ("enabled", "https://api.demo.test:443/webhooks/stripe")
    assert tuple(found[-1].enabled_events) == EVENTS


def test_stripes_client_filters_events_as_golive_does() -> None:
    late = ((EVENTS[0], 2 * HOUR), (EVENTS[1], 2 * HOUR), (EVENTS[0], 10 * 24 * HOUR))
    with served(Payments(stripe=StripeSide(undelivered=late))) as base:
        every = client(base).v1.events.list({"delivery_success": False})
        some = client(base).v1.events.list({"delivery_success": False, "types": [EVENTS[0]], "limit": 100})
    assert [event.type for event in every.data] == [EVENTS[0], EVENTS[1], EVENTS[0]]
    assert [event.type for event in some.data] == [EVENTS[0], EVENTS[0]]


def test_stripes_client_lists_event_destinations() -> None:
    with served(Payments(stripe=StripeSide(destinations=(*MANY, StripeEndpoint("ed_1"))))) as base:
        listed = client(base).v2.core.event_destinations.list({"include": ["webhook_endpoint.url"], "limit": 50})
        found = [each.webhook_endpoint.url for each in listed.auto_paging_iter()]
    assert (len(found), found[-1]) == (131, "https://api.demo.test:443/webhooks/stripe")


def test_stripes_client_reads_what_was_taken_as_golive_does() -> None:
    day_ago = int(time.time()) - 24 * HOUR
    many = tuple(replace(EUR, reference=f"pi_3GoliveLab1{n:03}", age_s=HOUR) for n in range(130))
    with served(Payments(ledger=LedgerSides(taken=(*TAKEN, *many)))) as base:
        there = client(base).v1
        listed = list(there.charges.list({"created": {"gte": day_ago}, "limit": 100}).auto_paging_iter())
        intent = there.payment_intents.retrieve(XOF.reference)
        charge = there.charges.retrieve(str(intent.latest_charge))
        with pytest.raises(stripe.InvalidRequestError) as none:
            there.payment_intents.retrieve("pi_none")
    assert len(listed) == 130 + 4  # the refunded one is older
    assert {each.currency for each in listed} == {"eur", "xof", "ugx"}
    assert (intent.status, intent.amount_received, intent.currency) == ("succeeded", 5000, "xof")
    assert (charge.payment_intent, charge.amount_captured, charge.captured) == (XOF.reference, 5000, True)
    assert (none.value.http_status, none.value.code) == (404, "resource_missing")


REFUSALS: dict[str, tuple[StripeSide, str, type[Exception]]] = {
    "another key": (StripeSide(), "sk_test_another", stripe.AuthenticationError),
    "expired": (StripeSide(key_state="api_key_expired"), KEY, stripe.AuthenticationError),
    "restricted": (StripeSide(restricted_from=("accounts_kyc_id_numbers_read",)), KEY, stripe.PermissionError),
    "too many": (StripeSide(mood="429 for long"), KEY, stripe.RateLimitError),
    "broken": (StripeSide(mood="500"), KEY, stripe.APIError),
    "no JSON": (StripeSide(mood="no JSON"), KEY, stripe.APIError),
}


@pytest.mark.parametrize(("side", "key", "error"), REFUSALS.values(), ids=REFUSALS)
def test_stripes_client_understands_how_the_stand_in_refuses(
    side: StripeSide, key: str, error: type[Exception]
) -> None:
    with served(Payments(stripe=side)) as base, pytest.raises(error):
        client(base, key).v1.accounts.retrieve_current()


@pytest.fixture(scope="module")
def node() -> Path:
    """Install Stripe's client for Node beside the environment, once."""
    folder = Path(sys.prefix) / "node"
    if not (folder / "node_modules" / "stripe").exists():
        folder.mkdir(exist_ok=True)
        install = [program("npm"), "install", "--prefix", str(folder), "--no-fund", "--no-audit", STRIPE_FOR_NODE]
        subprocess.run(install, check=True, capture_output=True, timeout=120)
    return folder


SCRIPT = """
const Stripe = require("stripe");
const [key, port] = process.argv.slice(2);
const stripe = new Stripe(key, { host: "127.0.0.1", port, protocol: "http", maxNetworkRetries: 0, telemetry: false });
(async () => {
  const account = await stripe.accounts.retrieveCurrent();
  const urls = [];
  for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) urls.push(endpoint.url);
  const late = await stripe.events.list({ delivery_success: false, types: ["payment_intent.succeeded"] });
  let refused = "";
  try { await new Stripe("sk_test_x", { host: "127.0.0.1", port, protocol: "http" }).accounts.retrieveCurrent(); }
  catch (error) { refused = error.type; }
  console.log(JSON.stringify({ account: account.id, urls: urls.length, late: late.data.length, refused }));
})();
"""


def test_stripes_client_for_node_reads_the_same(node: Path) -> None:
    (node / "read.js").write_text(SCRIPT)
    side = StripeSide(endpoints=(*MANY, StripeEndpoint()), undelivered=((EVENTS[0], 2 * HOUR),))
    with served(Payments(stripe=side)) as base:
        command = [program("node"), str(node / "read.js"), KEY, base.rpartition(":")[2]]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(ran.stdout) == {
        "account": "acct_1GoliveLabDemo",
        "urls": 131,
        "late": 1,
        "refused": "StripeAuthenticationError",
    }


@pytest.fixture
def paypal(monkeypatch: pytest.MonkeyPatch) -> object:
    def made(base: str, secret: str = CLIENT_SECRET) -> PaypalServersdkClient:
        where = {
            environment: dict.fromkeys(servers, base) for environment, servers in Configuration.environments.items()
        }
        monkeypatch.setattr(Configuration, "environments", where)
        return PaypalServersdkClient(
            environment=Environment.SANDBOX,
            client_credentials_auth_credentials=ClientCredentialsAuthCredentials(CLIENT_ID, secret),
        )

    return made


def test_paypals_client_gets_a_token_and_is_known_by_it(paypal) -> None:
    with served(Payments()) as base:
        there = paypal(base)
        token = there.oauth_2.fetch_token()
        assert (token.access_token, token.token_type) == (paypal_side.TOKEN, "Bearer")
        with pytest.raises(ApiException) as refused:
            there.orders.get_order({"id": "5O190127TN364715T"})
    assert refused.value.response_code == 404


def test_paypals_client_reads_a_capture(paypal) -> None:
    with served(Payments()) as base:
        payments = paypal(base).payments
        capture = payments.get_captured_payment({"capture_id": PAYPAL.reference}).body
        with pytest.raises(ApiException) as none:
            payments.get_captured_payment({"capture_id": "2GG000000U000000P"})
    assert (capture.status, capture.amount.value, capture.amount.currency_code) == ("COMPLETED", "18.40", "EUR")
    assert none.value.response_code == 404


def test_paypals_client_understands_a_refusal(paypal) -> None:
    with served(Payments()) as base, pytest.raises(OAuthProviderException) as refused:
        paypal(base, "wrong").oauth_2.fetch_token()
    assert (refused.value.response_code, refused.value.error) == (401, "invalid_client")
    side = PayPalSide(credentials_good=False)
    with served(Payments(paypal=side)) as base, pytest.raises(OAuthProviderException):
        paypal(base).oauth_2.fetch_token()
