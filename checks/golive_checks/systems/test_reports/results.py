"""Reports of test runs, and the commits that they are of."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass

from golive import Environment, Unavailable
from golive_checks.shapes import without_secrets
from golive_checks.systems.git.client.checkout import Checkout
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.test_reports.junit_xml import read_junit
from golive_checks.systems.test_reports.run_report import RunReport, State, commit_of, read_playwright

MAX_BYTES, MAX_FILES, MAX_NAMED = 50_000_000, 5000, 20
COMMIT = "{commit}"


@dataclass(frozen=True)
class InFile:
    """What became of the cases of one file of tests."""

    file: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    flaky: int = 0


@dataclass(frozen=True)
class Results:
    """A report: of which commit, and what became of its cases."""

    path: str
    commit: str = ""
    files: tuple[InFile, ...] = ()
    failures: tuple[str, ...] = ()
    """The first of the cases that failed, and errors outside of any."""
    skipped_names: tuple[str, ...] = ()

    def count(self, state: State) -> int:
        """Count the cases that ended so."""
        return sum(int(getattr(each, state.value)) for each in self.files)

    @property
    def ran(self) -> int:
        """How many were not skipped."""
        return self.count(State.PASSED) + self.count(State.FAILED) + self.count(State.FLAKY)


async def results(patterns: tuple[str, ...], env: Environment, checkout: Checkout, files: Files) -> tuple[Results, ...]:
    """Read the reports that the patterns name; `{commit}` in one stands for the release's.

    Raises:
        Unavailable: there is none, one cannot be read, or there are more than MAX_FILES of them.
    """
    found: list[Results] = []
    for pattern in patterns:
        bound = COMMIT in pattern
        if bound and not env.commit:
            raise Unavailable(f"{pattern} needs the release's commit", fix="Set release.commit in the profile.")
        paths = await checkout.matching(pattern.replace(COMMIT, env.commit))
        if not paths:
            raise Unavailable(f"there is no report {pattern}", fix="Let CI keep it, and fetch it before golive is run.")
        if len(paths) > MAX_FILES:
            reason = f"{pattern} matches {len(paths):,} reports, and golive reads at most {MAX_FILES:,}"
            raise Unavailable(reason, fix="Merge them into one report, or narrow the pattern.")
        for path in paths:
            data = (await files.read(path, MAX_BYTES)).data
            tests = await asyncio.to_thread(_read, data, path)
            commit = commit_of(tests) or (env.commit if bound else "") or await _beside(path, files)
            found.append(_summed_up(path, tests, commit))
    return tuple(found)


async def _beside(path: str, files: Files) -> str:
    """Read the commit from the file `<report>.commit`, where the report itself does not tell it."""
    beside = f"{path}.commit"
    return (await files.text(beside, 1000)).strip()[:100] if await files.exists(beside) else ""


def _read(data: bytes, path: str) -> RunReport:
    if data.lstrip()[:1] != b"{":
        return read_junit(data, path)
    try:
        tests = read_playwright(json.loads(data))
    except (ValueError, RecursionError):
        raise Unavailable(f"{path} is neither JUnit's XML nor JSON") from None
    if tests is None:
        raise Unavailable(f"{path} is not what Playwright's JSON reporter writes")
    return tests


def _summed_up(path: str, tests: RunReport, commit: str) -> Results:
    counted = Counter((case.file, case.state) for case in tests.cases)
    names = dict.fromkeys(case.file for case in tests.cases)
    failures = [f"{c.file}: {c.name}" for c in tests.cases if c.state == State.FAILED]
    skipped = [f"{c.file}: {c.name}" for c in tests.cases if c.state == State.SKIPPED]
    return Results(
        path,
        commit,
        tuple(InFile(name, **{state.value: counted[name, state] for state in State}) for name in names),
        tuple(without_secrets(line) for line in (failures + tests.errors)[:MAX_NAMED]),
        tuple(without_secrets(line) for line in skipped[:MAX_NAMED]),
    )
