"""What the check makes of how test orders stood after events."""

from dataclasses import replace

import pytest

from golive.model import Outcome
from golive_checks.payments.reconciliation import reconciles
from golive_checks.subjects import Host
from golive_checks.systems.gateways.reconciliation import EventStep, Reconciled

HOST = Host("api.example.com", role="api")
GOOD = EventStep((200,), "paid", paid=True, payments=1, seconds=0.1)
TWICE = replace(GOOD, statuses=(200, 200))
SOUND = Reconciled("/hook", GOOD, GOOD, GOOD, TWICE)
PENDING = replace(GOOD, order="pending", paid=False)
NOTHING = replace(PENDING, payments=0, seconds=10.0)

CASES: dict[str, tuple[Reconciled, Outcome, str]] = {
    "sound": (SOUND, Outcome.PASS, "/hook pays an order once"),
    "a second delivery is told to wait": (
        replace(SOUND, at_once=replace(TWICE, statuses=(200, 409))),
        Outcome.PASS,
        "pays an order once",
    ),
    "no webhook": (Reconciled(""), Outcome.NA, "names no Stripe webhook"),
    "200 without a row": (
        Reconciled("/hook", NOTHING),
        Outcome.FAIL,
        "/hook answers 200 to a genuine event, and 10 s later no payment is stored",
    ),
    "paid without a payment": (Reconciled("/hook", replace(NOTHING, order="paid", paid=True)), Outcome.FAIL, "stored"),
    "500": (
        Reconciled("/hook", replace(NOTHING, statuses=(500,)), api_version="2026-10-28.endive"),
        Outcome.FAIL,
        "answers 500 to a genuine event",
    ),
    "400, without a version": (
        Reconciled("/hook", replace(NOTHING, statuses=(400,))),
        Outcome.UNKNOWN,
        "refuses a signed event that bears no version of Stripe's API",
    ),
    "still pending": (Reconciled("/hook", PENDING), Outcome.FAIL, "100 ms later the order is pending"),
    "two at the first": (Reconciled("/hook", replace(GOOD, payments=2)), Outcome.FAIL, "one event stores 2 payments"),
    "doubled on replay": (
        replace(SOUND, replayed=replace(GOOD, payments=2)),
        Outcome.FAIL,
        "an event that comes once more stores 2 payments",
    ),
    "refused on replay": (
        replace(SOUND, replayed=replace(GOOD, statuses=(500,))),
        Outcome.WARN,
        "/hook answers 500 to an event that comes once more: Stripe will send it again and again",
    ),
    "undone": (
        replace(SOUND, late=replace(GOOD, order="failed", paid=False)),
        Outcome.FAIL,
        "a failure of before that comes late makes the paid order failed",
    ),
    "a failure is booked": (replace(SOUND, late=replace(GOOD, payments=2)), Outcome.FAIL, "comes late stores 2"),
    "doubled at once": (
        replace(SOUND, at_once=replace(TWICE, payments=2)),
        Outcome.FAIL,
        "an event that comes twice at once stores 2 payments",
    ),
    "deadlocked at once": (
        replace(SOUND, at_once=replace(NOTHING, statuses=(500, 500))),
        Outcome.FAIL,
        "leaves the order pending, and 0 payments stored",
    ),
}


@pytest.mark.parametrize(("seen", "outcome", "summary"), CASES.values(), ids=CASES)
def test_an_order_is_paid_once(seen: Reconciled, outcome: Outcome, summary: str) -> None:
    verdict = reconciles(HOST, seen)
    assert (verdict.outcome, summary in verdict.summary) == (outcome, True), verdict


def test_every_step_is_evidence() -> None:
    assert reconciles(HOST, SOUND).evidence == (
        "an event: answered 200; the order is paid, 1 stored",
        "once more: answered 200; the order is paid, 1 stored",
        "a late failure: answered 200; the order is paid, 1 stored",
        "twice at once: answered 200, 200; the order is paid, 1 stored",
    )
