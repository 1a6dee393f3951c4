"""Which commands run a spec, and all of it."""

from __future__ import annotations

import pytest

from golive_checks.systems.ci.actions import script_of
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


@pytest.mark.parametrize(
    ("line", "runs"),
    [
        ("npx cypress run", True),
        ("cypress run --browser chrome --record", True),
        ("yarn cypress run --spec cypress/e2e/loans.cy.ts", True),
        ("npx cypress run --spec 'cypress/e2e/**/*.cy.ts'", True),
        ("npx cypress run --spec=cypress/e2e/loans.cy.ts,cypress/e2e/fines.cy.ts", True),
        ("npx cypress run --spec cypress/e2e/fines.cy.ts", False),
        ("npx cypress run --component", False),
        ("npx cypress open", False),
        ("npx cypress verify", False),
        ("echo cypress run", False),
        ("npx playwright test", False),
    ],
)
def test_a_command_of_cypress(line: str, runs: bool) -> None:  # noqa: FBT001 - a table
    assert runs_it(commands(line, errexit=True, pipefail=True)[0], "cypress/e2e/loans.cy.ts") == runs


@pytest.mark.parametrize(
    ("inputs", "command"),
    [
        ({}, "cypress run"),
        ({"spec": "cypress/e2e/loans.cy.ts"}, "cypress run --spec 'cypress/e2e/loans.cy.ts'"),
        ({"component": "true"}, "cypress run --component"),
        ({"runTests": "false"}, ""),
        ({"command": "npm run e2e", "spec": "x"}, "npm run e2e"),
    ],
)
def test_cypresss_action_runs_it_unless_it_is_to_install_alone(inputs: dict[str, str], command: str) -> None:
    assert script_of("cypress-io/github-action@v6", inputs) == command
