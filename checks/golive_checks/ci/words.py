"""Wording that the checks of CI share."""

from golive import Location, Verdict, failed, shortened, unknown
from golive_checks.systems.ci.model import Job
from golive_checks.systems.ci.pipelines import Pipelines

NO_REPOSITORY = "the profile names no repository"
NO_CI = "the repository has neither .github/workflows nor .gitlab-ci.yml, and the profile names no script that CI runs"


def no_ci(ci: Pipelines) -> Verdict:
    """Say that golive has found no CI; a system that it does not read may be there."""
    if not ci.other_systems:
        return failed(NO_CI)
    named = shortened(", ".join(ci.other_systems), 200)
    return unknown(
        f"CI is described by {named}, which golive does not read",
        fix="Name the scripts that it runs in ci.workflows.scripts.",
    )


def where(job: Job, line: int) -> Location:
    """Return a place in the file that a job stands in."""
    return Location(job.file, line)
