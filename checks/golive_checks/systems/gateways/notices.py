"""Notices of a payment in every form that gateways send and handlers read, all of them forged. Pure."""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from golive import Now, RunInfo
from golive_checks.systems.gateways.gateways import Gateway

TOKEN = b'"notif_token"'
"""What makes a notice of Orange's WebPay genuine."""


@dataclass(frozen=True)
class Paid:
    """What a notice claims to be paid: the app's reference of it, the gateway's own, and how much."""

    reference: str
    gateway_reference: str
    amount: str
    currency: str

    def filled(self, text: str) -> str:
        """Write a text with its {marks} filled in."""
        for name in ("gateway_reference", "reference", "amount", "currency"):
            text = text.replace(f"{{{name}}}", getattr(self, name))
        return text


@dataclass(frozen=True)
class Notice:
    """A forged notice: the form that it has, and what is sent."""

    form: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    marked: bool = True
    """It bears what should make it genuine, made up; False: that is not there, and may be all that is missed. MTN has
    no such thing."""


def notices(gateway: Gateway, paid: Paid, now: Now, run: RunInfo) -> Iterator[Notice]:
    """Yield a forged success in each form, with ids of its own: a handler may drop what it has seen before."""
    if gateway == "paypal":
        for signed in (False, True):
            for name, body in _paypal(paid, now):
                yield _of_paypal(name, body, now, run, signed=signed)
        return
    for name, body in ({"requesttopay": _mtn(paid)} if gateway == "mtn" else _orange(paid)).items():
        yield from in_form(gateway, name, body, now, run)


def in_form(gateway: Gateway, name: str, said: object, now: Now, run: RunInfo) -> Iterator[Notice]:
    """Yield a notice of a form as its gateway would send it: PayPal's without a signature, and with a false one."""
    if gateway == "paypal":
        for signed in (False, True):
            yield _of_paypal(name, said, now, run, signed=signed)
        return
    body = json.dumps(said).encode()
    yield Notice(name, body, marked=gateway != "orange" or TOKEN in body)


def _of_paypal(name: str, said: object, now: Now, run: RunInfo, *, signed: bool) -> Notice:
    form = f"{name}, {'signed falsely' if signed else 'unsigned'}"
    return Notice(form, json.dumps(said).encode(), _paypal_headers(now, run) if signed else {}, marked=signed)


def _paypal(paid: Paid, now: Now) -> Iterator[tuple[str, object]]:
    """Yield PayPal's events of a payment: captures, orders, and the sales of the first version of its API.

    Source: https://developer.paypal.com/api/rest/webhooks/event-names
    """
    amount = {"value": paid.amount, "currency_code": paid.currency}
    ours = {"custom_id": paid.reference, "invoice_id": paid.reference}
    capture = {
        "id": paid.gateway_reference,
        "status": "COMPLETED",
        "final_capture": True,
        "amount": amount,
        **ours,
        "supplementary_data": {"related_ids": {"order_id": paid.gateway_reference}},
    }
    of_order = {name: value for name, value in capture.items() if name != "supplementary_data"}
    unit = {"reference_id": paid.reference, **ours, "amount": amount, "payments": {"captures": [of_order]}}
    order = {"id": paid.gateway_reference, "intent": "CAPTURE", "purchase_units": [unit]}
    sale = {
        "id": paid.gateway_reference,
        "state": "completed",
        "amount": {"total": paid.amount, "currency": paid.currency},
        "custom": paid.reference,
        "invoice_number": paid.reference,
        "parent_payment": paid.gateway_reference,
        "billing_agreement_id": paid.gateway_reference,
    }
    for name, kind, resource in (
        ("PAYMENT.CAPTURE.COMPLETED", "capture", capture),
        ("CHECKOUT.ORDER.APPROVED", "checkout-order", {**order, "status": "APPROVED"}),
        ("CHECKOUT.ORDER.COMPLETED", "checkout-order", {**order, "status": "COMPLETED"}),
        ("PAYMENT.SALE.COMPLETED", "sale", sale),
    ):
        yield name, _paypal_event(name, kind, resource, now)


def _paypal_event(name: str, kind: str, resource: Mapping[str, object], now: Now) -> Mapping[str, object]:
    return {
        "id": f"WH-{secrets.token_hex(9).upper()}",
        "event_version": "1.0",
        "create_time": now.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "resource_type": kind,
        "resource_version": "1.0" if kind == "sale" else "2.0",
        "event_type": name,
        "resource": resource,
    }


def _paypal_headers(now: Now, run: RunInfo) -> Mapping[str, str]:
    return {
        "paypal-transmission-id": f"golive-{run.id}-{secrets.token_hex(4)}",
        "paypal-transmission-time": now.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "paypal-transmission-sig": secrets.token_urlsafe(96),
        "paypal-auth-algo": "SHA256withRSA",
        "paypal-cert-url": "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-golive",
    }


def _mtn(paid: Paid) -> Mapping[str, object]:
    """https://momodeveloper.mtn.com/api-documentation/callback: the result of a request to pay.

    `referenceId` and `transactionId` are not MTN's: handlers read them all the same.
    """
    return {
        "financialTransactionId": str(secrets.randbelow(10**9)),
        "externalId": paid.reference,
        "referenceId": paid.gateway_reference,
        "transactionId": paid.gateway_reference,
        "amount": paid.amount,
        "currency": paid.currency,
        "payer": {"partyIdType": "MSISDN", "partyId": "46733123450"},
        "status": "SUCCESSFUL",
    }


def _orange(paid: Paid) -> Mapping[str, object]:
    """Return a notice in the form of each of Orange's APIs, with the names that handlers read.

    WebPay's notif_token, which only Orange and the app know, is what makes it genuine. The forms of the other APIs
    are known from integrations alone.
    """
    txnid = f"MP{secrets.randbelow(10**6):06}.{secrets.randbelow(10**4):04}.A{secrets.randbelow(10**5):05}"
    return {
        "WebPay": {
            "status": "SUCCESS",
            "notif_token": secrets.token_hex(32),
            "txnid": txnid,
            "order_id": paid.reference,
            "order-id": paid.reference,
            "pay_token": paid.gateway_reference,
            "amount": paid.amount,
        },
        "Cameroon": {
            "status": "SUCCESSFULL",  # as Orange spells it
            "payToken": paid.gateway_reference,
            "orderId": paid.reference,
            "txnid": txnid,
            "amount": paid.amount,
        },
        "Sonatel": {
            "status": "SUCCESS",
            "reference": paid.gateway_reference,
            "transactionId": txnid,
            "amount": {"unit": paid.currency, "value": paid.amount},
            "metadata": dict.fromkeys(("order", "orderId", "order_id", "reference"), paid.reference),
        },
        "B2B": {
            "transactionStatus": "SUCCESS",
            "partnerTransactionId": paid.reference,
            "transactionId": txnid,
            "amount": paid.amount,
            "currency": paid.currency,
        },
    }
