"""The reports of the tests that were run on the release."""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from golive import Environment, Fact, Settings, probe
from golive.profile.types import FilePath
from golive_checks.systems.git.client.checkout import Checkout
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.test_reports.results import Results, results


class ReleaseTests(Settings):
    """The reports of the tests that were run on the release, as JUnit's XML or Playwright's JSON."""

    home: ClassVar[str] = "rollout.tests"

    results: tuple[FilePath, ...] = Field(default=(), max_length=50)
    """Files, such as ../results/*.xml. Each must tell its commit: by a property `commit`, by {commit} in its path, or
    by a file of the same name with .commit at its end."""
    max_skipped: int | None = Field(default=None, ge=0)
    """More skipped tests than this warn; unset: they are only reported."""


@dataclass(frozen=True)
class Reports(Fact):
    """The reports, none where the profile names none."""

    found: tuple[Results, ...] = ()


@probe("test-reports.read")
async def reports(env: Environment, checkout: Checkout, files: Files, ask: ReleaseTests) -> Reports:
    """Read the reports of the tests that were run on the release."""
    return Reports(await results(ask.results, env, checkout, files))
