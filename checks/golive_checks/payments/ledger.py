"""Do the application's payments and the gateways' agree, and does none wait forever?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from golive import Environment, Severity, Verdict, check, not_applicable, passed, unknown, verdict
from golive.wording import capped
from golive_checks.payments.words import NAMES
from golive_checks.systems.gateways.gateways import Gateway, any_in_use
from golive_checks.systems.gateways.ledger import MOST, Books, by_id, indirect
from golive_checks.systems.gateways.ledger_rows import BOOKED, LedgerRow
from golive_checks.systems.gateways.payment_status import AtGateway
from golive_checks.systems.gateways.stripe_charges import Charge

FINAL = {"succeeded": "has taken it", "failed": "has ended it without a payment"}
SHOWN = 20
HUNDRED = Decimal(100)


@check("payments.ledger-agrees", when=any_in_use, severity=Severity.CRITICAL)
def ledger_agrees(env: Environment, books: Books) -> Verdict:
    """What the gateways charged is what the application booked: each payment once, with the exact amount.

    Why: A lost callback is a customer who paid and got nothing; a row without a payment is goods given away; a
    duplicate row, or one 100 times too high, is money that nobody has.

    Fix: Book each payment under the gateway's id for it, with a unique index on gateway and id. Amounts in XOF, GNF or
    XAF have no decimals: neither multiply nor divide them by 100; only Stripe counts UGX in hundredths. Resend lost
    events from the gateway's dashboard.

    Source: https://docs.stripe.com/currencies#zero-decimal; https://docs.stripe.com/webhooks/process-undelivered-events
    """
    listed = by_id(books.charges)
    booked: dict[tuple[Gateway, str], list[LedgerRow]] = {}
    for row in books.rows:
        if row.status in BOOKED:
            charge = _charge(row, listed, books)
            booked.setdefault((row.gateway, charge.id if charge else row.reference), []).append(row)
    charges = {charge.id: charge for charge in books.charges if books.in_window(charge.at)}
    sides = [(row, _at_gateway(row, listed, books)) for row in _judged(books, by_id(charges.values()))]
    blind = _unresolved(books)
    fails = [
        # A row that could not be resolved may be the booking of the very charge that seems to have none.
        *([] if blind else _not_booked(books, booked)),
        *_doubled(books, booked.values()),
        *(wrong for row, there in sides for wrong in _wrong(row, there)),
    ]
    if fails:
        return _listed(fails, [], books)
    of = {row.gateway for row, _ in sides} | {"stripe"}
    if gap := next((gap for gateway, gap in books.gaps.items() if gateway in of), None):
        return unknown(gap.reason, fix=gap.fix)
    if blind or (odd := [row for row, there in sides if there and there.state == "unknown kind"]):
        row = blind or odd[0]
        return unknown(
            f"{_name(row)} could not be looked up at {NAMES[row.gateway]}: no charge can be compared",
            fix="let payments.ledger.query bring Stripe's ids (pi_, ch_, py_, cs_, in_), and no more than 50",
        )
    return _agreed(books, len(charges), [there is not None for _, there in sides])


def _agreed(books: Books, charges: int, compared: list[bool]) -> Verdict:
    """Say how much agrees; of the rows, those that were compared with what the gateway has."""
    window = f"from {books.since:%Y-%m-%d %H:%M} to {books.until:%Y-%m-%d %H:%M} UTC"
    if not compared and not charges:
        return not_applicable(f"no payment {window}")
    of_all = f"{sum(compared)}" if all(compared) else f"{sum(compared)} of {len(compared)}"
    ok = f"{charges} charges of Stripe's and {of_all} payments that the application booked agree, {window}"
    return passed(ok, *_unasked(books))


def _judged(books: Books, charged: Mapping[str, Charge]) -> list[LedgerRow]:
    """Return the booked rows of the window, and those of a charge of it that changed since, as by a refund."""
    return [
        row
        for row in books.rows
        if row.status in BOOKED and (books.in_window(row.at) or (row.gateway == "stripe" and row.reference in charged))
    ]


def _not_booked(books: Books, booked: Mapping[tuple[Gateway, str], Sequence[LedgerRow]]) -> Iterator[str]:
    """Name what Stripe has taken and no row has."""
    others = {row.reference: row.status for row in books.rows if row.gateway == "stripe" and row.status not in BOOKED}
    for charge in books.charges:
        if books.in_window(charge.at) and ("stripe", charge.id) not in booked:
            status = others.get(charge.payment_intent) or others.get(charge.id)
            how = f"its row is {status}" if status else "no row has it"
            yield f"Stripe took {charge.amount} {charge.currency} ({charge.payment_intent or charge.id}), and {how}"


def _doubled(books: Books, booked: Iterable[Sequence[LedgerRow]]) -> Iterator[str]:
    """Name what is booked more than once."""
    for rows in booked:
        if len(rows) > 1 and any(books.in_window(row.at) for row in rows):
            yield f"{len(rows)} rows have {_name(rows[0])}"


def _charge(row: LedgerRow, listed: Mapping[str, Charge], books: Books) -> Charge | None:
    """Return the charge of Stripe's that a row is about: by its own id, or by what a session or an invoice names."""
    if row.gateway != "stripe":
        return None
    asked = books.asked.get(row.key)
    return listed.get(row.reference) or (listed.get(asked.charged_as) if asked else None)


