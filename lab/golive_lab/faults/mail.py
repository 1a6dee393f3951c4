"""What can be wrong with the mail of the zone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.world.names import ZONE

if TYPE_CHECKING:
    from golive_lab.world import World

SERVERS, SPF, DKIM, DMARC, TRANSPORT = (
    f"mail.{what}" for what in ("servers-there", "spf", "dkim", "dmarc", "transport")
)


def mail(**changes: Any) -> Callable[[World], World]:
    """Change the records of mail, and nothing else."""
    return lambda world: replace(world, dns=replace(world.dns, mail=replace(world.dns.mail, **changes)))


MANY = " ".join(f"include:_spf.{ZONE}" for _ in range(11))

FAULTS = (
    Fault("mail.server-gone", SERVERS, "The mail server has no address", mail(mx=f"10 old.{ZONE}.")),
    Fault("mail.no-server", SERVERS, "The domain says that it takes no mail", mail(mx="0 .")),
    Fault("mail.spf-everybody", SPF, "SPF lets everybody send", mail(spf=f"v=spf1 include:_spf.{ZONE} +all")),
    Fault("mail.spf-lookups", SPF, "SPF takes more than ten lookups", mail(spf=f"v=spf1 {MANY} -all")),
    Fault("mail.spf-provider", SPF, "SPF leaves the provider out", mail(spf="v=spf1 -all")),
    Fault("mail.dkim-revoked", DKIM, "The DKIM key is revoked", mail(dkim="v=DKIM1; k=ed25519; p=")),
    Fault("mail.dmarc-absent", DMARC, "There is no DMARC record", mail(dmarc="")),
    Fault(
        "mail.dmarc-watches",
        DMARC,
        "DMARC only watches",
        mail(dmarc=f"v=DMARC1; p=none; rua=mailto:d@{ZONE}"),
        outcome="warn",
    ),
    Fault("mail.no-reports", TRANSPORT, "Nobody hears of failed TLS", mail(tls_rpt="")),
)
