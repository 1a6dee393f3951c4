import datetime as dt

import pytest

from golive import Now, Outcome
from golive_checks.domains.caa import CaaPolicy, Permit, caa_permits_renewal, names_of, permit
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.dns.caa import Caa, CaaLevel, CaaSet
from golive_checks.systems.tls.client.certificates import Certificate
from golive_checks.systems.tls.facts import ServedChain

HOST = Host("api.example.com")
LE, AWS = "Let's Encrypt", "Amazon"
THEN = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
NOW = Now(dt.datetime(2026, 11, 29, tzinfo=dt.UTC))


def chain(organisation: str = LE, *names: str) -> ServedChain:
    leaf = Certificate(
        subject="CN=api.example.com",
        issuer=f"O={organisation}",
        issuer_name="R11",
        issuer_organisation=organisation,
        fingerprint="00",
        not_before=THEN,
        not_after=THEN + dt.timedelta(days=90),
        names=names or (HOST.name,),
        key="EC",
        key_bits=256,
        signature_hash="sha256",
        server_auth=True,
    )
    return ServedChain((leaf,))


def records(*texts: str) -> tuple[Caa, ...]:
    parts = [text.split(" ", 2) for text in texts]
    return tuple(Caa(flags == "128", tag, value) for flags, tag, value in parts)


def found(*at_zone: str, at_host: tuple[str, ...] = ()) -> CaaSet:
    return CaaSet(
        (
            CaaLevel(HOST.name, records(*at_host)),
            CaaLevel("example.com", records(*at_zone)),
            CaaLevel("com", ()),
        )
    )


WILD = chain(LE, "*.example.com", "example.com")
CASES: dict[str, tuple[CaaSet, tuple[ServedChain, ...], Outcome, str]] = {
    "its authority": (found("0 issue letsencrypt.org"), (chain(),), Outcome.PASS, "Let's Encrypt may issue again"),
    "one of several": (found("0 issue sectigo.com", "0 issue LetsEncrypt.org"), (chain(),), Outcome.PASS, "may issue"),
    "any of Amazon's names": (found("0 issue awstrust.com"), (chain(AWS),), Outcome.PASS, "Amazon may issue again"),
    "another authority": (
        found("0 issue digicert.com"),
        (chain(),),
        Outcome.FAIL,
        "renewal will fail: Let's Encrypt (letsencrypt.org) may not issue, the CAA at example.com names digicert.com",
    ),
    "nobody": (found("0 issue ;"), (chain(),), Outcome.FAIL, "permit nobody to issue"),
    "nobody, to a stranger": (found("0 issue ;"), (chain("Our CA"),), Outcome.FAIL, "permit nobody to issue"),
    "malformed": (found("0 issue %%%"), (chain(),), Outcome.FAIL, "permit nobody to issue"),
    "none": (found(), (chain(),), Outcome.WARN, "no CAA record at api.example.com or above"),
    "reports alone": (found("0 iodef mailto:a@example.com"), (chain(),), Outcome.WARN, "restrict nobody"),
    "the nearest alone counts": (
        found("0 issue letsencrypt.org", at_host=("0 issue digicert.com",)),
        (chain(),),
        Outcome.FAIL,
        "the CAA at api.example.com names digicert.com",
    ),
    "issuewild does not matter to a plain name": (
        found("0 issue letsencrypt.org", "0 issuewild ;"),
        (chain(),),
        Outcome.PASS,
        "may issue",
    ),
    "issuewild alone restricts no plain name": (found("0 issuewild ;"), (chain(),), Outcome.WARN, "restrict nobody"),
    "a wildcard by issue": (found("0 issue letsencrypt.org"), (WILD,), Outcome.PASS, "may issue"),
    "a wildcard by issuewild": (
        found("0 issue digicert.com", "0 issuewild letsencrypt.org"),
        (WILD,),
        Outcome.PASS,
        "may issue",
    ),
    "a wildcard forbidden": (found("0 issue letsencrypt.org", "0 issuewild ;"), (WILD,), Outcome.FAIL, "permit nobody"),
    "a wildcard is looked up where it stands": (
        found("0 issue letsencrypt.org", at_host=("0 issue digicert.com",)),
        (WILD,),
        Outcome.PASS,
        "may issue",
    ),
    "a critical property nobody knows": (
        found("0 issue letsencrypt.org", "128 tbs x"),
        (chain(),),
        Outcome.FAIL,
        "CAA property 'tbs' at example.com is critical and unknown",
    ),
    "an unknown property that is not critical": (
        found("0 issue letsencrypt.org", "0 tbs x"),
        (chain(),),
        Outcome.PASS,
        "may issue",
    ),
    "bound to an account": (
        found("0 issue letsencrypt.org; accounturi=https://acme.example/1; validationmethods=dns-01"),
        (chain(),),
        Outcome.PASS,
        "may issue",
    ),
    "an authority unheard of": (found("0 issue letsencrypt.org"), (chain("Our CA"),), Outcome.WARN, "not known"),
    "two addresses, two authorities": (
        found("0 issue letsencrypt.org"),
        (chain(), chain("DigiCert Inc")),
        Outcome.FAIL,
        "DigiCert Inc (digicert.com) may not issue",
    ),
}


@pytest.mark.parametrize(("caa", "chains", "outcome", "summary"), CASES.values(), ids=CASES)
def test_caa_permits_renewal(caa: CaaSet, chains: tuple[ServedChain, ...], outcome: Outcome, summary: str) -> None:
    served = {Address(f"{HOST.name}@{i}", HOST, str(i)): each for i, each in enumerate(chains)}
    verdict = caa_permits_renewal(HOST, caa, served, CaaPolicy(), NOW)
    assert verdict.outcome is outcome
    assert summary in verdict.summary


