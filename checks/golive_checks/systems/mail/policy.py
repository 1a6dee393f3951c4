"""The MTA-STS policy, which says by https which mail servers are the domain's (RFC 8461)."""

from dataclasses import dataclass, replace

from golive import Fact, probe, shortened
from golive_checks.systems.http.client.trouble import NotListening
from golive_checks.systems.http.front import reply_of
from golive_checks.systems.http.other_hosts import OtherHosts
from golive_checks.systems.mail.domain import MailDns, MailDomain
from golive_checks.systems.tls.client.trust import Trust

OK = 200


@dataclass(frozen=True)
class StsPolicy(Fact):
    """What the policy's host answers. `status` is 0 where nothing does."""

    status: int = 0
    distrust: str = ""
    media_type: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    asked: bool = True
    """False where the profile declares no MTA-STS."""

    def value(self, name: str) -> str:
        """Return a field's first value."""
        return next((value for key, value in self.fields if key == name), "")


@probe("mail.sts-policy")
async def sts_policy(mail: MailDomain, dns: MailDns, others: OtherHosts) -> StsPolicy:
    """Fetch the policy as mail servers do: by https that the world trusts, without following redirects."""
    if not mail.mta_sts:
        return StsPolicy(asked=False)
    host = f"mta-sts.{mail.domain}"
    if not await dns.has_address(host):
        return StsPolicy()
    try:
        door = await replace(others, trust=Trust()).door(host, 443)
        got = await door.get("/.well-known/mta-sts.txt", accept="text/plain")
    except NotListening:
        return StsPolicy()
    fields = policy_fields(got.text) if got.status == OK else ()
    return StsPolicy(got.status, got.distrust, reply_of(got).media_type, fields)


def policy_fields(text: str) -> tuple[tuple[str, str], ...]:
    """Read a policy's lines (RFC 8461, section 3.2); what is no field of it has an empty name."""
    found = list[tuple[str, str]]()
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if line.strip():
            found.append((name.strip() if colon else "", shortened(value.strip() if colon else line, 300)))
    return tuple(found)
