"""The files of the repository that a job's commands lead into: packages, Makefiles, scripts, compose files. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from golive import shortened

READ = re.compile(
    r"(?:^|/)(?:GNUmakefile|[Mm]akefile|turbo\.jsonc?|project\.json|[^/]*compose[^/]*\.ya?ml|[^/]*Dockerfile[^/]*|[^/]+\.(?:sh|bash))$"
    r"|\.github/workflows/[^/]+\.ya?ml$|(?:^|/)action\.ya?ml$|(?:^|/)playwright[^/]*\.config\.[cm]?[jt]s$|(?:^|/)pnpm-workspace\.yaml$|gitlab-ci\.ya?ml$|^\.gitlab/.+\.ya?ml$"
)
"""What says which commands are run, and by which browsers."""
PNPM_PACKAGES = re.compile(r"^[ \t]*-[ \t]+[\"']?([^\s\"'#]+)", re.MULTILINE)
"""https://pnpm.io/pnpm-workspace_yaml: its one list of the usual kind is `packages`."""
PROGRAM = re.compile(r"(?<![\w@./-])/*+([\w@.-][\w@./-]*\.(?:[cm]?[jt]s|py))\b")
WORD = re.compile(r"[\w@./*-]+")
IMPORTED = re.compile(
    r"(?:\bfrom\s*+|\bimport\s*+(?:\(\s*+)?|\brequire\(\s*+|\b(?:spawn|exec|execa|execFile)(?:Sync)?\(\s*+|\$`\s*+)[\"'`]?(?:npx\s++)?(@?[\w./-]+)"
)


@dataclass(frozen=True)
class Package:
    """A package.json: where it lies, what it depends on, and its scripts."""

    folder: str
    name: str = ""
    dependencies: Mapping[str, str] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)
    engines: Mapping[str, str] = field(default_factory=dict)
    workspaces: tuple[str, ...] = ()
    """Patterns of the folders of its workspaces' packages."""
    manager: str = ""
    """The package manager that it names with its version, such as yarn@4.9.1 (packageManager)."""


@dataclass(frozen=True)
class RepositoryFiles:
    """What of a checkout's files was read, by their paths, and which others there are."""

    packages: tuple[Package, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()

    def text(self, path: str) -> str | None:
        """Return a file's text."""
        return self.texts.get(path)

    def workspaces_of(self, owner: Package) -> list[Package]:
        """Return the packages of a package's workspaces, as package.json or pnpm-workspace.yaml name them."""
        listed = PNPM_PACKAGES.findall(self.text(joined(owner.folder, "pnpm-workspace.yaml")) or "")
        patterns = [joined(owner.folder, each) for each in (*owner.workspaces, *listed) if not each.startswith("!")]
        return [p for p in self.packages if p is not owner and _fits(p.folder, patterns)]

    def package_at(self, folder: str) -> Package | None:
        """Return the package of a folder, or of the nearest above it."""
        by_folder = {package.folder: package for package in self.packages}
        above = [folder, *(str(p).removeprefix(".") for p in PurePosixPath(folder).parents)] if folder else [""]
        return next((by_folder[each] for each in above if each in by_folder), None)


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
        shortened(str(found.get("name", "")), 200),
        _texts(found.get("dependencies")) | _texts(found.get("devDependencies")),
        _texts(found.get("scripts")),
        _texts(found.get("engines")),
        _workspaces(found.get("workspaces")),
        shortened(str(found.get("packageManager", "")), 200),
    )


def _workspaces(value: Any) -> tuple[str, ...]:
    """Read npm's and yarn's list, or yarn's object of it."""
    listed = value.get("packages") if isinstance(value, dict) else value
    return tuple(str(each) for each in listed) if isinstance(listed, list) else ()


def _texts(value: Any) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}


def programs_named(texts: list[str]) -> frozenset[str]:
    """Return the base names of the scripts that some texts name, such as bench.mjs."""
    return frozenset(PurePosixPath(name).name for text in texts for name in PROGRAM.findall(text))


def included(texts: Iterable[str], there: Iterable[str]) -> list[str]:
    """Return the YAML files of the repository that some texts name; `*` is a part of a name, as in GitLab's `local`."""
    named = {w.lstrip("/") for text in texts for w in WORD.findall(text) if w.endswith((".yml", ".yaml"))}
    open_names = [name for name in named if "*" in name]
    return [n for n in there if n in named or (n.endswith((".yml", ".yaml")) and _fits(n, open_names))]


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def imported(text: str) -> tuple[str, ...]:
    """Return the packages and programs that a script loads or starts."""
    return tuple(dict.fromkeys(IMPORTED.findall(text)))


def joined(*parts: str) -> str:
    """Join folders as `cd` does; empty is where it starts."""
    result: list[str] = []
    for part in "/".join(p for p in parts if p).split("/"):
        if part == "..":
            result = result[:-1]
        elif part not in {"", "."}:
            result.append(part)
    return "/".join(result)
