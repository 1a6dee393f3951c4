"""What a whole run of the tests is held to."""

from __future__ import annotations

import gc
import os
import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

SECOND_LOOK = "second look"
"""The property of a test that looked twice: what it saw at first."""
SECOND_LOOKS_ALLOWED = 5
"""In one run. A test that takes the better of two answers passes though golive is wrong half the time."""

EVERYTHING = os.environ.get("GOLIVE_ALL") == "1"
"""`make test-all`: tests with the mark `long` run as well."""

LONGEST = (
    "test_matrix_demo",
    "test_matrix_real",
    "test_production",
    "test_endings",
    "test_one_section",
    "test_run",
    "test_prisma_cli",
    "test_interrupted",
    "test_servers",
    "test_tools",
)
"""Modules that go first: at the end, one of them would keep one worker busy and the others waiting."""

second_looks = pytest.StashKey[set[str]]()


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # With nohup or & the parent ignores it, and what tests start would as well, whatever they mean to try.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.disable()  # until all is collected, which makes a million objects and drops hardly any
    config.stash[second_looks] = set()
    config.pluginmanager.register(_SecondLooks(config), "second-looks")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave long tests to `make test-all`, where pytest counts them as deselected; begin with the longest modules."""
    if not EVERYTHING and (left := [item for item in items if item.get_closest_marker("long")]):
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


def pytest_collection_finish() -> None:
    """Collect what was imported and collected once, not again with every look: golive's own process does likewise."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000)


def pytest_report_header() -> str:
    return f"long tests, marked so: {'run here' if EVERYTHING else 'deselected, left to make test-all'}"


class _SecondLooks:
    """Counts them where the reports of all workers arrive."""

    def __init__(self, config: pytest.Config) -> None:
        self.seen = config.stash[second_looks]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.seen.update(str(value) for name, value in report.user_properties if name == SECOND_LOOK)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if len(self.seen) > SECOND_LOOKS_ALLOWED and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        if self.seen:
            terminalreporter.section(f"second looks: {len(self.seen)}, {SECOND_LOOKS_ALLOWED} allowed", yellow=True)
            for each in sorted(self.seen):
                terminalreporter.write_line(each)
