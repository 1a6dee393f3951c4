"""What the checks of storage say alike."""

from golive import Verdict, not_applicable
from golive_checks.probes.bucket_settings import Setting
from golive_checks.subjects import Bucket


def asked_as(bucket: Bucket) -> str:
    """Say with whose credentials the bucket's configuration was looked at."""
    whose = "the application's own" if bucket.audit == bucket.app else "the auditor's"
    return f"seen with {whose} credentials"


def lacking(setting: Setting) -> Verdict:
    """Say that the server has no such setting, in its own word."""
    return not_applicable(setting.unsupported)
