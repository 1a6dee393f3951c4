"""A domain's mail: SPF beside pyspf on generated zones, DKIM beside dkimpy, DMARC and MTA-STS beside checkdmarc."""

from __future__ import annotations

import base64
import os
import random
from typing import TYPE_CHECKING

import dkim
import pytest
import spf as pyspf
from checkdmarc import dmarc as theirs_dmarc
from checkdmarc import mta_sts as theirs_sts
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from small_zone import small_zone

from golive import Environment, Outcome
from golive_checks.domains.mail import dkim as judge_dkim
from golive_checks.domains.mail import dmarc as judge_dmarc
from golive_checks.domains.mail_transport import fields_wrong
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.mail.domain import MailDns, MailDomain
from golive_checks.systems.mail.policy import StsPolicy, policy_fields
from golive_checks.systems.mail.records import DkimKeys, DmarcRecord, MailServers, key_of
from golive_checks.systems.mail.spf import MAX_LOOKUPS, SpfLook, spf
from golive_lab.parts.ports import standing

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = 20261201
EVERYTHING = bool(os.environ.get("GOLIVE_ALL"))
DOMAIN = "shop.test"
STRANGER = "198.51.100.77"
Zone = dict[tuple[str, str], tuple[str, ...]]


def count(every: int) -> int:
    return every if EVERYTHING else every // 10


# --- SPF --------------------------------------------------------------------------------------------------------------

TERMS = (
    "ip4:192.0.2.7", "ip4:192.0.2.0/24", "ip6:2001:db8::/32", "a", "a:web.test", "mx", "mx:mail.test",
    "exists:web.test",
    "include:_spf.one.test", "include:_spf.two.test", "include:_spf.open.test", "include:_spf.long.test", "a:gone.test",
    "include:gone.test", "mx:gone.test", "-a:web.test", "?include:_spf.one.test", "exists:%{i}._spf.web.test", "a/24",
    "ip4:192.0.2.300", "ip4:192.0.2.0/33", "include", "al:web.test", "a:", "exp=why.web.test", "x-note=1",
    "mx:mail.test//64",
    "ip4:0.0.0.0/0",
    "-a/0",
    "redirect=_spf.one.test", "a:web.test/33", "IP4:192.0.2.9", "include:_spf.broken.test", "include:_spf.twice.test",
)  # fmt: skip
FIXED: Zone = {
    (DOMAIN, "A"): ("192.0.2.1",),
    (DOMAIN, "MX"): ("10 mail.test.",),
    ("web.test", "A"): ("192.0.2.2",),
    ("mail.test", "A"): ("192.0.2.3",),
    ("mail.test", "MX"): ("10 mail.test.",),
    ("_spf.one.test", "TXT"): ('"v=spf1 ip4:192.0.2.16/28 a:web.test ~all"',),
    ("_spf.two.test", "TXT"): ('"v=spf1 include:_spf.one.test " "mx:mail.test -all"',),
    ("_spf.open.test", "TXT"): ('"v=spf1 +all"',),
    ("_spf.long.test", "TXT"): ('"v=spf1 a:web.test mx:mail.test a:web.test mx:mail.test a:web.test -all"',),
    ("_spf.broken.test", "TXT"): ('"v=spf1 ipv4:192.0.2.1 -all"',),
    ("_spf.twice.test", "TXT"): ('"v=spf1 -all"', '"v=spf1 ~all"'),
}


def records() -> list[tuple[str, ...]]:
    chance = random.Random(SEED)
    made: list[tuple[str, ...]] = [(), ("v=spf1 -all",), ("v=spf1 -all", "v=spf1 ~all"), ("v=spf10 -all",), ("v=spf1",)]
    while len(made) < count(800):
        terms = [chance.choice(TERMS[:12] if chance.random() < 0.6 else TERMS) for _ in range(chance.randint(0, 7))]
        ends = chance.choice(("-all", "-all", "~all", "?all", "+all", "all", ""))
        made.append((" ".join(["v=spf1", *terms, *([ends] if ends else [])]),))
    return made


def by_pyspf(zone: Zone) -> str:
    def look_up(name: str, kind: str, *_: object, **__: object) -> list[object]:
        found = zone.get((name.rstrip(".").lower(), kind), ())
        if kind == "TXT":
            return [((name, kind), tuple(part.encode() for part in data.strip('"').split('" "'))) for data in found]
        if kind == "MX":
            return [((name, kind), (int(data.split()[0]), data.split()[1].rstrip("."))) for data in found]
        return [((name, kind), data) for data in found]

    pyspf.DNSLookup = look_up
    return str(pyspf.check2(i=STRANGER, s=f"a@{DOMAIN}", h=DOMAIN)[0])


def by_golive(seen: SpfLook) -> str:
    if seen.records[0].trouble == "missing":
        return "none"
    if any(each.trouble for each in seen.records) or seen.lookups > MAX_LOOKUPS or seen.voids > 2:
        return "permerror"
    return {"-all": "fail", "~all": "softfail", "+all": "pass"}.get(seen.ends, "neutral")


