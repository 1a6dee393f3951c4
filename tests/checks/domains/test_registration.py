import datetime as dt
from dataclasses import replace

import pytest

from golive import Now, Outcome
from golive_checks.domains.registration import RegistrationPolicy, registration_lasts
from golive_checks.systems.http.registration import DomainRecord, Registration

AT = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
DOMAIN = Registration("shop", domain="shop.example")
LOCKED = ("client transfer prohibited",)
PASS, WARN, FAIL = Outcome.PASS, Outcome.WARN, Outcome.FAIL


def seen(*statuses: str, days: float | None = 200) -> DomainRecord:
    expires = None if days is None else AT + dt.timedelta(days=days)
    return DomainRecord("https://rdap.example", found=True, statuses=statuses or LOCKED, expires=expires)


CASES = {
    "sound": (seen(), PASS, "shop.example is registered until 2027-06-19"),
    "locked by the registry": (seen("server transfer prohibited", "active"), PASS, ""),
    "ends in a month": (seen(days=30), WARN, "expires in 30 days, on 2026-12-31; 45 are asked for"),
    "ends soon": (seen(days=13), FAIL, "expires in 13 days, on 2026-12-14; 14 are asked for"),
    "over": (seen(days=-3), FAIL, "expired 3 days ago, on 2026-11-28"),
    "on hold": (seen("client hold", *LOCKED), FAIL, "in client hold: its registrar has taken it out of the DNS"),
    "being deleted": (seen("redemption period", *LOCKED), FAIL, "in redemption period"),
    "renewed by the registry": (seen("auto renew period", *LOCKED), WARN, "renewed by its registry alone"),
    "unlocked": (seen("active"), WARN, "shop.example has no transfer lock"),
    "gone": (DomainRecord("https://rdap.example", found=False), FAIL, "is not registered, says https://rdap.example"),
}


@pytest.mark.parametrize(("said", "outcome", "summary"), CASES.values(), ids=CASES)
def test_registration(said: DomainRecord, outcome: Outcome, summary: str) -> None:
    judged = registration_lasts(DOMAIN, said, RegistrationPolicy(), Now(AT))
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_a_registry_that_tells_no_end_leaves_it_unknown() -> None:
    judged = registration_lasts(DOMAIN, seen(days=None), RegistrationPolicy(), Now(AT))
    assert judged.outcome is Outcome.UNKNOWN
    assert "does not say until when" in judged.summary
    held = registration_lasts(DOMAIN, seen("client hold", days=None), RegistrationPolicy(), Now(AT))
    assert held.outcome is FAIL
    assert registration_lasts(DOMAIN, replace(seen(), statuses=()), RegistrationPolicy(), Now(AT)).outcome is WARN
