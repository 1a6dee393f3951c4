"""What a configuration of logrotate does with a file (logrotate.conf(5), as of 3.21). Pure.

No maintained library reads it. Only what tells whether a file is rotated is read: the blocks, their patterns and the
directives that hold for them; scripts are passed over.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

SCRIPTS = frozenset({"postrotate", "prerotate", "firstaction", "lastaction", "preremove"})
PATTERN = re.compile(r'"([^"]*)"|\'([^\']*)\'|(\S+)')


@dataclass(frozen=True)
class LogrotateBlock:
    """The directives that hold for the files of a block, those before all blocks among them."""

    directives: Mapping[str, str]

    def value(self, name: str) -> str:
        """Return what stands after a directive; empty where it is not given."""
        return self.directives.get(name, "")

    def given(self, *names: str) -> str:
        """Return the last of some directives that is given; empty for none."""
        return next((name for name in reversed(list(self.directives)) if name in names), "")


def covering(text: str, file: str) -> LogrotateBlock | None:
    """Return the block that rotates a file; None where no block does."""
    shared: dict[str, str] = {}
    patterns: list[str] = []
    inside: dict[str, str] | None = None
    script = False
    for line in filter(None, map(str.strip, text.split("\n"))):
        # A script may hold lines that read like directives or end with a brace.
        if script:
            script = line != "endscript"
        elif line.startswith("#"):
            continue
        elif line.endswith("{") and inside is None:
            patterns += _names(line[:-1])
            # What is set above a block holds in it, as long as the block does not set it itself.
            inside = dict(shared)
        elif line.startswith("}") and inside is not None:
            if any(_matches(file, pattern) for pattern in patterns):
                return LogrotateBlock(inside)
            patterns, inside = [], None
        elif inside is None and line.startswith(("/", '"', "'")):
            patterns += _names(line)
        else:
            script = line in SCRIPTS
            _note(shared if inside is None else inside, line)
    return None


def _names(line: str) -> list[str]:
    """Return the patterns of a line, quoted or not."""
    return [a or b or c for a, b, c in PATTERN.findall(line)]


def _note(into: dict[str, str], line: str) -> None:
    """Take a directive down, as the last of its name."""
    name, _, value = line.replace("=", " ", 1).partition(" ")
    into.pop(name.lower(), None)
    into[name.lower()] = value.strip()


def _matches(file: str, pattern: str) -> bool:
    """Return whether a pattern names a file: as glob(7) has it, * does not cross a slash."""
    return file.count("/") == pattern.count("/") and fnmatchcase(file, pattern)
