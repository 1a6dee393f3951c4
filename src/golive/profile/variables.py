"""`${VAR}` in a profile's values: from the process environment, then its dotenv files, then its secret sources."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from golive.model import Location
from golive.profile.files import read_text
from golive.profile.problems import Problem, ProfileError, nearest, quoted
from golive.profile.secrets import Failed, Secrets, problem
from golive.profile.sources import SecretSource, described
from golive.profile.tree import MASK, TEXT_UNIT, Items, Leaf, Node, YamlMapping
from golive.profile.types import FilePath

MAX_FILLED = 1024 * 1024
"""Characters that all the filled-in values of a profile may have together."""

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
PART = re.compile(rf"\$\$\{{|\$\{{({NAME})(?::-([^${{}}]*))?\}}|\$\{{[^}}]*\}}?")
"""An escape `$${`, a variable with its default, or what only looks like one."""

VariableName = Annotated[str, Field(pattern=rf"^{NAME}$")]


class VariableSources(BaseModel):
    """Where `${VAR}` is filled in from, after the process environment."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    dotenv: tuple[FilePath, ...] = ()
    """Files of `NAME=value` lines; a later file overrides an earlier one."""
    secrets: dict[VariableName, SecretSource] = {}
    """Secrets by name. They are read only where used, and stand only in fields that hold secrets."""


@dataclass(frozen=True)
class FoundValue:
    """A variable's value, with `source`, where it came from."""

    value: str = field(repr=False)
    source: str
    secret: bool = False


@dataclass
class Lookup:
    """Find variables, asking each source at most once and only for what is used."""

    environ: Mapping[str, str] = field(repr=False)
    declared: VariableSources = field(default_factory=VariableSources)
    folders: Mapping[str, Path] = field(default_factory=dict)
    """The folder of the profile that declares each secret: where its command starts."""
    fetch: bool = True
    """False: secrets stay masked and no source is asked, as for a plan."""
    seen: set[str] = field(default_factory=set, repr=False)
    """The secret values that were read."""
    sources: Secrets | None = None
    dotenv: dict[str, FoundValue] | None = None

    def find(self, name: str) -> FoundValue | None:
        """Return a variable's value, None where it is not set.

        Raises ProfileError where a dotenv file, and Failed where a secret source, gives nothing.
        """
        is_secret = name in self.declared.secrets
        if self.environ.get(name):
            return self.noted(FoundValue(self.environ[name], "the environment", is_secret))
        if found := self.from_dotenv().get(name):
            return self.noted(FoundValue(found.value, found.source, is_secret))
        if not is_secret:
            return None
        source = self.declared.secrets[name]
        origin = described(source)
        if not self.fetch:
            return FoundValue(MASK, origin, secret=True)
        self.sources = self.sources or Secrets(self.environ)
        return self.noted(FoundValue(self.sources.get(source, self.folders.get(name, Path())), origin, secret=True))

    def noted(self, found: FoundValue) -> FoundValue:
        """Remember a secret, so that it can be masked wherever it turns up."""
        if found.secret:
            self.seen.add(found.value)
        return found

    def from_dotenv(self) -> dict[str, FoundValue]:
        """Read the dotenv files when the first variable is not in the environment."""
        if self.dotenv is None:
            self.dotenv = {}
            for file in self.declared.dotenv:
                self.dotenv.update(read_dotenv(Path(file)))
        return self.dotenv

    def known(self) -> list[str]:
        """Return the names that could have been meant."""
        return [*self.declared.secrets, *(self.dotenv or {}), *self.environ]


def read_dotenv(path: Path) -> dict[str, FoundValue]:
    """Read one dotenv file. Its values are taken as they stand: a `${...}` in them is not filled in."""
    from dotenv.parser import parse_stream  # noqa: PLC0415 - most profiles have no dotenv file

    text = read_text(path, str(path))
    found: dict[str, FoundValue] = {}
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            raise ProfileError(Problem(Location(str(path), binding.original.line), "not a NAME=value line"))
        if binding.key is not None and binding.value:
            found[binding.key] = FoundValue(binding.value, f"{path.name}:{binding.original.line}")
    return found


@dataclass
class Filler:
    """Fill the variables of a tree in, and note every problem with its place."""

    lookup: Lookup
    problems: list[Problem] = field(default_factory=list)
    filled: int = 0

    def fill(self, node: Node) -> Node:
        """Return `node` with its texts filled in."""
        if isinstance(node, YamlMapping):
            entries = {key: self.fill(value) for key, value in node.entries.items()}
            return YamlMapping(entries, node.at, node.keys, node.size)
        if isinstance(node, Items):
            return Items(tuple(self.fill(item) for item in node.items), node.at, node.size)
        if isinstance(node.value, str) and "${" in node.value:
            return self.fill_text(node, node.value)
        return node

    def refuse(self, node: Node) -> Node:
        """Return `node` where it holds no variable; note a problem where it does."""
        if isinstance(node, YamlMapping):
            return YamlMapping(
                {key: self.refuse(below) for key, below in node.entries.items()}, node.at, node.keys, node.size
            )
        if isinstance(node, Items):
            return Items(tuple(self.refuse(item) for item in node.items), node.at, node.size)
        if isinstance(node.value, str) and "${" in node.value:
            what = "no variable is taken here: what golive may do is written out in the profile"
            self.problems.append(Problem(node.at, what))
            return replace(node, broken=True)
        return node

    def fill_text(self, leaf: Leaf, text: str) -> Leaf:
        """Fill one text in."""
        parts: list[str] = []
        used: list[str] = []
        secret = broken = False
        end = 0
        for match in PART.finditer(text):
            parts.append(text[end : match.start()])
            end = match.end()
            if match.group().startswith("$$"):
                parts.append("${")
                continue
            found = self.variable(match, leaf.at)
            broken |= found is None
            if found:
                parts.append(found.value)
                used.append(f"${{{match[1]}}} from {found.source}")
                secret |= found.secret
        value = "".join([*parts, text[end:]])
        self.filled += len(value)
        # One large variable that is named a thousand times would fill the memory, however small the file.
        if self.filled > MAX_FILLED:
            raise ProfileError(
                *self.problems, Problem(leaf.at, f"the filled-in values exceed {MAX_FILLED:,} characters")
            )
        size = 1 + len(value) // TEXT_UNIT
        return Leaf(value, leaf.at, leaf.folder, tuple(used), secret=secret, broken=broken, size=size)

    def variable(self, match: re.Match[str], at: Location) -> FoundValue | None:
        """Look one `${...}` up; a problem is noted and None returned."""
        name, default = match[1], match[2]
        if name is None:
            forms = "${NAME}, ${NAME:-default}, or $${ for a plain ${"
            self.problems.append(Problem(at, f"{quoted(match.group())} is no variable; write {forms}"))
            return None
        try:
            found = self.lookup.find(name)
        except Failed as failed:
            self.problems.append(problem(at, name, failed))
            return None
        except ProfileError as error:
            self.problems.extend(error.problems)
            return None
        if found:
            return found
        if default is not None:
            return FoundValue(default, "its default")
        self.problems.append(Problem(at, self.missing(name)))
        return None

    def missing(self, name: str) -> str:
        """Say that a variable has no value, and which was probably meant."""
        if name in self.lookup.environ:
            return f"the variable ${{{name}}} is empty; where that is meant, write ${{{name}:-}}"
        return f"the variable ${{{name}}} is not set{nearest(name, self.lookup.known())}"
