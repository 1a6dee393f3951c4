"""Are golive's events what the gateways' libraries take and refuse: stripe-node's verifier, PayPal's types."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from golive import Now, RunInfo
from golive_checks.systems.gateways.notices import Paid, notices
from golive_checks.systems.gateways.stripe_events import PLAIN, event, payment_event, signature, variants
from golive_checks.systems.gateways.stripe_signature import ACCEPTED, REJECTED, signed_kinds

SEED = 20261129
ALL = 200
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
NODE = Path(sys.prefix, "node", "node_modules")
TYPES = Path(__file__).parents[1] / "helpers" / "gateway_types.js"
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-_ 'é€🚀\u202f\\/\""


def asked(**questions: Any) -> dict[str, list[Any]]:
    argv = ["node", str(TYPES), str(NODE)]
    ran = subprocess.run(argv, input=json.dumps(questions), capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, list[Any]] = json.loads(ran.stdout)
    return found


def text(chance: random.Random, most: int = 30) -> str:
    return "".join(chance.choice(LETTERS) for _ in range(chance.randrange(1, most)))


def to_stripe(body: bytes, header: str, secret: str, at: int) -> dict[str, Any]:
    return {"body": base64.b64encode(body).decode(), "header": header, "secret": secret, "at": at}


def test_stripes_library_takes_what_golive_calls_genuine_and_refuses_the_rest() -> None:
    print(f"seed {SEED}, {COUNT} of {ALL}")
    chance = random.Random(SEED)
    cases: list[tuple[str, str, dict[str, Any]]] = []
    for number in range(COUNT):
        secret, at = "whsec_" + chance.randbytes(16).hex(), chance.randrange(1_700_000_000, 1_900_000_000)
        run_id = chance.randbytes(4).hex()
        version = chance.choice(["2026-10-28.endive", "2024-06-20"])
        bodies = variants(event(run_id, at, version))
        for kind, those in signed_kinds(secret, bodies[PLAIN], at).items():
            cases += [(kind, f"evt_golive{run_id}", to_stripe(body, header, secret, at)) for body, header in those]
        for body in bodies.values():
            cases.append(
                ("a genuine one", f"evt_golive{run_id}", to_stripe(body, signature(secret, body, at), secret, at))
            )
        cost, currency = chance.randrange(1, 10**7), chance.choice(["XOF", "EUR", "TND"])
        metadata = {"order_id": text(chance), text(chance): text(chance)}
        kind = chance.choice(["succeeded", "payment_failed"])
        paid = payment_event(
            kind, run_id, number, at, amount=cost, currency=currency, metadata=metadata, version=version
        )
        id_ = json.loads(paid)["id"]
        cases.append(("a genuine one", id_, to_stripe(paid, signature(secret, paid, at), secret, at)))
    answers = asked(stripe=[case for _, _, case in cases])["verified"]
    assert {kind for kind, _, _ in cases} == {*REJECTED, *ACCEPTED}
    for (kind, id_, case), got in zip(cases, answers, strict=True):
        wanted = id_ if kind in ACCEPTED else {"refused": "StripeSignatureVerificationError"}
        assert got == wanted, (kind, case, got)


def test_paypals_sdk_has_a_place_for_all_that_golive_says_of_a_payment() -> None:
    print(f"seed {SEED}, {COUNT} of {ALL}")
    chance = random.Random(SEED)
    now, run = Now(dt.datetime(2026, 11, 29, tzinfo=dt.UTC)), RunInfo("0123abcd", "9.9")
    questions = []
    for _ in range(COUNT):
        amount = f"{chance.randrange(1, 10**6) / 100:.2f}"
        paid = Paid(text(chance), text(chance), amount, chance.choice(["EUR", "USD"]))
        for notice in notices("paypal", paid, now, run):
            said = json.loads(notice.body)
            schema = {"capture": "capturedPayment", "checkout-order": "order"}.get(said["resource_type"])
            if schema:  # sales are of the first version of the API, which the SDK no longer has
                questions.append({"schema": schema, "object": said["resource"]})
    assert {each["schema"] for each in questions} == {"capturedPayment", "order"}
    for question, lost in zip(questions, asked(paypal=questions)["paypal"], strict=True):
        assert lost == [], question
