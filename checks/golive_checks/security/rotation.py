"""Are secrets changed in time?"""

from golive import Now, Verdict, check, failed, passed
from golive_checks.subjects import Secret
from golive_checks.systems.evidence.secret_ages import SecretAge, SecretRotation


@check("secrets.rotated")
def rotated(secret: Secret, seen: SecretAge, ask: SecretRotation, now: Now) -> Verdict:
    """Each secret was rotated in time.

    Why: Everyone who left, each sold laptop, each log that it slipped into still has it. And nobody knows how to change
    a secret that was never changed on the night it leaks.

    Fix: Make a new one, let the API accept both until the old one's tokens have expired, then remove the old one. For a
    secret whose age no system knows, set changed_on.

    Source: OWASP Secrets Management Cheat Sheet, section 2.7
    """
    age = (now.at - seen.changed).total_seconds() / 86400
    when = f"{seen.changed:%Y-%m-%d}"
    if age < -1:  # a day ahead of UTC it may be tomorrow
        return failed(f"its last change is dated {when}, which is in the future ({seen.by})")
    if age > ask.max_age_days:
        return failed(f"it was last changed on {when}, {age:.0f} days ago; {ask.max_age_days} are allowed ({seen.by})")
    return passed(f"changed on {when}, {max(age, 0):.0f} days ago ({seen.by})")
