"""What is wrong with a domain's mail."""

import pytest

from golive import Outcome, Verdict
from golive_checks.domains.mail import dkim, dmarc, servers_there, spf
from golive_checks.domains.mail_transport import transport
from golive_checks.systems.mail.domain import MailDomain, tags_of, text_of
from golive_checks.systems.mail.policy import StsPolicy
from golive_checks.systems.mail.records import DkimKey, DkimKeys, DmarcRecord, MailNotes, MailServer, MailServers
from golive_checks.systems.mail.spf import SpfLook, SpfRecord, SpfTerm, terms_of

PASS, WARN, FAIL = Outcome.PASS, Outcome.WARN, Outcome.FAIL
MAIL = MailDomain("shop", domain="shop.example", selectors=("s1",), providers=("_spf.post.example",))
SILENT = MailDomain("quiet", domain="shop.example", receives=False, sends=False)
MX = MailServer(10, "mx.shop.example")


def outcome(judged: Verdict, summary: str) -> tuple[Outcome, bool]:
    return judged.outcome, summary in "\n".join((judged.summary, *judged.evidence))


@pytest.mark.parametrize(
    ("mail", "servers", "address", "expected", "summary"),
    [
        (MAIL, (MX,), False, PASS, "takes mail at 1 servers"),
        (MAIL, (), False, FAIL, "has no MX record: mail to it has nowhere to go"),
        (MAIL, (), True, WARN, "has no MX record: mail goes to its own address"),
        (MAIL, (MailServer(0, ""),), True, FAIL, "says that it takes no mail (MX 0 .)"),
        (MAIL, (MX, MailServer(20, "old.example", resolves=False)), False, FAIL, "old.example has no address"),
        (MAIL, (MailServer(10, "a.example", alias=True),), False, WARN, "a.example is an alias (CNAME)"),
        (SILENT, (MailServer(0, ""),), True, PASS, "takes no mail"),
        (SILENT, (), True, WARN, "does not say so (MX 0 .)"),
        (SILENT, (MX,), True, FAIL, "is to take no mail, and has mail servers"),
    ],
)
def test_mail_servers(
    mail: MailDomain, servers: tuple[MailServer, ...], *, address: bool, expected: Outcome, summary: str
) -> None:
    assert outcome(servers_there(mail, MailServers(servers, address)), summary) == (expected, True)


def record(text: str = "v=spf1 include:_spf.post.example -all", **named: str) -> SpfRecord:
    return SpfRecord("shop.example", text=text, **named)  # type: ignore[arg-type] # a trouble by its name


POST = SpfRecord("_spf.post.example", "include", "v=spf1 ip4:192.0.2.0/24 ~all")


@pytest.mark.parametrize(
    ("mail", "seen", "expected", "summary"),
    [
        (MAIL, SpfLook((record(), POST), 1, 0, "-all"), PASS, "SPF ends with -all, after 1 of 10 lookups"),
        (MAIL, SpfLook((record(), POST), 1, 0, "~all"), WARN, "ends with ~all"),
        (MAIL, SpfLook((record(), POST), 1, 0, ""), FAIL, "refuses nobody: it ends with nothing"),
        (MAIL, SpfLook((record(), POST), 1, 0, "+all"), FAIL, "lets everybody send (+all)"),
        (MAIL, SpfLook((record(), POST), 11, 0, "-all"), FAIL, "takes 11 lookups or more; receivers stop at 10"),
        (MAIL, SpfLook((record(), POST), 5, 3, "-all"), FAIL, "has 3 lookups without an answer"),
        (MAIL, SpfLook((record(),), 0, 0, "-all"), FAIL, "does not include _spf.post.example, which sends for it"),
        (MAIL, SpfLook((record("", trouble="missing"),)), FAIL, "shop.example has no SPF record"),
        (MAIL, SpfLook((record("", trouble="several"),)), FAIL, "shop.example has several SPF records"),
        (
            MAIL,
            SpfLook((record(), SpfRecord("_spf.post.example", "include", "", "missing")), 1, 1, "-all"),
            FAIL,
            "_spf.post.example, to which an include leads, has no SPF record",
        ),
        (SILENT, SpfLook((record("v=spf1 -all"),), 0, 0, "-all"), PASS, ""),
        (
            SILENT,
            SpfLook((record("v=spf1 mx -all"),), 1, 0, "-all"),
            WARN,
            "sends nothing, and SPF says more than -all",
        ),
        (SILENT, SpfLook((record("v=spf1 ~all"),), 0, 0, "~all"), FAIL, "sends nothing, and SPF says more than -all"),
    ],
)
def test_spf(mail: MailDomain, seen: SpfLook, expected: Outcome, summary: str) -> None:
    assert outcome(spf(mail, seen), summary) == (expected, True)


def test_terms_are_read_and_what_is_none_is_named() -> None:
    assert terms_of("v=spf1 ip4:192.0.2.1 redirect=a.example") == [
        SpfTerm("ip4", value="192.0.2.1"),
        SpfTerm("redirect", value="a.example"),
    ]
    assert terms_of("v=spf1 redirect=a.example -all") == [SpfTerm("all", "-")]
    assert terms_of("v=spf1 ip6:::/0 -all")[0] == SpfTerm("ip6", value="::", everybody=True)
    for wrong in (
        "ip4:192.0.2.300",
        "include:",
        "ipv4:192.0.2.1",
        "all:x",
        "a/33",
        "include:a_b",
        "exists:%{q}.example",
    ):
        assert terms_of(f"v=spf1 {wrong} -all") == wrong


