"""What a command leads to: the scripts of packages, Makefiles, shell scripts, and programs that start others. Pure.

What cannot be followed is said on the command, so that nobody takes it for a command that does nothing.
"""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from golive_checks import linear
from golive_checks.systems.ci.client.shell import SHELLS, Command, commands
from golive_checks.systems.ci.makefiles import NAMES, recipe
from golive_checks.systems.ci.repository import Package, Repository, imported, joined
from golive_checks.systems.ci.words import ALL, called, installs

MAX_NESTED = 6
LIFECYCLE = ("preinstall", "install", "postinstall", "prepare")
NOT_FOLLOWED = frozenset(
    {
        "just",
        "task",
        "moon",
        "bazel",
        "bazelisk",
        "earthly",
        "dagger",
        "gradle",
        "gradlew",
        "mvn",
        "mvnw",
        "rake",
        "rush",
    }
    | {
        "tox",
        "nox",
        "invoke",
        "ansible-playbook",
        "ssh",
        "act",
        "devbox",
        "nix",
        "mage",
        "wireit",
        "zx",
        "buildkite-agent",
    }
)
CONTAINERS = frozenset({"docker", "docker-compose", "podman", "nerdctl"})
INTERPRETERS = frozenset(
    {"node", "tsx", "ts-node", "deno", "python", "python3", "bun", "zx", "jiti", "esno", "vite-node"}
)
AFFECTED = re.compile(r"--affected|--filter=?.*\[|--since|affected")


def expanded(found: tuple[Command, ...], repo: Repository) -> tuple[Command, ...]:
    """Return commands with those that they lead to, each under the line that runs it."""
    return tuple(each for command in found for each in _followed(command, repo, MAX_NESTED))


def _followed(command: Command, repo: Repository, depth: int) -> list[Command]:
    """Return a command with what it leads to behind it, or marked where that cannot be seen."""
    if depth == 0:
        return [replace(command, unfollowed=f"what {_short(command)} leads to")]
    for how in (_of_package, _of_runner, _of_monorepo, _of_make, _of_script, _of_container):
        inner = how(command, repo, depth)
        if inner is None:
            continue
        if isinstance(inner, str):
            return [replace(command, unfollowed=inner)]
        return [command, *inner]
    return [command]


Inner = list[Command] | str | None
"""What a command leads to; why that cannot be seen; None where it is no such command."""


def _script(
    text: str, name: str, folder: str, command: Command, repo: Repository, depth: int, *, errexit: bool = False
) -> list[Command]:
    """Return the commands of a script in a folder, and of what it runs."""
    result: list[Command] = []
    for inner in commands(text, errexit=errexit, pipefail=False):
        told = replace(
            inner,
            line=command.line,
            folder=joined(folder, inner.folder),
            swallowed=command.swallowed or (inner.swallowed and f"in the script {name}: {inner.swallowed}"),
        )
        result += _followed(told, repo, depth - 1)
    return result


def _of_package(command: Command, repo: Repository, depth: int) -> Inner:
    """Follow npm, pnpm, yarn and bun into a script of package.json, and an installation into what it starts."""
    here = command.folder
    if installs(command.words):
        owner = repo.package_at(here)
        scripts = [(name, owner.scripts[name]) for name in LIFECYCLE if owner and name in owner.scripts]
        return [c for name, text in scripts for c in _script(text, name, here, command, repo, depth)] or None
    found = called(command.words)
    if not found:
        return None
    name, where, more = found
    result: list[Command] = []
    for owner in _owners(name, where, here, repo.packages):
        for step in (f"pre{name}", name, f"post{name}"):
            if text := owner.scripts.get(step):
                text = f"{text} {more}".strip() if step == name else text
                result += _script(text, step, owner.folder, command, repo, depth)
    return result or None


def _of_runner(command: Command, repo: Repository, depth: int) -> Inner:
    """Follow npm-run-all, concurrently and start-server-and-test into the scripts and commands that they are given."""
    at = next((n for n, word in enumerate(command.words[:6]) if _tool(word) in RUNNERS), None)
    if at is None:
        return None
    owner = repo.package_at(command.folder)
    texts = RUNNERS[_tool(command.words[at])](list(command.words[at + 1 :]), owner)
    return [c for text in texts for c in _script(text, text, command.folder, command, repo, depth)]


def _run_all(words: list[str], owner: Package | None) -> list[str]:
    """npm-run-all, run-s, run-p: names of scripts, with * for a part of a name."""
    texts: list[str] = []
    for word in (w for w in words if not w.startswith("-")):
        pattern = re.escape(word.partition(" ")[0]).replace(r"\*\*", ".*").replace(r"\*", "[^:]*")
        names = [name for name in (owner.scripts if owner else {}) if linear.fullmatch(pattern, name)]
        texts += [f"npm run {name}" for name in names or [word]]
    return texts


def _side_by_side(words: list[str], owner: Package | None) -> list[str]:
    """concurrently: commands, each a word; npm:NAME is a script's."""
    given = [
        w
        for n, w in enumerate(words)
        if not w.startswith("-") and (n == 0 or words[n - 1] not in {"-n", "--names", "-c"})
    ]
    return [re.sub(r"^(npm|yarn|pnpm|bun):", r"\1 run ", word) for word in given]


def _with_server(words: list[str], owner: Package | None) -> list[str]:
    """start-server-and-test: what starts the server, its address, and the test, each a script's name or a command."""
    given = [w for w in words if not w.startswith("-")]
    last = given[-1] if given else ""
    return [f"npm run {last}" if owner and last in owner.scripts else last]


