"""Which file holds an environment's variables, which file is its example, and which variables they name."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from golive_checks.init.tree import ENVIRONMENTS, EXAMPLES, NOT_DEPLOYED, SeenInFile, Tree, folder_of, words
from golive_checks.systems.env.client.dotenv import bindings

NAME = r"\.env(?:\.[\w-]+)*|[\w-]+\.env(?:\.(?:example|sample|template|dist))?|env\.(?:example|sample|template)"
MODES = re.compile(r"(?:NODE|APP|RAILS|RACK|FLASK|DJANGO|ENV|GO|GIN)?_?(?:ENV|ENVIRONMENT|MODE)")
LOCAL_MODES = {"development", "dev", "local", "test", "debug"}
LOCAL = re.compile(r"(?:://|@|^)(?:[^/@\s]*@)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d+)?(?:/|$)")
EVERY_ADDRESS = re.compile(r"0\.0\.0\.0(?::\d+)?")
"""What a server in a container listens on, HOST=0.0.0.0: no sign of a developer's machine."""
BROWSER = ("NEXT_PUBLIC_", "VITE_", "NUXT_PUBLIC_", "PUBLIC_", "REACT_APP_")
"""What bundlers put into what browsers load, by the beginning of its name."""


@dataclass(frozen=True)
class Env:
    """An app's variables: its env file, the example beside it, either of them empty where it was not seen.

    `developers` says by what sign the file is a developer's own and not that of an environment.
    """

    path: str
    example: str
    values: Mapping[str, str]
    developers: str = ""

    @property
    def folder(self) -> str:
        """The folder that both are in."""
        return folder_of(self.path or self.example)


def envs(tree: Tree) -> tuple[Env, ...]:
    """Pair each folder's env file for this environment with its own example."""
    by_folder: dict[str, list[str]] = {}
    for file in tree.called(NAME):
        if tree.in_product(file):
            by_folder.setdefault(folder_of(file), []).append(file)
    return tuple(env for files in by_folder.values() for env in _pair(tree, files))


def _pair(tree: Tree, files: list[str]) -> Iterator[Env]:
    real = sorted((f for f in files if _is_real(tree, f)), key=lambda f: (PurePosixPath(f).name == ".env", f))
    examples = [f for f in files if _is_example(tree, f) and tree.text(f).strip()]
    own = words(tree.environment) | _family(tree)
    real = [f for f in real if words(PurePosixPath(f).name) & own] or real
    if not real and examples:
        yield Env("", min(examples, key=len), _values(tree, min(examples, key=len)))
    for file in real:
        values = _values(tree, file)
        exact = [f for f in examples if words(PurePosixPath(f).name) - EXAMPLES == words(PurePosixPath(file).name)]
        shared = [f for f in examples if not words(PurePosixPath(f).name) - EXAMPLES - {"env", ""}]
        says_so = words(PurePosixPath(file).name) & own  # `.env.production` is production's, whatever it holds
        yield Env(file, next(iter([*exact, *shared]), ""), values, "" if says_so else _developers(values))


def _family(tree: Tree) -> frozenset[str]:
    mine = words(tree.environment)
    return frozenset(word for family in ENVIRONMENTS if family & mine for word in family)


def _is_real(tree: Tree, file: str) -> bool:
    """Return whether a name is that of an app's or this environment's own file: `.env`, `.env.staging`, `api.env`."""
    parts = words(PurePosixPath(file).name)
    if parts & (NOT_DEPLOYED | tree.others()) or not tree.text(file).strip():
        return False
    rest = parts - {"env", ""} - words(tree.environment) - _family(tree)
    return not rest or not PurePosixPath(file).name.startswith(".")


def _is_example(tree: Tree, file: str) -> bool:
    """Return whether a file is an example of such a one: `.env.test.example` is none."""
    parts = words(PurePosixPath(file).name)
    return bool(parts & EXAMPLES) and not parts & (NOT_DEPLOYED - EXAMPLES | tree.others())


def _values(tree: Tree, file: str) -> dict[str, str]:
    return {each.name: (each.value or "").strip() for each in bindings(tree.text(file)) if each.name}


def _developers(values: Mapping[str, str]) -> str:
    """Say by what sign a file is a developer's own; empty where there is none."""
    for name, value in values.items():
        if MODES.fullmatch(name) and value.lower() in LOCAL_MODES:
            return f"it sets {name} to a developer's mode"
        if LOCAL.search(value) and not EVERY_ADDRESS.fullmatch(value):
            return f"its {name} is an address of one's own machine"
    return ""


def variables(tree: Tree) -> dict[str, str]:
    """Return the names that any env file or example of the product has, each with the first file that has it."""
    found: dict[str, str] = {}
    for file in tree.called(NAME):
        if tree.in_product(file):
            for name in _values(tree, file):
                found.setdefault(name, file)
    return found


def first(found: Mapping[str, str], *names: str) -> SeenInFile | None:
    """Return the first of some variables that is named; a name that ends in _ is a beginning."""
    for wanted in names:
        for name, file in found.items():
            if name == wanted or (wanted.endswith("_") and name.startswith(wanted)):
                return SeenInFile(name, file)
    return None
