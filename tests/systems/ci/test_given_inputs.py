"""What a workflow hands to an action of its own, or to a workflow that it calls."""

from __future__ import annotations

from golive_checks.systems.ci.github import read_github
from golive_checks.systems.ci.repository import RepositoryFiles

ACTION = """inputs:
  node: { default: '22' }
  command: { required: true }
runs:
  using: composite
  steps:
    - uses: actions/setup-node@v6
      with: { node-version: '${{ inputs.node }}' }
    - run: ${{ inputs.command }} --forbid-only
      shell: bash
"""


def test_an_action_is_read_with_its_inputs() -> None:
    repo = RepositoryFiles(texts={".github/actions/suite/action.yml": ACTION})
    text = """on: push
jobs:
  e2e:
    steps:
      - uses: ./.github/actions/suite
        with: { command: npx playwright test }
      - uses: ./.github/actions/suite
        with: { command: 'true', node: '${{ matrix.node }}' }
"""
    steps = read_github("ci.yml", text, repo).jobs[0].steps
    assert [step.inputs.get("node-version") for step in steps] == ["22", None, "${{ matrix.node }}", None]
    assert [c.text for step in steps for c in step.commands] == [
        "npx playwright test --forbid-only",
        "true --forbid-only",
    ]


def test_a_called_workflow_is_read_with_its_inputs() -> None:
    called = """on:
  workflow_call:
    inputs: { suite: { type: string, default: e2e/all }, full: { type: boolean, default: true } }
jobs:
  tests:
    if: inputs.full
    steps: [{ run: 'npx playwright test ${{ inputs.suite }}' }]
"""
    caller = "on: push\njobs: { a: { uses: ./.github/workflows/x.yml, with: { suite: e2e/refunds } } }"
    job = read_github("ci.yml", caller, RepositoryFiles(texts={".github/workflows/x.yml": called})).jobs[0]
    assert (job.when, job.steps[0].commands[0].text) == ("true", "npx playwright test e2e/refunds")