RUNNERS: dict[str, Callable[[list[str], Package | None], list[str]]] = {
    **dict.fromkeys(("npm-run-all", "npm-run-all2", "run-s", "run-p"), _run_all),
    "concurrently": _side_by_side,
    **dict.fromkeys(("start-server-and-test", "server-test", "start-test", "start-server-and-test2"), _with_server),
}


def _of_monorepo(command: Command, repo: Repository, depth: int) -> Inner:
    """Follow turbo, nx and lerna into the scripts of the workspaces' packages."""
    at = next((n for n, word in enumerate(command.words[:6]) if _tool(word) in {"turbo", "nx", "lerna"}), None)
    if at is None:
        return None
    tool, words = _tool(command.words[at]), command.words[at + 1 :]
    if AFFECTED.search(command.text):
        return f"{_short(command)}, which runs only what has changed"
    tasks, project = _tasks(tool, list(words))
    if not tasks:
        return None
    tasks = _with_before(tasks, repo) if tool == "turbo" else tasks
    result: list[Command] = []
    for task in tasks:
        for owner in repo.packages:
            if (
                task in owner.scripts
                and (owner.folder or tool != "turbo")
                and project in {"", owner.name, owner.folder}
            ):
                if tool in owner.scripts[task].split()[:2]:
                    continue
                result += _script(owner.scripts[task], task, owner.folder, command, repo, depth)
        result += _of_project(task, project, command, repo, depth)
    return result or f"what {_short(command)} runs"


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


def _with_before(tasks: list[str], repo: Repository) -> list[str]:
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


def _of_project(task: str, project: str, command: Command, repo: Repository, depth: int) -> list[Command]:
    """Follow a target of Nx's project.json: its own executor for Playwright, or commands."""
    result: list[Command] = []
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
                result += _script(text, task, where, command, repo, depth)
    return result


def _of_make(command: Command, repo: Repository, depth: int) -> Inner:
    """Follow make into its Makefile."""
    if _tool(command.words[0]) not in {"make", "gmake"}:
        return None
    words = list(command.words[1:])
    where, file, targets = "", "", list[str]()
    while words:
        word = words.pop(0)
        if word in {"-C", "--directory"} and words:
            where = words.pop(0)
        elif word in {"-f", "--file"} and words:
            file = words.pop(0)
        elif word in {"-j", "-l"} and words and words[0].isdigit():
            words.pop(0)
        elif not word.startswith("-") and "=" not in word:
            targets.append(word)
    here = joined(command.folder, where)
    paths = [joined(here, name) for name in ([file] if file else NAMES)]
    text = next((t for path in paths if (t := repo.text(path)) is not None), None)
    lines = recipe(text, tuple(targets)) if text is not None else None
    if lines is None:
        return f"what {_short(command)} runs"
    return [
        c for line in lines for c in _script(line, f"of {_short(command)}", here, command, repo, depth, errexit=True)
    ]


def _of_script(command: Command, repo: Repository, depth: int) -> Inner:
    """Follow a shell script of the repository, and look into another for what it loads."""
    words = [w for w in command.words if not re.fullmatch(r"\w+=.*", w)]
    program = _tool(words[0]) if words else ""
    given = words[0]
    if program in {*SHELLS, "source", "."} | INTERPRETERS:
        given = next((w for w in words[1:] if not w.startswith("-") and w not in {"run", "test"}), "")
    here = command.folder
    path = joined(here, given) if "/" in given or "." in given else ""
    text = repo.text(path) if path else None
    if text is None:
        if path and path in repo.names and ("/" in words[0] or program in SHELLS):
            return f"the script {given[:100]}"
        return f"what {_short(command)} runs" if program in NOT_FOLLOWED and "playwright" not in command.words else None
    if re.search(r"\.(?:[cm]?[jt]s|py)$", path):
        loads = imported(text)
        inner = replace(command, words=(program, path, *loads), loads=loads)
        return f"the script {path}, which starts Playwright" if any("playwright" in each for each in loads) else [inner]
    first = text.partition("\n")[0]
    errexit = bool(re.match(r"#!.*\s-[a-z]*e", first)) or "e" in "".join(
        w for w in words[1:2] if re.fullmatch(r"-[a-z]+", w)
    )
    return _script(text, path, here, command, repo, depth, errexit=errexit)


def _of_container(command: Command, repo: Repository, depth: int) -> Inner:
    """Say that a container runs what its image or its compose file says, unless the tests are named on the line."""
    if _tool(command.words[0]) not in CONTAINERS or not {"run", "up", "exec"} & set(command.words):
        return None
    return None if "playwright" in command.words else f"what {_short(command)} runs"


def _owners(name: str, where: str, here: str, packages: tuple[Package, ...]) -> list[Package]:
    """Find the packages whose script it is: those named, else the nearest at the folder or above it."""
    having = [p for p in packages if name in p.scripts]
    if where == ALL:
        return having
    if where:
        named = re.sub(r"\.{3}|[\^{}]", "", where).strip("/").removeprefix("./").rstrip("/")
        return [p for p in having if named in {p.name, p.folder, PurePosixPath(p.folder).name, joined(here, p.folder)}]
    above = [here, *(str(p) for p in PurePosixPath(here).parents)] if here else ["."]
    for folder in above:
        if found := [p for p in having if p.folder == folder.removeprefix(".")]:
            return found
    return []


def _tool(word: str) -> str:
    """Return a program's name without its path and its version."""
    return PurePosixPath(word.partition("@")[0] or word).name


def _short(command: Command) -> str:
    return command.text[:80]
