"""What the reference stack's repository says of CI and of running it, and what CI keeps of its runs."""

from __future__ import annotations

import datetime as dt
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from golive_lab import project_texts as texts
from golive_lab.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.ports import Place
    from golive_lab.world import World

RESULTS = "results"
WORKFLOW, GITLAB = ".github/workflows/ci.yml", ".gitlab-ci.yml"
E2E_PACKAGE = "e2e/package.json"
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

    def committed(self) -> dict[str, str]:
        """Return the repository's files by their paths."""
        reviewed = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=REVIEWED_DAYS_AGO)
        found = {
            WORKFLOW: self.workflow,
            GITLAB: self.gitlab,
            E2E_PACKAGE: self.e2e_package,
            MOMO_SPEC: self.momo_spec,
            MESSAGING_SPEC: self.messaging_spec,
            INCIDENT: self.incident,
            ON_CALL: self.on_call,
            CHANGE: self.change,
            ROLLBACK: self.rollback,
            NOTES: self.notes,
        }
        return {path: text.replace("{reviewed}", f"{reviewed}") for path, text in found.items() if text}


@contextmanager
def files(world: World, place: Place) -> Iterator[None]:
    """Write the reports that CI has kept."""
    folder = place.folder / RESULTS
    folder.mkdir(parents=True)
    try:
        for name, text in {"unit.xml": world.project.unit_results, "e2e.json": world.project.e2e_results}.items():
            if text:
                (folder / name).write_text(text)
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


PART = Part("results", files, lambda world: (world.project.unit_results, world.project.e2e_results))
