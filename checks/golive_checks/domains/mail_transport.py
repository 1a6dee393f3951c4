"""Is mail to a domain kept from being read on its way, and is its logo shown?"""

import re
from collections.abc import Iterator

from golive import Severity, Verdict, check, not_applicable
from golive_checks.domains.mail import Defect, judged
from golive_checks.systems.mail.domain import MailDomain, tags_of
from golive_checks.systems.mail.policy import StsPolicy
from golive_checks.systems.mail.records import MailNotes, MailServers

OK = 200
LONGEST_S, SHORTEST_S = 31_557_600, 86_400
"""RFC 8461, section 3.2: a year at most; a policy of less than a day is hardly kept."""
ID = re.compile(r"[A-Za-z0-9]{1,32}")
REPORT = re.compile(r"mailto:[^@\s,]{1,200}@[A-Za-z0-9._-]{1,253}|https://\S{1,1000}", re.IGNORECASE)


@check("mail.transport", severity=Severity.LOW)
def transport(mail: MailDomain, seen: MailNotes, policy: StsPolicy, servers: MailServers) -> Verdict:
    """What the profile declares of MTA-STS, TLS-RPT and BIMI is in force.

    Why: A policy that names other mail servers than the MX records makes senders hold all mail back. One that cannot be
    fetched protects nothing, and nobody notices without reports.

    Fix: Serve https://mta-sts.<domain>/.well-known/mta-sts.txt with `version: STSv1`, `mode: enforce`, an `mx:` for
    each mail server and `max_age: 604800`; TXT `v=STSv1; id=<changes with it>` at _mta-sts, and
    `v=TLSRPTv1; rua=mailto:...` at _smtp._tls.

    Source: RFC 8461; RFC 8460; https://bimigroup.org
    """
    asked = [
        name for name, wanted in (("MTA-STS", mail.mta_sts), ("TLS-RPT", mail.tls_rpt), ("BIMI", mail.bimi)) if wanted
    ]
    if not asked:
        return not_applicable("the profile declares neither MTA-STS nor TLS-RPT nor BIMI of it (mail.*)")
    return judged(
        _transport(mail, seen, policy, servers), f"{', '.join(asked)}: in force", *seen.mta_sts, *seen.tls_rpt
    )


def _transport(mail: MailDomain, seen: MailNotes, policy: StsPolicy, servers: MailServers) -> Iterator[Defect]:
    if mail.mta_sts:
        tags = _one(seen.mta_sts)
        if tags is None or not ID.fullmatch(tags.get("id", "")):
            yield True, f"_mta-sts.{mail.domain} has no record of MTA-STS that counts"
        yield from _policy(policy, servers)
    if mail.tls_rpt:
        tags = _one(seen.tls_rpt)
        if tags is None or not all(REPORT.fullmatch(to.strip()) for to in tags.get("rua", "").split(",")):
            yield True, f"_smtp._tls.{mail.domain} has no record of TLS-RPT that counts"
    if mail.bimi:
        tags = _one(seen.bimi)
        if tags is None or not tags.get("l", "").lower().startswith("https://"):
            yield True, f"default._bimi.{mail.domain} has no record that names a logo by https"


def _one(texts: tuple[str, ...]) -> dict[str, str] | None:
    """Read the one record; of several none counts."""
    tags = tags_of(texts[0]) if len(texts) == 1 else None
    return dict(tags) if tags else None


def _policy(policy: StsPolicy, servers: MailServers) -> Iterator[Defect]:
    if policy.status != OK:
        yield True, f"the MTA-STS policy answers {policy.status or 'nothing'}"
        return
    if policy.distrust:
        yield True, f"the MTA-STS policy's host cannot be trusted: {policy.distrust}"
    if policy.media_type != "text/plain":
        yield False, f"the MTA-STS policy is {policy.media_type or 'of no type'}, not text/plain"
    yield from fields_wrong(policy, servers)


def fields_wrong(policy: StsPolicy, servers: MailServers) -> Iterator[Defect]:
    """Judge what the policy says."""
    mode, age = policy.value("mode"), policy.value("max_age")
    if policy.value("version") != "STSv1":
        yield True, "the MTA-STS policy has no `version: STSv1`"
    if not (age.isascii() and age.isdigit() and len(age) < 9 and int(age) <= LONGEST_S):  # noqa: PLR2004 - digits
        yield True, f"the MTA-STS policy has max_age {age or 'missing'}; at most {LONGEST_S} are allowed"
    elif int(age) < SHORTEST_S:
        yield False, f"the MTA-STS policy is kept for {age} s, less than a day"
    if mode not in {"enforce", "testing", "none"}:
        yield True, f"the MTA-STS policy has mode {mode or 'missing'}"
        return
    if mode != "enforce":
        yield mode == "none", f"the MTA-STS policy has mode {mode}, which enforces nothing"
    patterns = [value.lower() for name, value in policy.fields if name == "mx"]
    if not patterns and mode != "none":
        yield True, "the MTA-STS policy names no mail server"
    for server in servers.servers:
        if mode != "none" and server.name and patterns and not any(_fits(server.name, each) for each in patterns):
            yield True, f"the MTA-STS policy does not name the mail server {server.name}: senders hold mail back"


def _fits(name: str, pattern: str) -> bool:
    """Return whether a pattern names a server; a star stands for one label (RFC 8461, section 4.1)."""
    return name == pattern or (pattern.startswith("*.") and name.partition(".")[2] == pattern[2:])
