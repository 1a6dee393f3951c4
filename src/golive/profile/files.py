"""Read a small regular file, and refuse everything else: folders, pipes, devices, what is large or no text."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from golive.model import Location
from golive.profile.problems import Problem, ProfileError, quoted_path
from golive.wording import binary_size

MAX_BYTES = 1024 * 1024

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
"""What YAML 1.2, section 5.1, does not allow in a stream (c-printable)."""


def read_text(path: Path, shown: str) -> str:
    """Read a small regular file of UTF-8 text."""
    raw = read_bytes(path, Location(shown), MAX_BYTES)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise ProfileError(Problem(Location(shown, line, column), "not UTF-8 text; save the file as UTF-8")) from None
    if bad := FORBIDDEN.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        column = bad.start() - text.rfind("\n", 0, bad.start())
        what = f"a control character (U+{ord(bad.group()):04X}), which YAML does not allow"
        raise ProfileError(Problem(Location(shown, line, column), what))
    return text


def read_bytes(path: Path, at: Location, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes; a device or a pipe, which may never end, is refused unopened."""
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise ProfileError(Problem(at, f"{quoted_path(path)} is a folder, not a file"))
        if not stat.S_ISREG(found.st_mode):
            raise ProfileError(Problem(at, f"{quoted_path(path)} is not a regular file"))
        if found.st_size <= limit:
            # The file may grow, or be replaced by a pipe, between the two calls.
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
                raw = file.read(limit + 1)
            if len(raw) <= limit:
                return raw
    except OSError as error:
        raise ProfileError(Problem(at, f"cannot read {quoted_path(path)}: {error.strerror}")) from None
    except ValueError:
        raise ProfileError(Problem(at, f"{quoted_path(path)} is no possible path")) from None
    raise ProfileError(Problem(at, f"{quoted_path(path)} is larger than {binary_size(limit)}"))