def test_conditions_are_shown() -> None:
    caa = found("0 issue letsencrypt.org; accounturi=https://acme.example/1")
    verdict = caa_permits_renewal(HOST, caa, {Address("a", HOST, "a"): chain()}, CaaPolicy(), NOW)
    assert "bound to accounturi=https://acme.example/1: make sure that the renewal meets that" in verdict.evidence


BOUND = "0 issue actalis.it; validationmethods=dns-01; policy=ev"


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        (dt.date(2026, 9, 15), Outcome.PASS),
        (dt.date(2026, 9, 16), Outcome.WARN),
        (dt.date(2027, 3, 14), Outcome.WARN),
        (dt.date(2027, 3, 15), Outcome.PASS),
    ],
)
def test_parameters_that_will_count_soon_are_announced(day: dt.date, outcome: Outcome) -> None:
    now = Now(dt.datetime.combine(day, dt.time(9), dt.UTC))
    served = {Address("a", HOST, "a"): chain("Actalis S.p.A.")}
    verdict = caa_permits_renewal(HOST, found(BOUND), served, CaaPolicy(), now)
    assert verdict.outcome is outcome
    said = (
        f"from 2027-03-15, in {(dt.date(2027, 3, 15) - day).days} days, actalis.it must honour validationmethods=dns-01"
    )
    assert (verdict.summary == said) is (outcome is Outcome.WARN)


def test_other_parameters_are_not_those_that_will_count() -> None:
    served = {Address("a", HOST, "a"): chain("Actalis S.p.A.")}
    verdict = caa_permits_renewal(HOST, found("0 issue actalis.it; policy=ev"), served, CaaPolicy(), NOW)
    assert verdict.outcome is Outcome.PASS


def test_an_authority_of_which_not_every_name_is_known_is_no_failure() -> None:
    served = {Address("a", HOST, "a"): chain("iTrusChina Co., Ltd.")}
    verdict = caa_permits_renewal(HOST, found("0 issue itrus.example"), served, CaaPolicy(), NOW)
    assert verdict.outcome is Outcome.WARN
    assert "golive does not know every name of that authority" in verdict.summary


def test_the_profile_names_a_private_authority() -> None:
    ask = CaaPolicy(issuers={"Our CA": ("ca.example.com",)})
    served = {Address("a", HOST, "a"): chain("Our CA")}
    assert caa_permits_renewal(HOST, found("0 issue ca.example.com"), served, ask, NOW).outcome is Outcome.PASS
    assert caa_permits_renewal(HOST, found("0 issue example.org"), served, ask, NOW).outcome is Outcome.FAIL


PERMITS = {
    "letsencrypt.org": Permit("letsencrypt.org"),
    "  Letsencrypt.org ; ": Permit("letsencrypt.org"),
    "ca.example; a=1; b=2": Permit("ca.example", ("a=1", "b=2")),
    "ca.example; policy=": Permit("ca.example", ("policy=",)),
    ";": Permit(""),
    "": Permit(""),
    "ca.example; what": Permit(""),
    "not a domain": Permit(""),
}


@pytest.mark.parametrize(("value", "means"), PERMITS.items(), ids=PERMITS)
def test_a_property_is_read_as_the_rfc_says(value: str, means: Permit) -> None:
    assert permit(Caa(critical=False, tag="issue", value=value)) == means


ORGANISATIONS = {
    "Let\N{RIGHT SINGLE QUOTATION MARK}s Encrypt": "letsencrypt.org",
    "Google Trust Services LLC": "pki.goog",
    "DigiCert, Inc.": "digicert.com",
    "Sectigo Limited": "sectigo.com",
    "ZeroSSL": "sectigo.com",
    "GlobalSign nv-sa": "globalsign.com",
    "Buypass AS-983163327": "buypass.com",
    "SSL Corporation": "ssl.com",
    "Actalis S.p.A.": "actalis.it",
}


@pytest.mark.parametrize(("organisation", "name"), ORGANISATIONS.items(), ids=ORGANISATIONS)
def test_authorities_are_known_by_their_organisation(organisation: str, name: str) -> None:
    assert names_of(organisation, CaaPolicy()).names[0] == name


@pytest.mark.parametrize(
    "tag", ["issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"]
)
def test_a_critical_property_that_authorities_know_forbids_nothing(tag: str) -> None:
    value = "letsencrypt.org" if tag.startswith("issue") else "mailto:a@example.com"
    there = found(f"128 {tag} {value}", "0 issue letsencrypt.org")
    verdict = caa_permits_renewal(HOST, there, {Address("a", HOST, "a"): chain()}, CaaPolicy(), NOW)
    assert verdict.outcome is Outcome.PASS, verdict
    strange = found(f"128 {tag}x {value}", "0 issue letsencrypt.org")
    assert (
        caa_permits_renewal(HOST, strange, {Address("a", HOST, "a"): chain()}, CaaPolicy(), NOW).outcome is Outcome.FAIL
    )


def test_what_the_records_say_is_shown() -> None:
    verdict = caa_permits_renewal(
        HOST, found("0 issue letsencrypt.org"), {Address("a", HOST, "a"): chain()}, CaaPolicy(), NOW
    )
    assert verdict.evidence == ('example.com CAA issue "letsencrypt.org"',)
