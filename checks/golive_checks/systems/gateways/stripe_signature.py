"""How a Stripe webhook takes events that it must reject, and those that it must accept."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from golive import Effect, Environment, Fact, Now, RunInfo, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.stripe_deliveries import StripeDestinations, version_of
from golive_checks.systems.gateways.stripe_events import PLAIN, event, signature, variants
from golive_checks.systems.gateways.stripe_sending import sender, takes_events
from golive_checks.systems.http.front import HostDoor
from golive_checks.systems.http.origins import Origin

TOLERANCE_S = 300
"""How old a signature may be in Stripe's own libraries (stripe-python, Webhook.DEFAULT_TOLERANCE)."""

REJECTED = (
    "no signature",
    "a malformed one",
    "another secret",
    "one that is right in part",
    "an altered body",
    "one of an hour ago",
)
ACCEPTED = ("a genuine one", "a genuine one beside another")


@dataclass(frozen=True)
class SignatureAnswers(Fact):
    """The status that each event got, by what its signature was; empty where the host takes no events."""

    path: str
    statuses: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    api_version: str = ""
    """The version of the API that the events bore; empty: none, which typed libraries refuse."""


def _requests(host: Host, ask: Stripe) -> int:
    return 11 if takes_events(host, ask) else 0


@probe("gateways.signature-answers", requests=_requests, effect=Effect.ACTIVE)
async def signature_answers(
    host: Host,
    door: HostDoor,
    ask: Stripe,
    now: Now,
    run: RunInfo,
    env: Environment,
    places: StripeDestinations | Unavailable,
    origin: Origin | Unavailable,
) -> SignatureAnswers:
    """Send the Stripe webhook six kinds of events that it must reject, and two that it must accept."""
    if not takes_events(host, ask):
        return SignatureAnswers("")
    to = sender(host, door, ask)
    at = int(now.at.timestamp())
    version = version_of(places, origin, ask)
    body = variants(event(run.id, at, version))[PLAIN]
    sent = signed_kinds(to.secret, body, at)
    asked = [(name, each) for name, many in sent.items() for each in many]
    statuses = await asyncio.gather(*(to.send(*each) for _, each in asked))
    found: dict[str, tuple[int, ...]] = {}
    for (name, _), got in zip(asked, statuses, strict=True):
        found[name] = (*found.get(name, ()), got)
    return SignatureAnswers(ask.webhook_path, found, version)


def signed_kinds(secret: str, body: bytes, at: int) -> dict[str, tuple[tuple[bytes, str], ...]]:
    """Return an event, and its signature, of every kind in `REJECTED` and `ACCEPTED`."""
    genuine = signature(secret, body, at)
    foreign = signature("whsec_" + secrets.token_hex(16), body, at)
    v1 = foreign.partition(",")[2]
    stamp, right = genuine.split("v1=")
    half = len(right) // 2
    unlike = right.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))
    return {
        "no signature": ((body, ""),),
        # Not of its form, and of its form without the scheme that counts (v0 is for tests, and never to be trusted).
        "a malformed one": ((body, "golive"), (body, genuine.replace("v1=", "v0="))),
        "another secret": ((body, foreign),),
        # For comparisons that stop early: at the beginning, at the end, or where the shorter one ends.
        "one that is right in part": tuple(
            (body, f"{stamp}v1={part}")
            for part in (right[:half] + unlike[half:], unlike[:half] + right[half:], right[:half])
        ),
        "an altered body": ((body.replace(b"readiness", b"forgery"), genuine),),
        "one of an hour ago": ((body, signature(secret, body, at - 3600)),),
        "a genuine one": ((body, genuine),),
        # While a secret is rolled, Stripe signs with both: https://docs.stripe.com/webhooks#roll-endpoint-secrets
        "a genuine one beside another": ((body, genuine.replace(",", f",{v1},")),),
    }
