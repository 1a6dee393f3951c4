"""What a test run reports: its cases, and the commit that it was of. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from golive import shortened


class State(StrEnum):
    """How a case ended. Flaky: it passed when it was tried again."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    FLAKY = "flaky"


@dataclass(frozen=True)
class Case:
    """A case, and the file that it stands in."""

    name: str
    file: str
    state: State


@dataclass
class RunReport:
    """A run as it was read: `errors` outside of any case, `properties` by their names in lower case."""

    cases: list[Case] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)


COMMIT_NAMES = (
    "commit",
    "git.commit",
    "git_commit",
    "gitcommit",
    "commit_sha",
    "commit.sha",
    "git.commit.id",
    "git.commit.sha",
    "vcs.revision",
    "revision",
    "sha",
    "github_sha",
    "ci_commit_sha",
)
"""Names under which runners and CI write down the commit."""


def read_playwright(found: Any) -> RunReport | None:
    """Read the report of Playwright's JSON reporter; None where it is none.

    https://playwright.dev/docs/test-reporters#json-reporter; its types are JSONReport and JSONReportTest.
    """
    if not isinstance(found, dict) or not isinstance(found.get("suites"), list) or "stats" not in found:
        return None
    tests = RunReport()
    waiting: list[tuple[dict[str, Any], str]] = [(s, "") for s in found["suites"] if isinstance(s, dict)]
    while waiting:
        suite, file = waiting.pop()
        file = str(suite.get("file") or file)
        waiting += [(s, file) for s in _dicts(suite.get("suites"))]
        for spec in _dicts(suite.get("specs")):
            for each in _dicts(spec.get("tests")):
                name, where = str(spec.get("title", ""))[:300], str(spec.get("file") or file)[:300]
                tests.cases.append(Case(name, where, _state(each)))
    tests.errors += [shortened(str(e.get("message", "an error")), 200) for e in _dicts(found.get("errors"))]
    config = found.get("config")
    metadata = config.get("metadata") if isinstance(config, dict) else None
    tests.properties |= dict(_flat(metadata if isinstance(metadata, dict) else {}))
    return tests


PLAYWRIGHT = {"expected": State.PASSED, "skipped": State.SKIPPED, "flaky": State.FLAKY}


def _state(test: Mapping[str, Any]) -> State:
    """A test that never ran has no results, whatever it says."""
    state = PLAYWRIGHT.get(str(test.get("status")), State.FAILED)
    expected_to_fail = test.get("expectedStatus") == "skipped" or not test.get("results")
    return State.SKIPPED if expected_to_fail and state == State.PASSED else state


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _flat(metadata: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield the metadata's texts, also those that `captureGitInfo` puts a level down."""
    for key, value in metadata.items():
        if isinstance(value, str):
            yield key.lower(), value[:200]
        elif isinstance(value, dict) and key in {"ci", "gitCommit", "revision", "git"}:
            for name in ("commitHash", "hash", "id", "sha", "commit"):
                if isinstance(value.get(name), str):
                    yield "commit", value[name][:200]


def commit_of(tests: RunReport) -> str:
    """Return the commit that a run says it is of; empty where it says none."""
    return next((tests.properties[name].strip() for name in COMMIT_NAMES if tests.properties.get(name)), "")
