"""Where turbo, nx and lerna lead: into the scripts and targets of a workspace's packages. Pure."""

import json
import re
from pathlib import PurePosixPath
from typing import Any

from golive_checks.systems.ci.client.shell import ShellCommand
from golive_checks.systems.ci.nested import Nested, Script, program, shown
from golive_checks.systems.ci.repository import RepositoryFiles, joined

AFFECTED = re.compile(r"--affected|--filter=?.*\[|--since|affected")
"""What limits a run to the packages that a change touches."""


def of_monorepo(command: ShellCommand, repo: RepositoryFiles) -> Nested:
    """Follow turbo, nx and lerna into the scripts of the workspaces' packages."""
    at = next((n for n, word in enumerate(command.words[:6]) if program(word) in {"turbo", "nx", "lerna"}), None)
    if at is None:
        return None
    tool, words = program(command.words[at]), command.words[at + 1 :]
    if {"--dry-run", "--dry", "--graph"} & {word.partition("=")[0] for word in words}:
        return None  # it runs none of them
    if AFFECTED.search(command.text):
        return f"{shown(command)}, which runs only what has changed"
    tasks, project = _tasks(tool, list(words))
    if not tasks:
        return None
    tasks = _with_before(tasks, repo) if tool == "turbo" else tasks
    result: list[Script | ShellCommand] = []
    for task in tasks:
        for owner in repo.packages:
            if (
                task in owner.scripts
                and (owner.folder or tool != "turbo")
                and project in {"", owner.name, owner.folder}
            ):
                if tool in owner.scripts[task].split()[:2]:
                    continue
                result.append(Script(owner.scripts[task], task, owner.folder))
        result += _of_project(task, project, repo)
    return result or f"what {shown(command)} runs"


def _tasks(tool: str, words: list[str]) -> tuple[list[str], str]:
    """Return the tasks, and the project where one is named."""
    own = words[: words.index("--")] if "--" in words else words
    plain, project = [w for w in own if not w.startswith("-")], ""
    named = next((own[n + 1] for n, w in enumerate(own[:-1]) if w in {"-t", "--target", "--targets"}), "")
    named = named or next((w.partition("=")[2] for w in own if re.match(r"--targets?=|-t=", w)), "")
    if filtered := next(
        (w.partition("=")[2] for w in own if w.startswith(("--filter=", "--project=", "--projects="))), ""
    ):
        project = filtered.strip("./{}").rstrip(".")
    if tool == "nx" and plain[:1] == ["run"] and len(plain) > 1:
        project, _, task = plain[1].partition(":")
        return [task.partition(":")[0]], project
    if tool == "nx" and plain and plain[0] != "run-many":
        return [plain[0]], plain[1] if len(plain) > 1 else ""
    if named:
        return named.split(","), project
    return [w for w in plain if w not in {"run", "run-many"}], project


def _with_before(tasks: list[str], repo: RepositoryFiles) -> list[str]:
    """Add the tasks that turbo.json runs before those."""
    try:
        read = json.loads(re.sub(r"^[ \t]*//.*$", "", repo.text("turbo.json") or "{}", flags=re.MULTILINE))
    except (ValueError, RecursionError):
        return tasks
    known: dict[str, Any] = read.get("tasks") or read.get("pipeline") or {} if isinstance(read, dict) else {}
    result: list[str] = []
    for task in tasks:
        before = known.get(task, {}).get("dependsOn", []) if isinstance(known.get(task), dict) else []
        result += [b for b in before if isinstance(b, str) and not b.startswith(("^", "$")) and b not in result]
        result.append(task)
    return result


def _of_project(task: str, project: str, repo: RepositoryFiles) -> list[Script]:
    """Follow a target of Nx's project.json: its own executor for Playwright, or commands."""
    result: list[Script] = []
    for path, found in repo.texts.items():
        if not path.endswith("project.json"):
            continue
        try:
            read = json.loads(found)
            target = read.get("targets", {}).get(task) or {}
        except (ValueError, AttributeError, RecursionError):
            continue
        where = joined(str(PurePosixPath(path).parent))
        if not isinstance(target, dict) or project not in {"", str(read.get("name", "")), where}:
            continue
        given = target.get("options")
        options: dict[str, Any] = given if isinstance(given, dict) else {}
        lines = [target.get("command"), options.get("command"), *(options.get("commands") or [])]
        lines += ["playwright test"] if str(target.get("executor", "")).endswith("playwright:playwright") else []
        for line in lines:
            text = line.get("command") if isinstance(line, dict) else line
            if isinstance(text, str):
                result.append(Script(text, task, where))
    return result
