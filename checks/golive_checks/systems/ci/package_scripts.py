"""Where npm, pnpm, yarn, bun and the runners of scripts lead: into the scripts of package.json. Pure."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from golive_checks import linear
from golive_checks.systems.ci.client.shell import ShellCommand
from golive_checks.systems.ci.nested import Nested, Script, program, shown
from golive_checks.systems.ci.repository import Package, RepositoryFiles, joined
from golive_checks.systems.ci.words import ALL, called, installs, of_node

LIFECYCLE = ("preinstall", "install", "postinstall", "prepare")
"""What an installation runs of the project's own scripts (docs.npmjs.com/cli/using-npm/scripts)."""


def of_package(command: ShellCommand, repo: RepositoryFiles) -> Nested:
    """Follow npm, pnpm, yarn and bun into a script of package.json, and an installation into what it starts."""
    here = command.folder
    if installs(command.words):
        owner = repo.package_at(here)
        scripts = [(name, owner.scripts[name]) for name in LIFECYCLE if owner and name in owner.scripts]
        return [Script(text, name, here) for name, text in scripts] or None
    found = of_node(command.words) or called(command.words)
    if not found:
        return None
    name, where, more = found
    result: list[Script | ShellCommand] = []
    for owner in _owners(name, where, here, repo.packages):
        for step in (f"pre{name}", name, f"post{name}"):
            if text := owner.scripts.get(step):
                text = f"{text} {more}".strip() if step == name else text
                result.append(Script(text, step, owner.folder))
    return result or None


def of_runner(command: ShellCommand, repo: RepositoryFiles) -> Nested:
    """Follow npm-run-all, concurrently and start-server-and-test into the scripts and commands that they are given."""
    at = next((n for n, word in enumerate(command.words[:6]) if program(word) in RUNNERS), None)
    if at is None:
        return None
    if program(command.words[at]) == "concurrently" and (ends := ENDS_AS.search(command.text)) and ends[1] not in ALONE:
        return f"what {shown(command)} ends with"
    owner = repo.package_at(command.folder)
    texts = RUNNERS[program(command.words[at])](list(command.words[at + 1 :]), owner)
    return [Script(text, text, command.folder) for text in texts]


ENDS_AS = re.compile(r" (?:-s|--success)[ =]([\w!-]+)")
ALONE = {"all", "first"}
"""With these concurrently fails where the command that ends first has failed."""


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
