"""Where npm, pnpm, yarn, bun and the runners of scripts lead: into the scripts of package.json. Pure."""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
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
        owners = [owner, *repo.workspaces_of(owner)] if owner else []
        scripts = [(each, name) for each in owners for name in LIFECYCLE if name in each.scripts]
        return [Script(each.scripts[name], name, each.folder) for each, name in scripts] or None
    found = of_node(command.words) or called(command.words)
    if not found:
        return None
    name, where, more = found
    result: list[Script | ShellCommand] = []
    having = _owners(name, where, here, repo.packages)
    if having is None:
        return f"what {shown(command)} runs"
    for owner in having:
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


def _selected(wanted: list[str], here: str, packages: tuple[Package, ...]) -> list[Package] | None:
    """Return the packages that selectors name, by name or folder, `*` included; without those behind a `!`.

    https://pnpm.io/filtering
    """
    if any("[" in each for each in wanted):  # what has changed since a commit
        return None
    given = [re.sub(r"\.{3}|[\^{}]", "", each) for each in wanted]
    out = {id(p) for each in given if each.startswith("!") for p in packages if _is_meant(each[1:], here, p)}
    asked = [each for each in given if not each.startswith("!")]
    found = [p for p in packages if not asked or any(_is_meant(each, here, p) for each in asked)]
    if not found and any(set(each) & set("*{") or "..." in each for each in wanted):
        return None
    return [p for p in found if id(p) not in out]


def _is_meant(selector: str, here: str, package: Package) -> bool:
    base = PurePosixPath(package.folder).name
    names = {package.name, package.name.rpartition("/")[2], base, package.folder, joined(here, package.folder)}
    folder = joined(here, selector) or "."
    return bool(selector) and (
        any(fnmatchcase(name, selector.rstrip("/")) for name in names if name)
        or fnmatchcase(package.folder or ".", folder)
    )


RUNNERS: dict[str, Callable[[list[str], Package | None], list[str]]] = {
    **dict.fromkeys(("npm-run-all", "npm-run-all2", "run-s", "run-p"), _run_all),
    "concurrently": _side_by_side,
    **dict.fromkeys(("start-server-and-test", "server-test", "start-test", "start-server-and-test2"), _with_server),
}


def _owners(name: str, where: tuple[str, ...], here: str, packages: tuple[Package, ...]) -> list[Package] | None:
    """Find the packages whose script it is: those named, else the nearest at the folder or above it.

    None: which are meant is only known as CI runs, or golive finds none of that pattern.
    """
    having = [p for p in packages if name in p.scripts]
    wanted = [each for each in where if each != ALL]
    if where and not wanted:  # in all of them: pnpm and npm leave the root out, yarn the one that asks
        return [p for p in having if p.folder] or having
    if wanted:
        chosen = _selected(wanted, here, packages)
        return None if chosen is None else [p for p in chosen if name in p.scripts]
    above = [here, *(str(p) for p in PurePosixPath(here).parents)] if here else ["."]
    for folder in above:
        if found := [p for p in having if p.folder == folder.removeprefix(".")]:
            return found
    return []
