"""What `npm run e2e` stands for: the scripts of package.json, run by npm, pnpm, yarn or bun."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from golive_checks.systems.ci.client.shell import Command, commands

MANAGERS = {"npm", "pnpm", "yarn", "bun"}
SHORT = {"test", "t", "start", "stop", "restart"}
"""What npm runs without `run`."""
WITH_VALUE = {"-w", "--workspace", "--filter", "-F", "--prefix", "-C", "--dir", "--cwd"}
EVERYWHERE, ALL = {"--workspaces", "-ws", "-r", "--recursive"}, "*"
BEFORE_NAME = {"run": 1, "run-script": 1, "workspace": 2}
"""How many words stand before a script's name; elsewhere it is the first."""
MAX_NESTED = 5


@dataclass(frozen=True)
class Package:
    """A package.json: where it lies, what it depends on, and its scripts."""

    folder: str
    name: str = ""
    dependencies: Mapping[str, str] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)
    engines: Mapping[str, str] = field(default_factory=dict)


def package(folder: str, text: str) -> Package | None:
    """Read a package.json; None where it is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return Package(
        folder,
        str(found.get("name", ""))[:200],
        _texts(found.get("dependencies")) | _texts(found.get("devDependencies")),
        _texts(found.get("scripts")),
        _texts(found.get("engines")),
    )


def _texts(value: Any) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}


def expanded(found: tuple[Command, ...], folder: str, packages: tuple[Package, ...]) -> tuple[Command, ...]:
    """Return commands with those of the scripts that they run, each under the line that runs it."""
    result: list[Command] = []
    for command in found:
        result += [command, *_nested(command, folder, packages, MAX_NESTED)]
    return tuple(result)


def _nested(command: Command, folder: str, packages: tuple[Package, ...], depth: int) -> list[Command]:
    called = _called(command.words)
    if not called or depth == 0:
        return []
    name, where, more = called
    here = _joined(folder, command.folder)
    result: list[Command] = []
    for owner in _owners(name, where, here, packages):
        result += _inner(owner, name, more, command, packages, depth)
    return result


def _inner(
    owner: Package, name: str, more: str, command: Command, packages: tuple[Package, ...], depth: int
) -> list[Command]:
    """Return the commands of a package's script, and of those that it runs."""
    script = f"{owner.scripts[name]} {more}".strip()
    result: list[Command] = []
    for inner in commands(script, errexit=False, pipefail=False):  # npm starts `sh -c`
        told = replace(
            inner,
            line=command.line,
            folder=_joined(owner.folder, inner.folder) if owner.folder else inner.folder,
            swallowed=command.swallowed or (inner.swallowed and f"in the script {name}: {inner.swallowed}"),
        )
        result += [told, *_nested(replace(told, folder=inner.folder), owner.folder, packages, depth - 1)]
    return result


def _called(words: tuple[str, ...]) -> tuple[str, str, str] | None:
    """Return the script that a package manager is told to run, the package it is told to look in, and what follows."""
    manager = next((n for n, word in enumerate(words[:6]) if word in MANAGERS), None)
    if manager is None:
        return None
    where, plain, more = _parted(words[manager], list(words[manager + 1 :]))
    if plain[:1] == ["workspace"] and len(plain) > 2:  # noqa: PLR2004 - yarn workspace NAME SCRIPT
        where, plain = plain[1], plain[2:]
    run = plain[:1] in (["run"], ["run-script"])
    name = "".join(plain[1:2] if run else plain[:1])
    if not name or (words[manager] == "npm" and not run and name not in SHORT):
        return None
    return ("test" if name == "t" else name), where, " ".join(more)


def _parted(manager: str, rest: list[str]) -> tuple[str, list[str], list[str]]:
    """Part a manager's words into the package it is told to look in, words of its own, and those for the script."""
    where, plain, more = "", list[str](), list[str]()
    while rest:
        word = rest.pop(0)
        if word == "--":
            more += rest
            break
        named = plain and len(plain) > BEFORE_NAME.get(plain[0], 0)
        if named and (manager != "npm" or not word.startswith("-")):
            more.append(word)  # npm alone looks for options of its own behind the name
        elif word in EVERYWHERE:
            where = ALL
        elif word in WITH_VALUE and rest:
            where = rest.pop(0)
        elif re.match(r"--(?:workspace|filter|prefix|dir|cwd)=", word):
            where = word.partition("=")[2]
        elif not word.startswith("-"):
            plain.append(word)
    return where, plain, more


def _owners(name: str, where: str, here: str, packages: tuple[Package, ...]) -> list[Package]:
    """Find the packages whose script it is: those named, else the nearest at the folder or above it."""
    having = [p for p in packages if name in p.scripts]
    if where == ALL:
        return having
    if where:
        named = where.strip("./{}").rstrip(".")
        return [p for p in having if named in {p.name, p.folder, PurePosixPath(p.folder).name}]
    above = [here, *(str(p) for p in PurePosixPath(here).parents)] if here else ["."]
    for folder in above:
        if found := [p for p in having if p.folder == folder.removeprefix(".")]:
            return found
    return []


def _joined(*parts: str) -> str:
    """Join folders as `cd` does; empty is where it starts."""
    result: list[str] = []
    for part in "/".join(p for p in parts if p).split("/"):
        if part == "..":
            result = result[:-1]
        elif part not in {"", "."}:
            result.append(part)
    return "/".join(result)
