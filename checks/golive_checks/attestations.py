"""What a person vouches for where no program can decide: said by someone, not expired, with evidence that is there."""

import datetime as dt

from golive import Now, Section, Severity, Verdict, check, failed, passed, verdict
from golive_checks.probes.evidence import Attestation, Evidence

section = Section("attestations", title="Attestations")


@check("attestation.signed", severity=Severity.HIGH)
def signed(of: Attestation) -> Verdict:
    """Each attestation says what is so, who says it, and when it was looked into.

    Why: What no program can decide rests on a person's word. A line without a statement, a name or a day is nobody's.

    Fix: Fill in `statement`, `who` and `when` of the attestation.
    """
    lacking = [word for word, given in (("statement", of.statement), ("who", of.who), ("when", of.when)) if not given]
    return verdict([f"{of.name} has no {word}" for word in lacking], ok=f"{of.who}, {of.when}", at=of.at)


@check("attestation.current", severity=Severity.HIGH)
def current(of: Attestation, now: Now) -> Verdict:
    """Each attestation has a last day, and it has not passed.

    Why: People leave, contracts end, systems change: a word that was true last year is no reason to go live today.

    Fix: Have its owner look again, then set `when` and `expires` anew.
    """
    today: dt.date = now.at.astimezone(dt.UTC).date()
    if of.expires is None:
        return failed(f"{of.name} has no last day", fix="Set `expires`.", at=of.at)
    if of.expires < today:
        return failed(f"{of.name} ended on {of.expires}, {_days(today - of.expires)} ago", at=of.at)
    if of.when is not None and of.when > today + dt.timedelta(days=1):  # a day ahead of UTC it may be tomorrow
        return failed(f"{of.name} is of {of.when}, which is yet to come", at=of.at)
    return passed(f"until {of.expires}")


def _days(time: dt.timedelta) -> str:
    return "1 day" if time.days == 1 else f"{time.days} days"


@check("attestation.evidenced", severity=Severity.HIGH)
def evidenced(of: Attestation, seen: Evidence) -> Verdict:
    """The evidence of each attestation is there.

    Why: A reader must be able to see what the word rests on: the contract, the screenshot, the minutes.

    Fix: Name in `evidence` a file that exists and is not empty, or an https URL that answers without a login.
    """
    if not of.evidence:
        return failed(f"{of.name} names no evidence", at=of.at)
    if not seen.there:
        said = f"answers {seen.status}" if seen.status else "does not exist, or is empty"
        return failed(f"{of.evidence} {said}", at=of.at)
    return passed(f"{of.evidence} is there")
