"""A gate's script as a condition, held against bash, which runs the same script with each result filled in."""

from __future__ import annotations

import itertools
import subprocess

import pytest

from golive_checks.systems.ci.aggregates import alls_green, script_fails
from golive_checks.systems.ci.expressions import Moment, guesses, holds, read

RESULTS = ("success", "failure", "skipped", "cancelled")
E2E, UNIT = "${{ needs.e2e.result }}", "${{ needs.unit.result }}"
SCRIPTS = [
    f'if [ "{E2E}" != "success" ]; then exit 1; fi',
    f'if [[ "{E2E}" == "failure" || "{UNIT}" == "failure" ]]; then\n  echo no\n  exit 1\nfi\necho yes',
    f'[ "{E2E}" = success ] || exit 1',
    f'[[ "{E2E}" == "success" && "{UNIT}" == "success" ]] || exit 1',
    f'[ "{E2E}" = failure ] && exit 1\necho over',
    f'test "{E2E}" = "success"',
    f'if [ "{E2E}" = "success" ]; then exit 0; fi\nexit 1',
    f'if [ "{E2E}" = "success" ]; then\n  echo ok\nelif [ "{UNIT}" = "skipped" ]; then\n  exit 0\nelse\n  exit 3\nfi',
    f'result="{E2E}"\nif [[ $result == "success" || $result == "skipped" ]]; then exit 0; else exit 1; fi',
    f'if ! [ "{E2E}" = "success" ]; then false; fi',
    f'echo "{E2E}"',
    "exit 1",
    f'[ -n "{E2E}" ] && [ "{UNIT}" != "cancelled" ]',
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_condition_is_what_bash_does(script: str) -> None:
    tree = read(script_fails(script, {}))
    assert not guesses(tree)
    for e2e, unit in itertools.product(RESULTS, RESULTS):
        filled = script.replace(E2E, e2e).replace(UNIT, unit)
        ran = subprocess.run(["bash", "-e", "-c", filled], capture_output=True, check=False, timeout=20)
        assert holds(tree, Moment({}, needs={"e2e": e2e, "unit": unit})) is (ran.returncode != 0), (e2e, unit)


def test_the_result_in_a_variable_of_the_step() -> None:
    tree = read(script_fails('[ "$RESULT" = "success" ] || exit 1', {"RESULT": E2E}))
    assert [holds(tree, Moment({}, needs={"e2e": r})) for r in RESULTS] == [False, True, True, True]


@pytest.mark.parametrize("how", ['all(.result == "success")', '[.[]] | any(.result != "success")'])
def test_jq(how: str) -> None:
    script = f"echo '${{{{ toJSON(needs) }}}}' | jq -e '{how}'"
    tree = read(script_fails(script, {}))
    good = [r for r in RESULTS if not holds(tree, Moment({}, needs={"a": "success", "b": r}))]
    assert good == ["success"]


@pytest.mark.parametrize(
    "script",
    [f"for r in {E2E}; do check $r; done", f'./judge.sh "{E2E}"', f'case "{E2E}" in success) ;; *) exit 1;; esac'],
)
def test_what_is_not_understood_is_a_guess(script: str) -> None:
    assert guesses(read(script_fails(script, {})))


def test_alls_green() -> None:
    tree = read(alls_green({"allowed-skips": "lint", "jobs": "x"}, ("e2e", "lint")))

    def fails(e2e: str, lint: str) -> bool:
        return holds(tree, Moment({}, needs={"e2e": e2e, "lint": lint}))

    assert [fails("success", "skipped"), fails("skipped", "success"), fails("success", "failure")] == [
        False,
        True,
        True,
    ]