def _unresolved(books: Books) -> LedgerRow | None:
    """Return a row of Stripe's that may be about any charge: it was not asked for, or its id says nothing."""
    for row in books.rows:
        if row.status in BOOKED and indirect(row):
            asked = books.asked.get(row.key)
            if asked is None or asked.state == "unknown kind":
                return row
    return None


def _at_gateway(row: LedgerRow, listed: Mapping[str, Charge], books: Books) -> AtGateway | None:
    """Return the other side of a row; None where it was not asked for."""
    charge = listed.get(row.reference) if row.gateway == "stripe" else None
    return AtGateway("succeeded", charge.amount, charge.currency) if charge else books.asked.get(row.key)


def _wrong(row: LedgerRow, there: AtGateway | None) -> Iterator[str]:
    """Say in what a booked row differs from its gateway's word."""
    if there is None:
        return
    gateway = NAMES[row.gateway]
    if there.state == "absent":
        yield f"{_name(row)} is {row.status}, and {gateway} knows no such payment"
    elif there.state == "unknown kind":
        return
    elif there.state != "succeeded":
        yield f"{_name(row)} is {row.status}, and at {gateway} it is {there.state}"
    elif there.currency and there.currency != row.currency:
        yield f"{_name(row)} is booked in {row.currency}, and {gateway} took {there.currency}"
    elif there.amount and Decimal(there.amount) != Decimal(row.amount):
        yield f"{_name(row)} is booked as {row.amount}, and {gateway} took {there.amount}{_ratio(row, there)}"


def _ratio(row: LedgerRow, there: AtGateway) -> str:
    mine, theirs = Decimal(row.amount), Decimal(there.amount)
    if mine == theirs * HUNDRED:
        return f" {row.currency}: 100 times too much"
    return f" {row.currency}: a hundredth of that" if mine * HUNDRED == theirs else f" {row.currency}"


@check("payments.none-stuck", when=any_in_use, severity=Severity.HIGH)
def none_stuck(env: Environment, books: Books) -> Verdict:
    """No payment is pending in the application that its gateway has completed.

    Why: MTN calls back once, and a callback during a restart is lost: the customer has paid and sees "pending" until
    somebody asks. A failed payment blocks its order, and its stock, forever.

    Fix: Have a job ask the gateway about every payment that has been pending for some minutes, and book what it says:
    do not rely on the callback alone.

    Source: https://momodeveloper.mtn.com/api-documentation/callback
    """
    waiting = [row for row in books.rows if row.status == "pending" and row.at <= books.limit]
    sides = [(row, books.asked.get(row.key)) for row in waiting]
    fails = [
        f"{_name(row)} is pending since {row.at:%Y-%m-%d %H:%M} UTC, and {NAMES[row.gateway]} {FINAL[there.state]}"
        for row, there in sides
        if there and there.state in FINAL
    ]
    warns = [
        f"{_name(row)} is pending since {row.at:%Y-%m-%d %H:%M} UTC, and {NAMES[row.gateway]} knows no such payment"
        for row, there in sides
        if there and there.state == "absent"
    ]
    if fails or warns:
        return _listed(fails, warns, books)
    of = {row.gateway for row in waiting}
    if gap := next((gap for gateway, gap in books.gaps.items() if gateway in of), None):
        return unknown(gap.reason, fix=gap.fix)
    if not books.rows:
        return not_applicable(f"no payment since {books.since:%Y-%m-%d %H:%M} UTC")
    ok = f"of {len(waiting)} payments that are pending since {books.limit:%Y-%m-%d %H:%M} UTC, none has ended"
    return passed(ok if waiting else f"none of {len(books.rows)} payments is pending for long", *_unasked(books))


def _name(row: LedgerRow) -> str:
    return f"{NAMES[row.gateway]}'s payment {row.reference or 'without an id'}"


def _unasked(books: Books) -> list[str]:
    return [f"{NAMES[g]} was asked about {MOST} payments, not about {count} more" for g, count in books.unasked.items()]


def _listed(fails: Sequence[str], warns: Sequence[str], books: Books) -> Verdict:
    """Show the first of many, and what could not be seen beside them."""
    evidence = capped([*fails, *warns], SHOWN)[SHOWN:]
    evidence += [*_unasked(books), *(gap.reason for gap in books.gaps.values())]
    return verdict(fails[:SHOWN], warns[: max(0, SHOWN - len(fails))], ok="", evidence=evidence)
