"""Does a domain's mail arrive, and can nobody else send in its name?"""

from collections.abc import Iterator, Mapping

from golive import Severity, Verdict, check, not_applicable, verdict
from golive_checks.systems.mail.domain import MailDomain, tags_of
from golive_checks.systems.mail.records import DkimKey, DkimKeys, DmarcRecord, MailServers
from golive_checks.systems.mail.spf import MAX_LOOKUPS, SpfLook, SpfRecord

Defect = tuple[bool, str]
MAX_VOIDS = 2
"""RFC 7208, section 4.6.4."""
RSA_BITS, WANTED_BITS = 1024, 2048
"""RFC 8301, section 3.2: verifiers refuse less than the first; signers should use the second."""
POLICIES = frozenset({"none", "quarantine", "reject"})


def judged(defects: Iterator[Defect], ok: str, *evidence: str) -> Verdict:
    """Fail or warn with what was found."""
    found = list(defects)
    fails = [text for fails, text in found if fails]
    return verdict(fails, [text for fails, text in found if not fails], ok=ok, evidence=evidence)


@check("mail.servers-there", severity=Severity.CRITICAL)
def servers_there(mail: MailDomain, seen: MailServers) -> Verdict:
    """Mail to the domain has somewhere to go; where the domain takes none, it says so.

    Why: Without an MX that resolves, answers from customers and resets of passwords bounce, days later. A domain that
    takes no mail and does not say so lets every typo wait in queues for days.

    Fix: Publish the MX records of your mail provider, each naming a host with an address and no alias; for a domain
    without mail, one record alone: `MX 0 .`

    Source: RFC 5321, section 5.1; RFC 2181, section 10.3; RFC 7505
    """
    names = [f"MX {each.preference} {each.name or '.'}" for each in seen.servers]
    ok = f"{mail.domain} takes mail at {len(names)} servers" if mail.receives else f"{mail.domain} takes no mail"
    return judged(_servers(mail, seen), ok, *names)


def _servers(mail: MailDomain, seen: MailServers) -> Iterator[Defect]:
    null = [each for each in seen.servers if not each.name]
    if not mail.receives:
        if len(null) < len(seen.servers):
            yield True, f"{mail.domain} is to take no mail, and has mail servers"
        elif not null:
            yield False, f"{mail.domain} takes no mail, and does not say so (MX 0 .)"
        return
    if null:
        more = ", beside others" if len(seen.servers) > 1 else ""
        yield True, f"{mail.domain} says that it takes no mail (MX 0 .){more}"
    if not seen.servers:
        text = "mail goes to its own address" if seen.own_address else "mail to it has nowhere to go"
        yield not seen.own_address, f"{mail.domain} has no MX record: {text}"
    for each in seen.servers:
        if not each.resolves:
            yield True, f"the mail server {each.name} has no address"
        elif each.alias:
            yield False, f"the mail server {each.name} is an alias (CNAME), which some senders refuse"


@check("mail.spf")
def spf(mail: MailDomain, seen: SpfLook) -> Verdict:
    """SPF names who may send for the domain, and receivers can evaluate it.

    Why: Receivers stop at ten lookups, and at any term that is none: the record then counts as broken (permerror), and
    mail of the domain lands in spam. Without `-all` or `~all` it refuses nobody.

    Fix: One TXT record: `v=spf1 include:<your provider> -all`. Take out includes of providers that no longer send, or
    replace `a` and `mx` by ip4 and ip6. A domain that sends nothing: `v=spf1 -all`.

    Source: RFC 7208, sections 3.2, 4.5 and 4.6.4
    """
    return judged(
        _spf(mail, seen),
        f"SPF ends with {seen.ends}, after {seen.lookups} of {MAX_LOOKUPS} lookups",
        *(f"{each.domain}: {each.text}" for each in seen.records if each.text),
    )


def _spf(mail: MailDomain, seen: SpfLook) -> Iterator[Defect]:
    for each in seen.records:
        if each.trouble:
            yield True, _broken(each)
    if seen.lookups > MAX_LOOKUPS:
        yield True, f"SPF of {mail.domain} takes {seen.lookups} lookups or more; receivers stop at {MAX_LOOKUPS}"
    if seen.voids > MAX_VOIDS:
        yield True, f"SPF of {mail.domain} has {seen.voids} lookups without an answer; receivers stop at {MAX_VOIDS}"
    if seen.records[0].trouble or seen.lookups > MAX_LOOKUPS:
        return  # what comes last was not read
    included = {each.domain for each in seen.records}
    for provider in mail.providers:
        if provider not in included:
            yield True, f"SPF of {mail.domain} does not include {provider}, which sends for it"
    yield from _last_word(mail, seen)


def _last_word(mail: MailDomain, seen: SpfLook) -> Iterator[Defect]:
    text = seen.records[0].text
    if seen.ends == "+all":
        yield True, f"SPF of {mail.domain} lets everybody send (+all)"
    elif not mail.sends and text.lower().split() != ["v=spf1", "-all"]:
        yield seen.ends != "-all", f"{mail.domain} sends nothing, and SPF says more than -all: {text}"
    elif seen.ends in {"", "?all"}:
        yield True, f"SPF of {mail.domain} refuses nobody: it ends with {seen.ends or 'nothing'}, not with -all"
    elif seen.ends == "~all":
        yield False, f"SPF of {mail.domain} ends with ~all: what others send is marked, and not refused"


