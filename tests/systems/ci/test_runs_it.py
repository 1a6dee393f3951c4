"""Which commands run a spec, and all of it."""

from __future__ import annotations

import pytest

from golive_checks.systems.ci.client.shell import commands
from golive_checks.systems.ci.suites import only_some, runs_it


@pytest.mark.parametrize(
    ("line", "runs", "some"),
    [
        ("npx playwright test", True, ""),
        ("npx playwright test refunds", True, ""),
        ("npx playwright test checkout", False, ""),
        ("npx playwright test $SPECS", True, "$SPECS"),
        ('npx playwright test "${SPECS}"', True, "${SPECS}"),
        ("npx playwright test -g vat", True, "-g"),
    ],
)
def test_a_command(line: str, runs: bool, some: str) -> None:  # noqa: FBT001 - a table
    command = commands(line, errexit=True, pipefail=True)[0]
    assert (runs_it(command, "e2e/refunds.spec.ts"), only_some(command)) == (runs, some)
