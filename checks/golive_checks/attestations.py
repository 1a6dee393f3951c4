"""Attestations: what a person confirms where no program can decide, not expired, with evidence that exists."""

import datetime as dt
from collections.abc import Mapping

from golive import (
    Environment,
    Now,
    Section,
    Severity,
    Unavailable,
    Verdict,
    check,
    failed,
    not_applicable,
    not_configured,
    passed,
    unknown,
    verdict,
)
from golive.wording import counted
from golive_checks.systems.evidence.evidence import Attestation, DemandedAttestations, Evidence

section = Section("attestations", title="Attestations")


@check("attestation.signed", severity=Severity.HIGH)
def signed(of: Attestation) -> Verdict:
    """Each attestation says what holds, who says so, and when they checked.

    Why: What no program can decide rests on a person's word. A line without a statement, a name or a date commits
    nobody.

    Fix: Fill in `statement`, `who` and `when` of the attestation.
    """
    lacking = [word for word, given in (("statement", of.statement), ("who", of.who), ("when", of.when)) if not given]
    return verdict([f"{of.name} has no {word}" for word in lacking], ok=f"{of.who}, {of.when}", at=of.at)


@check("attestation.current", severity=Severity.HIGH)
def current(of: Attestation, now: Now) -> Verdict:
    """Each attestation has an expiry date, and has not expired.

    Why: People leave, contracts end, systems change: what was true last year is no reason to go live today.

    Fix: Have its owner check again, then update `when` and `expires`.
    """
    today: dt.date = now.at.astimezone(dt.UTC).date()
    if of.expires is None:
        return failed(f"{of.name} has no expiry date", fix="Set `expires`.", at=of.at)
    if of.expires < today:
        return failed(f"{of.name} ended on {of.expires}, {counted((today - of.expires).days, 'day')} ago", at=of.at)
    if of.when is not None and of.when > today + dt.timedelta(days=1):  # a day ahead of UTC it may be tomorrow
        return failed(f"{of.name} is dated {of.when}, which is in the future", at=of.at)
    return passed(f"until {of.expires}")


@check("attestation.evidenced", severity=Severity.HIGH)
def evidenced(of: Attestation, seen: Evidence) -> Verdict:
    """The evidence of each attestation is there.

    Why: A reader must be able to see what the statement rests on: the contract, the screenshot, the minutes.

    Fix: Name in `evidence` a file that exists and is not empty, or an https URL that answers without a login.
    """
    if not of.evidence:
        return failed(f"{of.name} names no evidence", at=of.at)
    if not seen.there:
        text = f"answers {seen.status}" if seen.status else "does not exist, or is empty"
        return failed(f"{of.evidence} {text}", at=of.at)
    return passed(f"{of.evidence} is there")


@check("attestation.none-missing", severity=Severity.HIGH)
def none_missing(
    env: Environment,
    attested: Mapping[Attestation, Evidence | Unavailable] | Unavailable,
    ask: DemandedAttestations,
) -> Verdict:
    """Each line of the checklist that only a person can confirm has an attestation.

    Why: What no program can see is easily left out: a profile that says nothing about personal data or about where
    secrets are kept looks as green as one where someone has checked.

    Fix: Have its owner check, then write the attestation with statement, who, when, evidence and expires. What does not
    apply to this system goes under demanded_attestations.do_not_apply, with the reason.
    """
    exempt = [f"{name} does not apply: {why}" for name, why in ask.do_not_apply.items()]
    demanded = [name for name in ask.demanded(production=env.production) if name not in ask.do_not_apply]
    if not demanded:
        why = "; ".join(exempt) or f"{env.name} is not production, and its profile demands none"
        return not_applicable(why)
    if isinstance(attested, Unavailable) and ask.names is None:
        return not_configured(f"no attestation covers {', '.join(demanded)}", "attestations")
    if isinstance(attested, Unavailable):
        return unknown(f"no attestation covers {', '.join(demanded)}: {attested.reason}", *exempt)
    there = {each.name for each in attested}
    fails = [f"no attestation covers {name}" for name in demanded if name not in there]
    return verdict(fails, ok=f"there is one for {', '.join(demanded)}", evidence=exempt)
