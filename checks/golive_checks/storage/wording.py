"""What several checks of storage say."""

from golive import Unavailable, Verdict, not_applicable
from golive_checks.storage.policy import Statement, statements
from golive_checks.subjects import Bucket
from golive_checks.systems.s3.bucket_settings import BucketPolicy, Setting


def asked_as(bucket: Bucket) -> str:
    """Say with whose credentials the bucket's configuration was looked at."""
    whose = "the auditor's" if bucket.by_auditor else "the application's own"
    return f"seen with {whose} credentials"


def lacking(setting: Setting) -> Verdict:
    """Say that the server has no such setting, in its own word."""
    return not_applicable(setting.unsupported)


def evaluated(policy: BucketPolicy | Unavailable) -> tuple[Statement, ...] | Unavailable:
    """Read a policy's statements; one that nobody could evaluate is a gap."""
    if isinstance(policy, Unavailable):
        return policy
    try:
        return statements(policy.document)
    except ValueError:
        return Unavailable("the policy that the server gives is none that could be evaluated")
