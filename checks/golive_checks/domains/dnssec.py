"""Does a signed zone validate, and will it tomorrow?"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from golive import Now, Settings, Severity, Verdict, check, not_applicable, verdict, warned
from golive.wording import duration
from golive_checks.subjects import Host
from golive_checks.systems.dns.client.denial import Denial
from golive_checks.systems.dns.client.exchange import SETTLED, Status
from golive_checks.systems.dns.client.signatures import SHA1_ALGORITHMS, SHA1_DIGEST, SUPPORTED_DIGESTS, ZoneKey
from golive_checks.systems.dns.dnssec import SignedSet, SignedZone


class Dnssec(Settings):
    """How long DNSSEC signatures must still hold."""

    home: ClassVar[str] = "domains.dnssec"

    fail_left_h: float = Field(default=12.0, ge=0)
    """Hours that every signature must still hold; Zonemaster asks for as many."""


@check("dns.signed-zone-validates", severity=Severity.CRITICAL)
def signed_zone_validates(host: Host, seen: SignedZone, now: Now, ask: Dnssec) -> Verdict:
    """A signed zone validates, and its signatures last past tomorrow morning.

    Why: Once the parent holds a DS record, every validating resolver (Google's and Cloudflare's among them) answers
    SERVFAIL for a zone whose keys or signatures do not match. Signatures expire: a signer that stopped weeks ago is
    noticed on the day when the last one expires.

    Fix: Repair the signer so that it signs again, or publish the DS of the key in use at the registrar; to end DNSSEC,
    remove the DS first and wait for its TTL.

    Source: RFC 4035, section 5; RFC 9276 for NSEC3; RFC 9904 and 9905 for algorithms
    """
    if not seen.ds:
        return not_applicable(f"{seen.zone} is not signed: its parent has no DS record")
    # RFC 4035, section 5.2: with no algorithm that it supports, a validator takes the zone for unsigned.
    if not seen.supported:
        return warned(f"the DS of {seen.zone} has an algorithm that validators ignore", *seen.ds)
    fails = [f"{server}: no DNSKEY of {seen.zone} is the one that its parent's DS is for" for server in seen.unvouched]
    fails += [*_defective(seen, now, ask), *_unproven(seen.denials)]
    fails += [f"key {key.tag} has {key.bits} bits: anybody can compute it" for key in seen.keys if _is_broken(key)]
    # The same question passes once validation is off (CD), so that validation is what fails.
    if seen.checked is Status.SERVFAIL and seen.unchecked in SETTLED:
        fails.append("the resolver answers SERVFAIL, and answers once it is asked not to validate")
    ends = [signature.ends for signed in seen.sets for signature in signed.signatures]
    until = f" until {min(ends):%Y-%m-%d %H:%M} UTC" if ends else ""
    evidence = [f"DS {ds}" for ds in seen.ds]
    unseen = []
    if not seen.denials:
        unseen.append(f"how {seen.zone} denies what does not exist: no name server answered that")
    if seen.vouched:
        evidence.append("the resolver confirms the chain from the root")
    else:
        unseen.append(f"the chain above {seen.zone}: no resolver in use validates (no AD bit)")
    judged = verdict(fails, _weak(seen), ok=f"{seen.zone} validates{until}", evidence=evidence)
    return replace(judged, unseen=(*judged.unseen, *unseen))


def _defective(seen: SignedZone, now: Now, ask: Dnssec) -> list[str]:
    """Say what is wrong with signatures, a line for each defect, with the servers that send them."""
    defects: dict[str, list[str]] = defaultdict(list)
    for signed in seen.sets:
        if defect := _defect(signed, now.at, ask.fail_left_h):
            defects[defect].append(signed.server)
    return [f"{', '.join(servers)}: {defect}" for defect, servers in sorted(defects.items())]


def _unproven(denials: Sequence[Denial]) -> list[str]:
    """Say which answers of "no" a validator would refuse, a line for each, with the servers that gave it."""
    servers: dict[str, list[str]] = defaultdict(list)
    for denied in denials:
        if denied.gap:
            what = f"{denied.kind} of {denied.name} ({denied.status.value}) is not proven: {denied.gap}"
            servers[what].append(denied.server)
    return [f"{', '.join(dict.fromkeys(names))}: {what}" for what, names in sorted(servers.items())]


BROKEN_BITS, WEAK_BITS = 1024, 2048
"""Below the first, RSA has been factored or can be (RFC 8301 forbids it too); NIST asks for the second since 2014."""


def _is_broken(key: ZoneKey) -> bool:
    return 0 < key.bits < BROKEN_BITS


def _weak(seen: SignedZone) -> list[str]:
    """Say what still validates today and should be replaced."""
    found = [
        f"key {key.tag} signs with SHA-1 (algorithm {key.algorithm}): validators are leaving it (RFC 9905)"
        for key in seen.keys
        if key.algorithm in SHA1_ALGORITHMS
    ]
    found += [
        f"key {key.tag} has {key.bits} bits; {WEAK_BITS} are required"
        for key in seen.keys
        if BROKEN_BITS <= key.bits < WEAK_BITS
    ]
    if SUPPORTED_DIGESTS.intersection(seen.digests) == {SHA1_DIGEST}:
        found.append("the parent's DS is a SHA-1 digest alone: add one with SHA-256 (RFC 9905)")
    if iterations := max((denied.iterations for denied in seen.denials), default=0):
        found.append(f"NSEC3 with {iterations} extra iterations; use 0: validators give up on more (RFC 9276)")
    return found


def _defect(signed: SignedSet, now: dt.datetime, least_h: float) -> str:
    """Say what is wrong with the signatures over a set of records. One good one is enough (RFC 4035, section 5.3.3)."""
    what = f"{signed.kind} of {signed.name}"
    if not signed.signatures:
        return f"{what} is not signed"
    good = [signature for signature in signed.signatures if not signature.defect]
    if not good:
        return f"{what}: {signed.signatures[0].defect}"
    begun = [signature for signature in good if signature.begins <= now]
    if not begun:
        return f"the signature of {what} holds from {min(s.begins for s in good):%Y-%m-%d %H:%M} UTC only"
    left_h = (max(signature.ends for signature in begun) - now) / dt.timedelta(hours=1)
    if left_h <= 0:
        return f"the signature of {what} ended {duration(-left_h * 3600)} ago"
    return (
        f"the signature of {what} ends in {duration(left_h * 3600)} (at least {duration(least_h * 3600)})"
        if left_h < least_h
        else ""
    )
