"""The files of a repository that golive init reads: bounded, without what tools made, and what each is meant for."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from golive import Unavailable
from golive_checks.systems.machine.client.yamlnodes import documents

SKIPPED = {"node_modules", "vendor", "dist", "build", "coverage", "target", "__pycache__", "venv", "bower_components"}
MAX_DEPTH = 8
MAX_FILES = 50_000
MAX_BYTES = 1_000_000
EXAMPLES = frozenset({"example", "sample", "template", "templates", "tmpl", "tpl", "dist", "default", "defaults"})
TESTS = frozenset(
    {"test", "tests", "testing", "testdata", "e2e", "spec", "specs", "cypress", "playwright", "storybook"}
)
SHOWN = frozenset(
    {"examples", "samples", "demo", "demos", "doc", "docs", "fixtures", "mocks", "tutorial", "devcontainer"}
)
DEVELOPERS = frozenset({"dev", "devel", "develop", "development", "local", "localhost", "ci", "mock", "fixture"})
NOT_DEPLOYED = EXAMPLES | TESTS | SHOWN | DEVELOPERS
"""Words in a file's name that say that no environment runs it."""
FOLDERS = TESTS | SHOWN | {"example", "sample", "fixture", "mock", "development"}
"""The same in the names of folders, where the others mean other things: charts keep manifests in templates/."""
ENVIRONMENTS = (
    frozenset(["prod", "production", "prd", "live"]),
    frozenset(["stage", "staging", "stg", "preprod", "uat", "qa", "preview"]),
)
"""Words for the same environment."""


@dataclass(frozen=True)
class SeenInFile:
    """What a file says, and the file."""

    what: str
    where: str


@dataclass(frozen=True)
class Tree:
    """A repository's files, as paths from its root in the order of their names. `cut`: there are more of them."""

    root: Path
    files: tuple[str, ...]
    environment: str = "staging"
    cut: bool = False
    _texts: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, root: Path, environment: str) -> "Tree":
        """List the files below `root`."""
        files = list(_files(root))
        return cls(root, tuple(files[:MAX_FILES]), environment, cut=len(files) > MAX_FILES)

    def called(self, pattern: str) -> Iterator[str]:
        """Yield the files whose last part matches the whole pattern, in whatever case."""
        wanted = re.compile(pattern, re.IGNORECASE)
        return (file for file in self.files if wanted.fullmatch(PurePosixPath(file).name))

    def deployed(self, pattern: str) -> Iterator[str]:
        """Yield those among the files so called that may be what this environment runs."""
        return (file for file in self.called(pattern) if self.may_run(file))

    def may_run(self, file: str) -> bool:
        """Return whether a file's path names no test, example or other environment."""
        return not words(PurePosixPath(file).name) & (NOT_DEPLOYED | self.others()) and self.in_product(file)

    def in_product(self, file: str) -> bool:
        """Return whether a file is in no folder of tests, examples or documents."""
        folders = PurePosixPath(file).parts[:-1]
        return not any(words(folder) & (FOLDERS | self.others()) for folder in folders)

    def others(self) -> frozenset[str]:
        """Return the words for other environments than the one that the profile is for."""
        mine = words(self.environment)
        return frozenset(word for family in ENVIRONMENTS if not family & mine for word in family)

    def text(self, file: str) -> str:
        """Return a file's text; nothing where it is no readable text of a sensible size."""
        if file not in self._texts:
            self._texts[file] = _text(self.root / file)
        return self._texts[file]

    def yaml(self, file: str) -> list[Any]:
        """Return the documents of a YAML file as nodes; none where it is no YAML, or a template of it."""
        try:
            return documents(self.text(file), file)
        except Unavailable:
            return []


def words(name: str) -> frozenset[str]:
    """Return the words of a file's name, its ending included, in lower case."""
    return frozenset(re.split(r"[^a-z0-9]+", name.lower()))


def folder_of(file: str) -> str:
    """Return the folder of a file, `.` for the root."""
    return str(PurePosixPath(file).parent)


def _files(root: Path) -> Iterator[str]:
    """Yield what can be read: a link that leads nowhere, or out of the repository, is not part of it."""
    count = 0
    inside = root.resolve()
    for folder, below, names in os.walk(root):
        here = Path(folder).relative_to(root)
        hidden = {name for name in below if name.startswith(".") and name not in {".github", ".circleci", ".platform"}}
        below[:] = sorted(set(below) - SKIPPED - hidden) if len(here.parts) < MAX_DEPTH else []
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_symlink() and not _leads_inside(path, inside):
                continue
            count += 1
            yield (here / name).as_posix()
            if count > MAX_FILES:
                return


def _leads_inside(link: Path, root: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):
        return False


def _text(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return ""
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""
