"""Wording that the checks of CI share."""

from golive import Location
from golive_checks.systems.ci.model import Job

NO_REPOSITORY = "the profile names no repository"
NO_CI = "the repository has neither .github/workflows nor .gitlab-ci.yml, and the profile names no script that CI runs"


def where(job: Job, line: int) -> Location:
    """Return a place in the file that a job stands in."""
    return Location(job.file, line)
