"""What the reference stack's repository says of CI and of running it, and what CI keeps of its runs."""

from __future__ import annotations

from dataclasses import dataclass

from golive_lab.world import project_texts as texts

WORKFLOW, GITLAB = ".github/workflows/ci.yml", ".gitlab-ci.yml"
E2E_PACKAGE, LOCK = "e2e/package.json", "package-lock.json"
MOMO_SPEC, MESSAGING_SPEC = "e2e/tests/ecommerce-momo-callbacks.spec.ts", "e2e/tests/messaging.spec.ts"
INCIDENT, ON_CALL = "docs/runbooks/incident.md", "docs/runbooks/astreinte.md"
CHANGE, ROLLBACK, NOTES = "docs/runbooks/change.md", "docs/runbooks/rollback.md", "CHANGELOG.md"
REVIEWED_DAYS_AGO = 30
"""Of the runbooks that say `{reviewed}`: the day is written as the stack starts, so that no run of it is too late."""


@dataclass(frozen=True)
class Project:
    """Texts of files in the repository, and of reports beside it; an empty one is not there."""

    workflow: str = texts.WORKFLOW
    gitlab: str = ""
    lock: str = texts.LOCK
    e2e_package: str = texts.E2E_PACKAGE
    momo_spec: str = texts.MOMO_SPEC
    messaging_spec: str = texts.MESSAGING_SPEC
    incident: str = texts.INCIDENT
    on_call: str = texts.ON_CALL
    change: str = texts.CHANGE
    rollback: str = texts.ROLLBACK
    notes: str = texts.NOTES
    unit_results: str = texts.UNIT_RESULTS
    e2e_results: str = texts.E2E_RESULTS
