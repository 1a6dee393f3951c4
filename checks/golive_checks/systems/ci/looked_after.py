"""Does a later step fail the job for what an earlier one, whose own failure does not count, has left behind? Pure.

    - { id: e2e, run: npx playwright test, continue-on-error: true }
    - { if: steps.e2e.outcome == 'failure', run: exit 1 }

https://docs.github.com/actions/reference/workflows-and-actions/contexts#steps-context
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from golive_checks.systems.ci.actions import may_run_tests
from golive_checks.systems.ci.aftermath import Truth, truth
from golive_checks.systems.ci.aggregates import script_fails
from golive_checks.systems.ci.client.shell import ShellCommand
from golive_checks.systems.ci.model import Job, JobStep
from golive_checks.systems.ci.worlds import DEFAULT, PULL_REQUESTS

LOOKS = re.compile(r"\bsteps\.|\benv\.|\$")
ENDS_BADLY = re.compile(r"\s*(?:echo [^\n;&|]*+[\n;]\s*)*+exit [1-9]\d*\s*")
"""A script that does nothing but fail, whatever its condition looks at."""
SCRIPTED = "actions/github-script"


def refusal(uses: str, script: str, inputs: Mapping[str, str], variables: Mapping[str, str]) -> str:
    """Return the condition, on steps before it and on the environment, under which a step ends badly."""
    if uses.startswith(f"{SCRIPTED}@"):
        text = inputs.get("script", "")
        return "" if "setFailed(" not in text else "unclear('its script')" if re.search(r"\bif\b|\?", text) else "true"
    if uses:
        looks = any("steps." in value for value in inputs.values())
        return f"unclear('{uses.partition('@')[0]}')" if looks and may_run_tests(uses) else ""
    if ENDS_BADLY.fullmatch(script):
        return "true"
    fails = (
        script_fails(script, variables, ("steps.", "env."))
        if (script and LOOKS.search(script)) or "exit" in script
        else ""
    )
    return "" if fails == "false" else fails


def looked_after(steps: list[JobStep]) -> tuple[JobStep, ...]:
    """Return the steps of a job: a failure that a later step looks at, and fails upon, does not pass unseen."""
    return tuple(_seen_to(step, steps[n + 1 :]) for n, step in enumerate(steps))


def _seen_to(step: JobStep, later: list[JobStep]) -> JobStep:
    if step.may_fail and step.key:
        left = {f"steps.{step.key}.outcome": "failure", f"steps.{step.key}.conclusion": "success"}
        match _caught(left, later):
            case "yes":
                step = replace(step, may_fail="")
            case "unclear":
                step = replace(
                    step, may_fail="", doubt=f"a later step may fail because of its outcome ({step.may_fail})"
                )
    return replace(step, commands=tuple(_written_down(command, step, later) for command in step.commands))


def _written_down(command: ShellCommand, step: JobStep, later: list[JobStep]) -> ShellCommand:
    """Look after what a script wrote down for later steps."""
    if not command.notes:
        return command
    left = {f"steps.{step.key}.{n}" if n.startswith("outputs.") else n: value for n, value in command.notes}
    match _caught(left, later):
        case "yes":
            return replace(command, swallowed="")
        case "unclear":
            return replace(
                command, swallowed="", doubt=f"a later step may fail because of what it recorded ({command.swallowed})"
            )
    return command


def _caught(left: Mapping[str, str], later: list[JobStep]) -> Truth:
    """Return whether one of the later steps ends badly."""
    found: Truth = "no"
    for step in later:
        if step.may_fail or not step.refuses:
            continue
        when = re.sub(r"^\s*\$\{\{(.*)\}\}\s*$", r"\1", step.when, flags=re.DOTALL)
        condition = f"({when}) && ({step.refuses})" if when else step.refuses
        placed = _placed(condition, left)
        ends = truth(placed)
        if ends == "yes" and (placed != condition or step.refuses == "true" != condition):
            return "yes"
        if placed != condition and (ends != "no" or "github." in condition):
            found = "unclear"
    return found


def _placed(condition: str, left: Mapping[str, str]) -> str:
    """Put values in the places of their names; those of the environment are variables to a script."""
    for name, value in left.items():
        text = "'" + value.replace("'", "''") + "'"
        condition = re.sub(rf"\b{re.escape(name)}\b", lambda _, text=text: text, condition)  # type: ignore[misc]
        if name.startswith("env."):
            condition = condition.replace(f"unclear('the variable {name.removeprefix('env.')}')", text)
    return condition


def handed_on(jobs: list[Job]) -> list[Job]:
    """Return jobs: where another one looks at an output that says how a step ended, golive cannot tell what follows."""
    return [_asked_about(job, [other for other in jobs if other is not job]) for job in jobs]


def _asked_about(job: Job, others: Iterable[Job]) -> Job:
    texts = [text for other in others for text in (other.when, *(f"{s.when} {s.fails}" for s in other.steps))]
    asked = " ".join(
        text for name, text in job.outputs.items() if any(f"needs.{job.key}.outputs.{name}" in t for t in texts)
    )
    summary = "another job looks at an output with its result"

    def opened(step: JobStep) -> JobStep:
        if not step.key or f"steps.{step.key}." not in asked:
            return step
        commands = tuple(
            replace(c, swallowed="", doubt=summary) if c.swallowed and c.notes else c for c in step.commands
        )
        soft = bool(step.may_fail)
        return replace(step, may_fail="", doubt=summary if soft else step.doubt, commands=commands)

    return replace(job, steps=tuple(map(opened, job.steps))) if asked else job


def softness(condition: str, events: Iterable[str], legs: Iterable[Mapping[str, str]]) -> Truth:
    """Work out `continue-on-error` for the branch that releases: a failure counts in one combination of the matrix."""
    legs = tuple(legs)
    if re.search(
        r"\b(?:github|inputs|vars|env|needs|steps|runner|secrets)\.(?!(?:event_name|ref|ref_name)\b)", condition
    ):
        return "unclear"
    if "matrix." in condition and not legs:
        return "unclear"
    found = set[Truth]()
    for event in events:
        values = _on_release_branch(event, condition)
        ways = {truth(_of_leg(condition, leg), values) for leg in legs or ({},)}
        found.add("no" if "no" in ways else "yes" if ways == {"yes"} else "unclear")
    return next(iter(found)) if len(found) == 1 else "unclear"


def _on_release_branch(event: str, condition: str) -> dict[str, str]:
    name = "master" if "master" in condition else DEFAULT
    if event in PULL_REQUESTS:
        return {"github.event_name": event, "github.ref": "refs/pull/1/merge", "github.ref_name": "1/merge"}
    return {"github.event_name": event, "github.ref": f"refs/heads/{name}", "github.ref_name": name}


def _of_leg(condition: str, leg: Mapping[str, str]) -> str:
    """Put the values of a combination in their places; what it has not is null."""

    def literal(found: re.Match[str]) -> str:
        value = leg.get(found[1])
        if value is None:
            return "null"
        return value if value in {"true", "false"} else "'" + value.replace("'", "''") + "'"

    return re.sub(r"\bmatrix\.([\w.-]+)", literal, condition)
