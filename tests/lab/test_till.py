"""The second application, which golive was not tuned to: green as it is, and red with what is wrong with it.

Sections 5, 6 and 8 look at it by a profile of its own. All its faults are seeded at once; with GOLIVE_ALL=1 each is
alone as well, and changes nothing but what it says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest

from golive import live, session
from golive.model import Decision, Outcome, Report
from golive_lab.parts.till import PROFILE
from golive_lab.parts.till.standing import FAULTS, Till, TillFault, till

SECTIONS = ("security", "observability", "payments")
LOOSE = frozenset({"logs.structured", "webhook.reaches-app"})
"""They warn: of morgan's lines between the JSON, and of PayPal's unsigned events that are thanked for."""
SEEN = frozenset(
    {
        "cors.foreign-origins-refused",
        "cors.known-origins-served",
        "headers.hsts",
        "headers.nosniff",
        "jwt.forgery-refused",
        "logs.request-traceable",
        "messaging.connects",
        "mtn.forgery-refused",
        "orange.forgery-refused",
        "payments.ledger-agrees",
        "paypal.forgery-refused",
        "privacy.delete-exists",
        "privacy.export-exists",
        "stripe.amount-asked",
        "stripe.reconciles",
        "stripe.signature-enforced",
        "web.nothing-exposed",
    }
)


@pytest.fixture(scope="module")
def there() -> Iterator[Till]:
    with till() as stands:
        yield stands


def look(there: Till, *faults: TillFault) -> Report:
    there.become(*faults)
    environ = {**os.environ, **there.variables(*faults)}
    loaded = session.load(str(PROFILE), cwd=PROFILE.parent, environ=environ, only=SECTIONS)
    return live.check(loaded, session.Options(only=SECTIONS, timeout_s=60)).report


def by_outcome(report: Report, *wanted: Outcome) -> dict[str, str]:
    """Return what the checks with these outcomes say, by their ids."""
    return {f.check.id: f"{f.subject}: {f.verdict.summary}" for f in report.findings if f.outcome in wanted}


@pytest.fixture(scope="module")
def healthy(there: Till) -> Report:
    return look(there)


def test_it_is_green_as_it_is(healthy: Report) -> None:
    assert by_outcome(healthy, Outcome.FAIL, Outcome.UNKNOWN) == {}
    assert set(by_outcome(healthy, Outcome.WARN)) == LOOSE
    assert healthy.decision is Decision.GO
    assert set(by_outcome(healthy, Outcome.PASS)) >= SEEN


def test_all_that_is_wrong_with_it_is_red(there: Till) -> None:
    red = by_outcome(look(there, *FAULTS), Outcome.FAIL)
    assert {fault.turns_red for fault in FAULTS} - set(red) == set()


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_each_alone_changes_nothing_else(there: Till, healthy: Report, fault: TillFault) -> None:
    found = look(there, fault)
    before, after = ({f.id: f.outcome for f in report.findings} for report in (healthy, found))
    assert fault.turns_red in by_outcome(found, Outcome.FAIL)
    changed = {f.check.id for f in found.findings if before.get(f.id) is not after[f.id]} - {fault.turns_red}
    assert {each for each in changed if not any(fnmatchcase(each, also) for also in fault.also)} == set()
