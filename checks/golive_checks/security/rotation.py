"""Are secrets changed in time?"""

from golive import Now, Verdict, check, failed, passed
from golive_checks.subjects import Secret
from golive_checks.systems.evidence.secret_ages import SecretAge, SecretRotation


@check("secrets.rotated")
def rotated(secret: Secret, seen: SecretAge, ask: SecretRotation, now: Now) -> Verdict:
    """Each secret was changed within its time.

    Why: Whoever left, each laptop that was sold, each log that it slipped into still has the old one. One that was
    never changed is also one that nobody knows how to change on the night it leaks.

    Fix: Make a new one, let the API accept both for as long as tokens of the old one live, then take the old one out.
    For a secret that no system dates, set changed_on.

    Source: OWASP Secrets Management Cheat Sheet, section 2.7
    """
    age = (now.at - seen.changed).total_seconds() / 86400
    when = f"{seen.changed:%Y-%m-%d}"
    if age < -1:  # a day ahead of UTC it may be tomorrow
        return failed(f"it is said to have been changed on {when}, which is yet to come ({seen.by})")
    if age > ask.max_age_days:
        return failed(f"it was last changed on {when}, {age:.0f} days ago; {ask.max_age_days} are allowed ({seen.by})")
    return passed(f"changed on {when}, {max(age, 0):.0f} days ago ({seen.by})")