async def test_spf_as_pyspf_evaluates_it() -> None:
    print(f"seed {SEED}")
    wrong, zone, seen = [], dict(FIXED), dict[str, int]()
    with standing() as place:
        async with small_zone(place.ports.resolver, zone):
            resolver = DnsSettings(resolvers=(f"127.0.0.1:{place.ports.resolver}",))
            for texts in records():
                zone[DOMAIN, "TXT"] = tuple(f'"{text}"' for text in texts)
                dns = Dns(Pace(RateLimit(per_second=100_000), Environment("x")))
                mine = by_golive(await spf(MailDomain("x", domain=DOMAIN), MailDns(dns, resolver)))
                theirs = by_pyspf(zone)
                seen[theirs] = seen.get(theirs, 0) + 1
                if mine != theirs:
                    wrong.append((texts, mine, theirs))
    assert {"none", "permerror", "fail", "softfail", "neutral", "pass"} <= seen.keys()
    assert not wrong, (len(wrong), wrong[:5])


# --- DKIM -------------------------------------------------------------------------------------------------------------

MESSAGE = b"From: a@shop.test\r\nTo: b@other.test\r\nSubject: hello\r\n\r\nhello\r\n"


def rsa_key(bits: int) -> tuple[bytes, str]:
    key = rsa.generate_private_key(65537, bits)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return secret, base64.b64encode(public).decode()


def test_dkim_keys_as_dkimpy_takes_them() -> None:
    secret, public = rsa_key(2048)
    small_secret, small = rsa_key(1024)
    signed = dkim.sign(MESSAGE, b"s1", DOMAIN.encode(), secret) + MESSAGE
    signed_small = dkim.sign(MESSAGE, b"s1", DOMAIN.encode(), small_secret) + MESSAGE
    cases: dict[str, bytes] = {
        f"v=DKIM1; k=rsa; p={public}": signed,
        f"p={public}": signed,
        f"v=DKIM1;k=rsa;h=sha256;s=email;p={public};": signed,
        f"v=DKIM1; p={public[:100]} {public[100:]}": signed,
        f"v=DKIM1; k=rsa; p={small}": signed_small,
        "v=DKIM1; k=rsa; p=": signed,
        f"v=DKIM1; k=rsa; p={public[:-40]}": signed,
        f"v=DKIM2; k=rsa; p={public}": signed,
        f"v=DKIM1; k=ed25519; p={public}": signed,
        "v=DKIM1; k=rsa": signed,
        "hello": signed,
    }
    for text, message in cases.items():
        ours = judge_dkim(MailDomain("x", domain=DOMAIN, selectors=("s1",)), DkimKeys((key_of("s1", [text]),)))
        try:
            theirs = dkim.verify(message, dnsfunc=lambda *_, text=text, **__: text.encode())
        except dkim.DKIMException:
            theirs = False
        assert (ours.outcome is not Outcome.FAIL) == theirs, (text, ours)
    plain = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key = key_of("s1", [f"v=DKIM1; k=ed25519; p={base64.b64encode(plain).decode()}"])
    assert (key.trouble, key.bits) == ("", 256)


# --- DMARC and MTA-STS ------------------------------------------------------------------------------------------------


def chosen(parts: tuple[tuple[str, ...], ...], every: int, join: Callable[[list[str]], str]) -> list[str]:
    chance = random.Random(SEED)
    return [join([part for part in (chance.choice(options) for options in parts) if part]) for _ in range(count(every))]


DMARC = (
    ("v=DMARC1", "v=DMARC1", "v=DMARC1", "v=DMARC1", "v=DMARC1", "v=dmarc1", "v=DMARC2"),
    ("p=reject", "p=quarantine", "p=none", "p=reject", "p=quarantine", "p=refuse", ""),
    ("", "", "sp=none", "sp=reject", "sp=never"),
    ("", "", "adkim=s", "aspf=r", "adkim=x"),
    ("rua=mailto:d@shop.test", "rua=mailto:d@shop.test!10m", ""),
)


GOLIVE_IS_RIGHT = {
    "no p": "RFC 7489, section 6.3: it is required; checkdmarc takes it for p=none, as later drafts do",
}


def test_dmarc_records_as_checkdmarc_reads_them() -> None:
    mail = MailDomain("x", domain=DOMAIN)
    for text in chosen(DMARC, 400, "; ".join):
        if "; p=" not in text and "no p" in GOLIVE_IS_RIGHT:
            assert judge_dmarc(mail, DmarcRecord(DOMAIN, (text,))).outcome is Outcome.FAIL
            continue
        try:
            theirs_dmarc.parse_dmarc_record(text, DOMAIN)
            sound = True
        except theirs_dmarc.DMARCError:
            sound = False
        ours = judge_dmarc(mail, DmarcRecord(DOMAIN, (text,)))
        assert (ours.outcome is not Outcome.FAIL) == sound, (text, ours)


STS = (
    ("version: STSv1", "version: STSv1", "version: STSv1", "version: STSv2", ""),
    ("mode: enforce", "mode: testing", "mode: enforce", "mode: strict", ""),
    ("mx: mail.test", "mx: mail.test\nmx: *.mail.test", "mx: mail.test", ""),
    ("max_age: 604800", "max_age: 31557600", "max_age: 31557601", "max_age: week", ""),
)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_sts_policies_as_checkdmarc_reads_them(ending: str) -> None:
    for text in chosen(STS, 200, "\n".join):
        written = text.replace("\n", ending) + ending
        try:
            theirs_sts.parse_mta_sts_policy(written)
            sound = True
        except theirs_sts.MTASTSPolicyError:
            sound = False
        wrong = list(fields_wrong(StsPolicy(200, fields=policy_fields(written)), MailServers((), own_address=True)))
        assert any(fails for fails, _ in wrong) != sound, (text, wrong)
