"""Forged successes for a pending test order, and whether the order's rows changed after them."""

import asyncio
import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from golive import Client, Effect, Fact, Now, RunInfo, Settings, Unavailable, probe
from golive_checks.subjects import Database
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.gateways.gateways import Currency, Gateway
from golive_checks.systems.gateways.payment_rows import PaymentRows, PaymentsPlace, database_of
from golive_checks.systems.gateways.webhooks import METHODS, Webhook, demand_path, door_of
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import Access
from golive_checks.systems.http.client.walls import wall
from golive_checks.systems.http.front import PAGES, Front, reply_of
from golive_checks.systems.machine.client.command import Command
from golive_checks.systems.tls.client.trust import Trust

LOOKS = 5
"""How often the rows are read while they are watched."""


class PendingOrder(BaseModel):
    """An order of a test customer that waits for its payment."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    reference: str = Field(min_length=1, max_length=100)
    """What the app sent to the gateway for it: the order's id, or MTN's externalId."""
    amount: str = Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,3})?$")
    """What is to be paid, in the currency's own unit: "12.50"."""
    currency: Currency
    """Its currency, such as XOF."""


class Forgery(Settings):
    """The pending test orders for which a success is forged, and how their rows are read."""

    home: ClassVar[str] = "payments.forgery"

    orders: dict[Gateway, PendingOrder] = Field(default_factory=dict)
    """One for each gateway. golive changes nothing of it; a webhook that is taken in by a forgery does."""
    rows_command: tuple[str, ...] = ()
    """A command that prints the order's and the payment's rows; `{reference}` in it stands for the order's."""
    rows_query: str = Field(default="", max_length=10_000)
    """Or: a query on the payments' database (payments.data) that brings them; `{reference}` is a value there."""
    pending: tuple[str, ...] = Field(default=("pending",), min_length=1)
    """Words by which the rows say that the order still waits for its payment; one of them must be there."""
    watch_s: float = Field(default=10.0, ge=0, le=120)
    """How long the rows must stay as they are."""

    @model_validator(mode="after")
    def _one_way(self) -> "Forgery":
        if self.rows_command and self.rows_query:
            raise ValueError("wants either rows_query or rows_command")
        return self


class OrderRows(Client):
    """Reads the rows of an order and of its payment, anew each time."""

    def __init__(self, command: Command, rows: PaymentRows) -> None:
        self._command = command
        self._rows = rows
        self._looks = 0

    async def read(
        self, order: PendingOrder, ask: Forgery, places: Mapping[Database, PaymentsPlace] | Unavailable
    ) -> bytes:
        """Return the rows as they are now."""
        if ask.rows_query:
            return await self._queried(order, ask, database_of(places))
        if not ask.rows_command:
            raise Unavailable(
                "the profile does not say how the order's rows are read",
                fix="set payments.forgery.rows_query, or rows_command to a command that prints them",
            )
        self._looks += 1
        argv = tuple(part.replace("{reference}", order.reference) for part in ask.rows_command)
        ran = await self._command.run(argv, again=self._looks)
        if ran.code != 0 or not ran.stdout.strip():
            raise Unavailable(
                f"the rows of the test order could not be read: the command ended with {ran.code}",
                fix="run payments.forgery.rows_command by hand; the test order must be there, and pending",
            )
        return ran.stdout

    async def _queried(self, order: PendingOrder, ask: Forgery, database: Database) -> bytes:
        key = "payments.forgery.rows_query"
        [rows] = await self._rows.read(database, {key: ask.rows_query}, {"reference": order.reference})
        if not rows:
            raise Unavailable(
                f"{key} brings no row for the test order {order.reference}",
                fix="the test order must be there, and pending",
            )
        return repr(sorted(map(repr, rows))).encode()


@dataclass(frozen=True)
class Forged(Fact):
    """What the forged successes got, and whether the rows were others afterwards."""

    statuses: Mapping[str, int] = field(default_factory=dict)
    changed: bool = False
    changed_after_s: float = 0.0
    watched_s: float = 0.0


