"""What a job's commands lead to, however deep: each command, and those that it starts, in the order they run. Pure.

What cannot be followed is marked on the command, so that nobody takes it for a command that does nothing.
"""

import re
from dataclasses import replace

from golive import Unavailable
from golive_checks.systems.ci.aftermath import script_commands
from golive_checks.systems.ci.client.shell import ShellCommand
from golive_checks.systems.ci.compose import of_container
from golive_checks.systems.ci.monorepos import of_monorepo
from golive_checks.systems.ci.nested import Script, shown
from golive_checks.systems.ci.package_scripts import of_package, of_runner
from golive_checks.systems.ci.programs import of_build, of_make, of_script
from golive_checks.systems.ci.repository import RepositoryFiles, joined
from golive_checks.systems.ci.words import called

MAX_NESTED = 6
OPEN = re.compile(r"\$\{?\w|EXPRESSION|MATRIX\.")
"""A variable, or an expression of the platform's."""
WAYS = (of_package, of_runner, of_monorepo, of_make, of_script, of_build, of_container)
"""Tried in this order; the first that knows the command decides."""


def expanded(found: tuple[ShellCommand, ...], repo: RepositoryFiles) -> tuple[ShellCommand, ...]:
    """Return commands with those that they lead to, each under the line that runs it."""
    return tuple(each for command in found for each in _followed(command, repo, MAX_NESTED))


def _followed(command: ShellCommand, repo: RepositoryFiles, depth: int) -> list[ShellCommand]:
    """Return a command with what it leads to behind it, or marked where that cannot be seen."""
    if depth == 0:
        return [replace(command, unfollowed=f"what {shown(command)} leads to")]
    for way in WAYS:
        nested = way(command, repo)
        if nested is None:
            continue
        if isinstance(nested, str):
            return [replace(command, unfollowed=nested)]
        try:
            inner = [
                c
                for each in nested
                for c in (_opened(each, command, repo, depth) if isinstance(each, Script) else [each])
            ]
        except Unavailable as gap:  # a script that is longer, or nested deeper, than golive follows
            return [replace(command, unfollowed=f"what {shown(command)} runs: {gap.reason}")]
        return [command, *inner]
    return [replace(command, unfollowed=f"what {shown(command)} runs") if _is_open(command) else command]


def _is_open(command: ShellCommand) -> bool:
    """Return whether only a run of CI says what a command is, or which script of package.json it runs."""
    if "playwright" in command.text or command.words[:1] in {("echo",), ("printf",)}:
        return False
    named = called(command.words)
    return bool(OPEN.match(command.words[0]) or (named and OPEN.match(named[0])))


def _opened(script: Script, command: ShellCommand, repo: RepositoryFiles, depth: int) -> list[ShellCommand]:
    """Return the commands of a script, and what they lead to, under the line of the command that runs it."""
    result: list[ShellCommand] = []
    for inner in script_commands(script.text, errexit=script.errexit, pipefail=False):
        placed = replace(
            inner,
            line=command.line,
            folder=joined(script.folder, inner.folder),
            swallowed=command.swallowed or (inner.swallowed and f"in the script {script.name}: {inner.swallowed}"),
            doubt=command.doubt or (inner.doubt and f"in the script {script.name}: {inner.doubt}"),
            notes=command.notes if command.swallowed else inner.notes,
            variables=tuple({**dict(command.variables), **dict(inner.variables)}.items()),
        )
        result += _followed(placed, repo, depth - 1)
    return result
