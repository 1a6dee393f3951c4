"""Events as Stripe sends them: their JSON, and the signature over its bytes. Pure."""

import hashlib
import hmac
import json
from collections.abc import Mapping

PLAIN = "plain"
"""The variant that a parser would re-serialise unchanged."""
PROBE_TYPE = "golive.probe"
"""No event of Stripe's: a handler has nothing to do with it but to say that it came."""


def event(run_id: str, created: int, version: str = "") -> dict[str, object]:
    """Return an event of a type that does not exist, about an object that does not exist.

    Without a version of the API it is null, which no event of Stripe's is: typed libraries refuse such a one.
    """
    return {
        "id": f"evt_golive{run_id}",
        "object": "event",
        "api_version": version or None,
        "created": created,
        "data": {"object": {"id": f"golive_{run_id}", "object": "golive_probe", "note": "a readiness check"}},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": PROBE_TYPE,
    }


def payment_event(
    kind: str,
    run_id: str,
    number: int,
    created: int,
    *,
    amount: int,
    currency: str,
    metadata: Mapping[str, str],
    version: str = "",
) -> bytes:
    """Return an event about a PaymentIntent of no customer's (https://docs.stripe.com/api/payment_intents/object).

    `kind` is what happened to it; each kind is an event of its own, and `number` tells the PaymentIntents apart.
    """
    succeeded = kind == "succeeded"
    intent = {
        "id": f"pi_golive{run_id}{number}",
        "object": "payment_intent",
        "amount": amount,
        "amount_received": amount if succeeded else 0,
        "created": created,
        "currency": currency.lower(),
        "latest_charge": f"ch_golive{run_id}{number}",
        "livemode": False,
        "metadata": dict(metadata),
        "status": "succeeded" if succeeded else "requires_payment_method",
    }
    event = {
        "id": f"evt_golive{run_id}{number}{kind.replace('_', '')}",
        "object": "event",
        "api_version": version or None,
        "created": created,
        "data": {"object": intent},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": f"payment_intent.{kind}",
    }
    return json.dumps(event, separators=(",", ":")).encode()


def variants(of: Mapping[str, object]) -> dict[str, bytes]:
    """Return the event as different bytes of the same JSON, each unlike what a parser would re-serialise."""
    plain = json.dumps(of, separators=(",", ":")).encode()
    note = b'"note":"a readiness check"'
    return {
        PLAIN: plain,
        "spacing": json.dumps(of, indent=2).replace('": ', '" :\t').encode() + b"\n",
        "escapes": plain.replace(note, rb'"note":"a read\u0069ness \/ check \u00e9"'),
        "unicode": plain.replace(note, '"note":"Café e\u0301 ﬁ \U0001f680 GNF 5\u202f000"'.encode()),
    }


def signature(secret: str, body: bytes, at: int) -> str:
    """Return the Stripe-Signature header: HMAC-SHA256 over `{t}.{raw body}`, keyed with the whole secret.

    Source: https://docs.stripe.com/webhooks#verify-manually
    """
    signed = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"
