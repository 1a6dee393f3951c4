"""What in a job brings a release out, and does it come before the suite that is run in the same job?"""

import re

from golive_checks.systems.ci.client.shell import ShellCommand
from golive_checks.systems.ci.expressions import asks_status
from golive_checks.systems.ci.model import Job, JobStep
from golive_checks.systems.ci.nested import program
from golive_checks.systems.ci.suites import Runs, runs_playwright

SHIPS = re.compile(r"(?i)\bdeploy|\brollout\b|\bpromote\b|\bansible-playbook\b|\bkamal\b")
"""What commands and actions that release say."""
SHIPS_BY = {
    "aws": {"sync", "update-service", "update-function-code"},
    "cap": {"production"},
    "git": {"heroku", "dokku"},
    "helm": {"upgrade", "install"},
    "kubectl": {"apply", "set", "replace"},
    "pulumi": {"up"},
    "terraform": {"apply"},
    "tofu": {"apply"},
    "vercel": {"--prod"},
}
"""Programs that release where one of these words is among theirs."""
SPEAKS = frozenset({"echo", "printf", "cd", "ls", "cat", "test", "mkdir", "curl", "sleep", "git"})
LETS_GO = re.compile(r"\balways\(|!\s*cancelled\(")
LOOKS = re.compile(r"\bsuccess\(|\.outcome\b|\.conclusion\b")


def ships_before(job: Job, run: Runs) -> int | None:
    """Return the line on which a job releases before its suite runs, where nothing behind the suite releases."""
    before, behind = _parted(job, run)
    return before[0][1] if before and not behind else None


def ships_anyway(job: Job, run: Runs) -> bool:
    """Return whether a step behind the suite releases although that has failed."""
    _, behind = _parted(job, run)
    return any(
        asks_status(step.when) and LETS_GO.search(step.when) and not LOOKS.search(step.when) for step, _ in behind
    )


def only_tests(job: Job, run: Runs) -> bool:
    """Return whether a job does nothing behind its suite that may release, and nothing before it that does."""
    before, behind = _parted(job, run)
    at = job.steps.index(run.step)
    rest = [c for step in job.steps[at + 1 :] for c in step.commands if c.words[:1] and c.words[0] not in SPEAKS]
    return not before and not behind and not rest


def _parted(job: Job, run: Runs) -> tuple[list[tuple[JobStep, int]], list[tuple[JobStep, int]]]:
    """Return what releases before the suite and behind it, each with its line."""
    before, behind, there = list[tuple[JobStep, int]](), list[tuple[JobStep, int]](), False
    for step in job.steps:
        if step.uses and not step.commands and SHIPS.search(step.uses.partition("@")[0]):
            (behind if there else before).append((step, step.line))
        for command in step.commands:
            if command is run.command:
                there = True
            elif _ships(command):
                (behind if there else before).append((step, command.line))
    return before, behind


def _ships(command: ShellCommand) -> bool:
    words = command.words
    if words[:1] in {("echo",), ("printf",)} or runs_playwright(command):
        return False
    by_program = any(SHIPS_BY.get(program(word), set()) & set(words[n + 1 :]) for n, word in enumerate(words[:4]))
    return by_program or bool(SHIPS.search(command.text))