@pytest.mark.parametrize(
    ("key", "expected", "summary"),
    [
        (DkimKey("s1", kind="rsa", bits=2048), PASS, "s1: rsa of 2048 bits"),
        (DkimKey("s1", kind="rsa", bits=1024), WARN, "an RSA key of 1024 bits; 2048 are asked for"),
        (DkimKey("s1", kind="rsa", bits=768), FAIL, "an RSA key of 768 bits"),
        (DkimKey("s1", "missing"), FAIL, "the DKIM selector s1 has no record"),
        (DkimKey("s1", "revoked", "rsa"), FAIL, "a key that is revoked"),
        (DkimKey("s1", kind="ed25519", bits=256, testing=True), WARN, "is marked as a trial (t=y)"),
        # dkimpy takes no heed of h; RFC 8301, section 3.1: sha1 is no longer to be accepted
        (DkimKey("s1", kind="rsa", bits=2048, hashes="sha1"), FAIL, "does not permit sha256 (h=sha1)"),
        (DkimKey("s1", kind="rsa", bits=2048, services="tlsrpt"), FAIL, "is not for mail (s=tlsrpt)"),
    ],
)
def test_dkim(key: DkimKey, expected: Outcome, summary: str) -> None:
    assert outcome(dkim(MAIL, DkimKeys((key,))), summary) == (expected, True)
    assert dkim(SILENT, DkimKeys(())).outcome is Outcome.NA


@pytest.mark.parametrize(
    ("mail", "texts", "expected", "summary"),
    [
        (MAIL, ("v=DMARC1; p=reject; rua=mailto:d@shop.example",), PASS, "DMARC of shop.example refuses or marks"),
        (MAIL, ("v=DMARC1; p=none; rua=mailto:d@shop.example",), WARN, "only watches (p=none)"),
        (SILENT, ("v=DMARC1; p=none; rua=mailto:d@shop.example",), FAIL, "only watches (p=none)"),
        (SILENT, ("v=DMARC1; p=quarantine; rua=mailto:d@x.example",), WARN, "does not refuse"),
        (MAIL, ("v=DMARC1; p=reject",), WARN, "asks for no reports"),
        (MAIL, ("v=DMARC1; p=reject; pct=50; rua=mailto:d@shop.example",), WARN, "holds for 50 of 100 messages"),
        (MAIL, ("v=DMARC1; p=refuse; rua=mailto:d@shop.example",), FAIL, "has no policy that there is"),
        (MAIL, ("v=DMARC1 p=reject",), FAIL, "cannot be read"),
        (MAIL, (), FAIL, "has no DMARC record"),
        (MAIL, ("v=DMARC1; p=none", "v=DMARC1; p=reject"), FAIL, "several DMARC records"),
    ],
)
def test_dmarc(mail: MailDomain, texts: tuple[str, ...], expected: Outcome, summary: str) -> None:
    assert outcome(dmarc(mail, DmarcRecord("shop.example", texts)), summary) == (expected, True)


def test_a_subdomain_is_under_the_policy_of_the_domain_above_it() -> None:
    below = MailDomain("x", domain="news.shop.example")
    text = "v=DMARC1; p=reject; sp=none; rua=mailto:d@other.example"
    judged = dmarc(below, DmarcRecord("shop.example", (text,), unwilling=("other.example",)))
    assert outcome(judged, "other.example has not agreed to take the DMARC reports") == (WARN, True)
    assert "DMARC of shop.example only watches" in judged.summary


STS = MailDomain("x", domain="shop.example", mta_sts=True)
FIELDS = (("version", "STSv1"), ("mode", "enforce"), ("mx", "*.shop.example"), ("max_age", "604800"))


@pytest.mark.parametrize(
    ("policy", "expected", "summary"),
    [
        (StsPolicy(200, media_type="text/plain", fields=FIELDS), PASS, "MTA-STS: in force"),
        (StsPolicy(404), FAIL, "the MTA-STS policy answers 404"),
        (StsPolicy(), FAIL, "the MTA-STS policy answers nothing"),
        (StsPolicy(200, "it has expired", "text/plain", FIELDS), FAIL, "cannot be trusted: it has expired"),
        (StsPolicy(200, media_type="text/html", fields=FIELDS), WARN, "is text/html, not text/plain"),
        (
            StsPolicy(200, media_type="text/plain", fields=(*FIELDS[:2], ("mx", "*.other.example"), FIELDS[3])),
            FAIL,
            "does not name the mail server mx.shop.example",
        ),
    ],
)
def test_mta_sts(policy: StsPolicy, expected: Outcome, summary: str) -> None:
    seen = MailNotes(mta_sts=("v=STSv1; id=20261201",))
    assert outcome(transport(STS, seen, policy, MailServers((MX,), own_address=False)), summary) == (expected, True)


def test_what_is_not_declared_is_not_demanded() -> None:
    nothing = transport(MAIL, MailNotes(), StsPolicy(asked=False), MailServers((MX,), own_address=False))
    assert nothing.outcome is Outcome.NA
    declared = MailDomain("x", domain="shop.example", tls_rpt=True, bimi=True)
    seen = MailNotes(tls_rpt=("v=TLSRPTv1; rua=mailto:t@shop.example",), bimi=("v=BIMI1; l=http://shop.example/l.svg",))
    judged = transport(declared, seen, StsPolicy(asked=False), MailServers((MX,), own_address=False))
    assert outcome(judged, "default._bimi.shop.example has no record that names a logo by https") == (FAIL, True)


def test_txt_records_are_joined_and_tags_read() -> None:
    assert text_of(r'"v=spf1 " "a \"b\" \195"') == 'v=spf1 a "b" Ã'
    assert tags_of("v=DMARC1; p = none ;") == {"v": "DMARC1", "p": "none"}
    assert tags_of("v=DMARC1; p=none; p=reject") is None
