"""Where the files of an nginx configuration come from: this machine's disk, or a dump of `nginx -T`."""

import fnmatch
import glob
import itertools
import posixpath
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from golive import Unavailable
from golive.wording import data_size
from golive_checks.systems.machine.client.files import at_most

MAX_FILES = 1_000
MARKER = "# configuration file "
"""How `nginx -T` opens each file of its dump, the main file first, each file once."""


class ConfigSource(Protocol):
    """Where the files of a configuration come from."""

    def names(self, pattern: str) -> Sequence[str]:
        """Name the files that an include's pattern matches, in nginx's order."""

    def text(self, name: str) -> str:
        """Read a file; OSError where it cannot be."""


@dataclass
class NginxFolder:
    """Files on this machine, read as they are included, all of them together at most `max_bytes`."""

    max_bytes: int
    _read: int = 0

    def names(self, pattern: str) -> Sequence[str]:
        """Name the files that the pattern matches, sorted as glob(3) does."""
        return sorted(itertools.islice(glob.iglob(pattern), MAX_FILES + 1))  # noqa: PTH207 - nginx's patterns start at any folder

    def text(self, name: str) -> str:
        """Read a regular file: a FIFO or a device would never end."""
        path = Path(name)
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError(f"{name} is not a regular file")
        with path.open("rb") as file:
            data = at_most(file, self.max_bytes - self._read + 1)
        self._read += len(data)
        if self._read > self.max_bytes:
            raise Unavailable(f"the nginx configuration is larger than {data_size(self.max_bytes)}")
        return data.decode("utf-8", "replace")


@dataclass
class NginxDump:
    """The files in the output of `nginx -T`, by the names they have on the machine that printed it."""

    files: dict[str, str] = field(default_factory=dict)

    @classmethod
    def split(cls, text: str) -> "NginxDump":
        """Split the output at nginx's markers. What stands before the first is not of the configuration."""
        found: dict[str, list[str]] = {}
        lines: list[str] = []
        for line in text.split("\n"):
            if line.startswith(MARKER) and line.rstrip("\r").endswith(":"):
                lines = found.setdefault(line.rstrip("\r")[len(MARKER) : -1], [])
            else:
                lines.append(line)
        return cls({name: "\n".join(lines) for name, lines in found.items()})

    def names(self, pattern: str) -> Sequence[str]:
        """Name the files that the pattern matches: as for glob(3), a star does not cross a slash."""
        wanted = posixpath.normpath(pattern).split("/")
        return sorted(name for name in self.files if _matches(posixpath.normpath(name).split("/"), wanted))

    def text(self, name: str) -> str:
        """Return the file's text."""
        try:
            return self.files[name]
        except KeyError:
            raise FileNotFoundError(f"{name} is not in the dump") from None


def _matches(parts: Sequence[str], patterns: Sequence[str]) -> bool:
    return len(parts) == len(patterns) and all(
        fnmatch.fnmatchcase(part, pattern) and (pattern.startswith(".") or not part.startswith("."))
        for part, pattern in zip(parts, patterns, strict=True)
    )