@probe("gateways.forged", effect=Effect.ACTIVE)
async def forged(
    webhook: Webhook,
    fronts: Mapping[Address, Front | Unavailable],
    ask: Forgery,
    rows: OrderRows,
    places: Mapping[Database, PaymentsPlace] | Unavailable,
    http: Http,
    access: Access,
    trust: Trust,
    now: Now,
    run: RunInfo,
) -> Forged:
    """Forge a success for the pending test order, and watch its rows."""
    if webhook.gateway == "stripe":
        return Forged()  # its events are signed: stripe.signature-enforced sends it what is forged
    demand_path(webhook)
    order = ask.orders.get(webhook.gateway)
    if order is None:
        raise Unavailable(
            f"the profile names no pending test order for {webhook.gateway}",
            fix=f"set payments.forgery.orders.{webhook.gateway}",
        )
    there = await rows.read(order, ask, places)
    demand_pending(there, order, ask)
    before = _digest(there)
    door = door_of(fronts)
    statuses = {}
    for method in METHODS.get(webhook.gateway, ("POST",)):
        for name, (body, headers) in forgeries(webhook.gateway, order, now, run).items():
            sent = {"content-type": "application/json", **headers}
            got = await http.knock(door, method, webhook.path, body, headers=sent, access=access, ca_file=trust.ca_file)
            if stands := wall(got.status, got.headers):
                raise Unavailable(
                    f"{webhook.path}: {stands.reason}, so that no forgery reached the app", fix=stands.fix
                )
            if got.status < 300 and reply_of(got).media_type in PAGES:  # noqa: PLR2004 - RFC 9110, section 15.3
                raise Unavailable(
                    f"{webhook.path} is answered with a page, so that no forgery reached the app",
                    fix="route it to the app, before the front end's fall-back",
                )
            statuses[f"{method}, {name}"] = got.status
    clock = asyncio.get_running_loop().time
    began = clock()
    for look in range(1, LOOKS + 1):
        await asyncio.sleep(max(0.0, began + ask.watch_s * look / LOOKS - clock()))
        if _digest(await rows.read(order, ask, places)) != before:
            return Forged(statuses, changed=True, changed_after_s=round(clock() - began, 1), watched_s=ask.watch_s)
    return Forged(statuses, watched_s=ask.watch_s)


def demand_pending(rows: bytes, order: PendingOrder, ask: Forgery) -> None:
    """See that the order waits for its payment: one that is paid already stays as it is, whoever is believed.

    Raises:
        Unavailable: nothing in its rows says so.
    """
    text = rows.decode("utf-8", "replace")
    if not any(re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", text, re.IGNORECASE) for word in ask.pending):
        raise Unavailable(
            f"the test order {order.reference} waits for no payment: none of its rows says {' or '.join(ask.pending)}",
            fix="if an earlier run has paid it, a forgery was believed. Make it pending again, and name the rows' word "
            "for that in payments.forgery.pending.",
        )


def _digest(rows: bytes) -> str:
    return hashlib.sha256(rows).hexdigest()


def forgeries(gateway: Gateway, order: PendingOrder, now: Now, run: RunInfo) -> dict[str, tuple[bytes, dict[str, str]]]:
    """Return the bodies and headers of forged successes, by what is wrong with them."""
    if gateway == "paypal":
        body = json.dumps(_paypal(order, now, run)).encode()
        return {"unsigned": (body, {}), "signed by nobody": (body, _paypal_headers(now, run))}
    made = _mtn(order) if gateway == "mtn" else _orange(order)
    return {"from nobody": (json.dumps(made).encode(), {})}


def _paypal(order: PendingOrder, now: Now, run: RunInfo) -> dict[str, object]:
    """https://developer.paypal.com/api/rest/webhooks: the event of a capture."""
    amount = {"value": order.amount, "currency_code": order.currency}
    capture = {
        "id": f"GOLIVE{run.id.upper()}",
        "status": "COMPLETED",
        "final_capture": True,
        "amount": amount,
        "custom_id": order.reference,
        "invoice_id": order.reference,
        "supplementary_data": {"related_ids": {"order_id": order.reference}},
    }
    return {
        "id": f"WH-GOLIVE-{run.id.upper()}",
        "event_version": "1.0",
        "create_time": now.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "resource_type": "capture",
        "resource_version": "2.0",
        "event_type": "PAYMENT.CAPTURE.COMPLETED",
        "resource": capture,
    }


def _paypal_headers(now: Now, run: RunInfo) -> dict[str, str]:
    return {
        "paypal-transmission-id": f"golive-{run.id}",
        "paypal-transmission-time": now.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "paypal-transmission-sig": secrets.token_urlsafe(96),
        "paypal-auth-algo": "SHA256withRSA",
        "paypal-cert-url": "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-golive",
    }


def _mtn(order: PendingOrder) -> dict[str, object]:
    """https://momodeveloper.mtn.com/api-documentation/callback: the result of a request to pay."""
    return {
        "financialTransactionId": str(secrets.randbelow(10**9)),
        "externalId": order.reference,
        "amount": order.amount,
        "currency": order.currency,
        "payer": {"partyIdType": "MSISDN", "partyId": "46733123450"},
        "status": "SUCCESSFUL",
    }


def _orange(order: PendingOrder) -> dict[str, object]:
    """WebPay's notification: its notif_token, which only Orange and the app know, is what makes it genuine."""
    return {
        "status": "SUCCESS",
        "notif_token": secrets.token_hex(32),
        "txnid": "MP000000.0000.A00000",
        "order_id": order.reference,
        "amount": order.amount,
    }