def _broken(each: SpfRecord) -> str:
    by = f", to which {'an include' if each.by == 'include' else 'redirect'} leads," if each.by else ""
    if each.trouble == "syntax":
        return f"SPF of {each.domain}{by} has a term that is none: {each.wrong}"
    if each.trouble == "too many MX":
        return f"SPF of {each.domain}{by} asks for the mail servers of {each.wrong}, which are more than ten"
    count = "no SPF record" if each.trouble == "missing" else "several SPF records, so that none counts"
    return f"{each.domain}{by} has {count}"


@check("mail.dkim")
def dkim(mail: MailDomain, seen: DkimKeys) -> Verdict:
    """Each DKIM selector has a key that receivers accept.

    Why: A signature whose key is missing, revoked or too short counts as none. DMARC then rests on SPF alone, which
    forwarding breaks.

    Fix: Publish the record that your provider shows, whole: a TXT of more than 255 characters is several strings in
    one record. Use RSA keys of 2048 bits; take `t=y` out after the trial.

    Source: RFC 6376, section 3.6.1; RFC 8301; RFC 8463
    """
    if not mail.selectors:
        return not_applicable("the profile names no selectors of it (mail.*.selectors)")
    kinds = [f"{each.selector}: {each.kind} of {each.bits} bits" for each in seen.keys if each.bits]
    return judged((defect for each in seen.keys for defect in _key(each)), f"{len(kinds)} keys are there", *kinds)


def _key(key: DkimKey) -> Iterator[Defect]:
    what = f"the DKIM selector {key.selector}"
    wrong = {
        "missing": "has no record",
        "several": "has several records",
        "syntax": "has a record that is no DKIM key",
        "revoked": "has a key that is revoked (p is empty)",
        "key": "has a key that cannot be read",
    }
    if key.trouble:
        yield True, f"{what} {wrong[key.trouble]}"
        return
    if key.kind == "rsa" and key.bits < WANTED_BITS:
        yield key.bits < RSA_BITS, f"{what} has an RSA key of {key.bits} bits; {WANTED_BITS} are asked for"
    if key.testing:
        yield False, f"{what} is marked as a trial (t=y), so that receivers may ignore it"
    if key.hashes and "sha256" not in {each.strip() for each in key.hashes.split(":")}:
        yield True, f"{what} does not permit sha256 (h={key.hashes})"
    if key.services and not {"*", "email"} & {each.strip() for each in key.services.split(":")}:
        yield True, f"{what} is not for mail (s={key.services})"


@check("mail.dmarc")
def dmarc(mail: MailDomain, seen: DmarcRecord) -> Verdict:
    """DMARC tells receivers to refuse what only claims to be from the domain.

    Why: Without it anybody's mail in the domain's name is delivered: invoices with another account, resets of
    passwords. The large mailbox providers refuse mass mail of domains without DMARC.

    Fix: A TXT record at _dmarc: `v=DMARC1; p=none; rua=mailto:...` until the reports show every sender, then
    p=quarantine and p=reject. Reports to another domain need its consent: a TXT `v=DMARC1` at
    <domain>._report._dmarc.<the other>.

    Source: RFC 7489, sections 6.3, 6.6.3 and 7.1
    """
    return judged(_dmarc(mail, seen), f"DMARC of {seen.at} refuses or marks", *seen.texts)


def _dmarc(mail: MailDomain, seen: DmarcRecord) -> Iterator[Defect]:
    if len(seen.texts) != 1:
        count = "several DMARC records, so that none counts" if seen.texts else "no DMARC record"
        yield True, f"{mail.domain} has {count}"
        return
    tags = tags_of(seen.texts[0])
    if tags is None or tags.get("v") != "DMARC1" or next(iter(tags)) != "v":
        yield True, f"the DMARC record of {seen.at} cannot be read: {seen.texts[0]}"
        return
    own = tags.get("p", "").lower()
    policy = own if seen.at == mail.domain else tags.get("sp", own).lower()
    if not {own, policy, tags.get("sp", own).lower()} <= POLICIES:
        yield True, f"the DMARC record of {seen.at} has no policy that there is: {seen.texts[0]}"
        return
    yield from _policy(mail, seen, policy)
    yield from _share(seen, tags, policy)
    if not tags.get("rua"):
        yield False, f"DMARC of {seen.at} asks for no reports (rua)"
    for other in seen.unwilling:
        yield False, f"{other} has not agreed to take the DMARC reports of {seen.at}"


def _policy(mail: MailDomain, seen: DmarcRecord, policy: str) -> Iterator[Defect]:
    if policy == "none":
        yield not mail.sends, f"DMARC of {seen.at} only watches (p=none)"
    elif not mail.sends and policy != "reject":
        yield False, f"{mail.domain} sends nothing, and DMARC does not refuse what claims to be from it (p={policy})"


def _share(seen: DmarcRecord, tags: Mapping[str, str], policy: str) -> Iterator[Defect]:
    percent = tags.get("pct", "100")
    if not (percent.isascii() and percent.isdigit() and len(percent) < 4 and int(percent) <= 100):  # noqa: PLR2004 - per cent
        yield False, f"the DMARC record of {seen.at} has pct={percent}, which receivers ignore"
    elif percent != "100" and policy != "none":
        yield False, f"DMARC of {seen.at} holds for {percent} of 100 messages"
    for tag in ("adkim", "aspf"):
        if tags.get(tag, "r").lower() not in {"r", "s"}:
            yield (
                False,
                f"the DMARC record of {seen.at} has {tag}={tags[tag]}, which receivers ignore: it is neither r nor s",
            )
