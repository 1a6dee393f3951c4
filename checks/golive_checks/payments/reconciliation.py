"""Does an event of Stripe's become one payment, whatever way it comes?"""

from golive import Severity, Verdict, check, not_applicable, unknown, verdict
from golive.wording import duration
from golive_checks.subjects import Host
from golive_checks.systems.gateways.gateways import in_use
from golive_checks.systems.gateways.reconciliation import EventStep, Reconciled
from golive_checks.systems.gateways.stripe_deliveries import NO_VERSION

SUCCESS = range(200, 300)
"""RFC 9110, section 15.3."""


@check("stripe.reconciles", when=in_use("stripe"), severity=Severity.CRITICAL, tags=("webhook",))
def reconciles(host: Host, seen: Reconciled) -> Verdict:
    """A signed event pays its order and stores one payment, even when it comes twice, late, or twice at once.

    Why: A webhook that answers 200 and stores nothing silently loses payments, as Stripe does not resend such an event.
    Stripe delivers an event more than once, in any order, and sometimes twice at the same moment: a payment that is
    stored twice is money that nobody has, and a late failure must not undo a success.

    Fix: Answer 200 once the rows are committed. Store the payment under the PaymentIntent's id with a unique index, by
    INSERT ... ON CONFLICT DO NOTHING: a SELECT before the INSERT is not enough. Let a failure change only an order that
    is still pending.

    Source: https://docs.stripe.com/webhooks#handle-duplicate-events; https://docs.stripe.com/webhooks#event-ordering
    """
    first = seen.first
    if first is None:
        return not_applicable("the profile names no Stripe webhook of this host")
    if not (first.payments or seen.api_version or any(status in SUCCESS for status in first.statuses)):
        refused = f"{seen.path} refuses a signed event that bears no version of Stripe's API"
        return unknown(refused, *_steps(seen), fix=NO_VERSION)
    fails = _of_first(seen.path, first)
    warns: list[str] = []
    if seen.late and not seen.late.paid:
        fails.append(f"a failure of before that comes late makes the paid order {seen.late.order}")
    for what, step in (("an event that comes once more", seen.replayed), ("a failure that comes late", seen.late)):
        if step:
            fails += _doubled(what, step)
            warns += _refused(seen.path, what, step)
    if seen.at_once:
        fails += _doubled("an event that comes twice at once", seen.at_once)
        if not seen.at_once.payments or not seen.at_once.paid:
            stands = f"the order {seen.at_once.order}, and {seen.at_once.payments} payments stored"
            fails.append(f"an event that comes twice at once leaves {stands}")
    ok = f"{seen.path} pays an order once: also when its event comes again, late, or twice at once"
    return verdict(fails, warns, ok=ok, evidence=[*_steps(seen), *seen.earlier])


def _steps(seen: Reconciled) -> list[str]:
    """List how the order stood after each event."""
    steps = {
        "an event": seen.first,
        "once more": seen.replayed,
        "a late failure": seen.late,
        "twice at once": seen.at_once,
    }
    return [
        f"{name}: answered {', '.join(map(str, step.statuses))}; the order is {step.order}, {step.payments} stored"
        for name, step in steps.items()
        if step
    ]


def _of_first(path: str, step: EventStep) -> list[str]:
    answered = ", ".join(map(str, step.statuses))
    if not step.payments:
        return [
            f"{path} answers {answered} to a genuine event, and {duration(step.seconds)} later no payment is stored"
        ]
    if not step.paid:
        return [f"{path} stores the payment, and {duration(step.seconds)} later the order is {step.order}"]
    return _doubled("one event", step)


def _doubled(what: str, step: EventStep) -> list[str]:
    return [f"{what} stores {step.payments} payments"] if step.payments > 1 else []


def _refused(path: str, what: str, step: EventStep) -> list[str]:
    """Name an answer after which Stripe sends the event again and again."""
    odd = [status for status in step.statuses if status not in SUCCESS]
    return [f"{path} answers {status} to {what}: Stripe will send it again and again" for status in odd]
