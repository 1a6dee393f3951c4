"""Does a signed zone validate, and will it tomorrow?"""

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from golive import Now, Settings, Severity, Verdict, check, not_applicable, verdict, warned
from golive_checks.subjects import Host
from golive_checks.systems.dns.client.exchange import SETTLED, Status
from golive_checks.systems.dns.dnssec import SignedSet, SignedZone


class Dnssec(Settings):
    """How long DNSSEC signatures must still hold."""

    home: ClassVar[str] = "domains.dnssec"

    fail_left_h: float = Field(default=12.0, ge=0)
    """Hours that every signature must still hold; Zonemaster asks for as many."""


@check("dns.signed-zone-validates", severity=Severity.CRITICAL)
def signed_zone_validates(host: Host, seen: SignedZone, now: Now, ask: Dnssec) -> Verdict:
    """A signed zone validates, and its signatures hold past tomorrow morning.

    Why: Once the parent holds a DS record, every validating resolver (Google's and Cloudflare's among them) answers
    SERVFAIL for a zone whose keys or signatures do not match. Signatures end: a signer that stopped weeks ago is
    noticed on the day when the last one does.

    Fix: Mend the signer so that it signs again, or publish the DS of the key in use at the registrar; to end DNSSEC,
    remove the DS first and wait for its TTL.

    Source: RFC 4035, section 5
    """
    if not seen.ds:
        return not_applicable(f"{seen.zone} is not signed: its parent has no DS record")
    if not seen.supported:
        return warned(f"the DS of {seen.zone} is of a kind that validators ignore", *seen.ds)
    fails = list(seen.breaks)
    defects: dict[str, list[str]] = defaultdict(list)
    for signed in seen.sets:
        if defect := _defect(signed, now.at, ask.fail_left_h):
            defects[defect].append(signed.server)
    fails += [f"{', '.join(servers)}: {defect}" for defect, servers in sorted(defects.items())]
    if seen.checked is Status.SERVFAIL and seen.unchecked in SETTLED:
        fails.append("the resolver answers SERVFAIL, and answers once it is asked not to validate")
    ends = [signature.ends for signed in seen.sets for signature in signed.signatures]
    until = f" until {min(ends):%Y-%m-%d %H:%M} UTC" if ends else ""
    evidence = [f"DS {ds}" for ds in seen.ds]
    judged = verdict(fails, ok=f"{seen.zone} validates{until}", evidence=evidence)
    if seen.vouched:
        return replace(judged, evidence=(*judged.evidence, "the resolver vouches for the chain from the root"))
    return replace(judged, unseen=(f"the chain above {seen.zone}: no resolver in use validates (no AD bit)",))


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
        return f"the signature of {what} ended {-left_h:.0f} h ago"
    return f"the signature of {what} ends in {left_h:.1f} h (at least {least_h:g} h)" if left_h < least_h else ""
