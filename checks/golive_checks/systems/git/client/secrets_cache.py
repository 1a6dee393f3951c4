"""What the last search for secrets in a repository found, in the user's cache folder: places, and no value."""

import functools
import hashlib
import json
import os
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from golive_checks import placeholders, strength
from golive_checks.systems.git.client import secret_rules, weigh


@dataclass(frozen=True)
class Version:
    """A file as a commit made it; no commit where it is only staged."""

    path: str
    blob: str
    commit: str


@dataclass(frozen=True)
class SecretInBlob:
    """A secret in a version of a file. `digest` tells it from others of the same file, and nobody its value."""

    path: str
    line: int
    rule: str
    sure: bool
    commit: str
    blob: str
    digest: str


@dataclass(frozen=True)
class Past:
    """What was found in all commits up to these, in so many lines."""

    tips: list[str] = field(default_factory=list)
    lines: int = 0
    hits: list[SecretInBlob] = field(default_factory=list)


def digest(value: str) -> str:
    """Tell a value from the few others of a file: too short for anyone to find the value by it."""
    return hashlib.blake2b(value.encode(), digest_size=3, person=b"golive-secret").hexdigest()


def load(repository: str) -> Past:
    """Return what the last search by the same rules left; nothing where it left none that can be read."""
    place = _place(repository)
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        kept = json.loads(place.read_text()) if place else {}
        if kept.get("rules") == _rules():
            return Past(kept["tips"], kept["lines"], [SecretInBlob(**hit) for hit in kept["hits"]])
    return Past()


def save(repository: str, past: Past) -> None:
    """Keep it for the next search; a folder that cannot be written to costs that one its time."""
    place = _place(repository)
    if not place:
        return
    with suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=place.parent)  # readable by the user alone
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a handle, not a path
            json.dump({"rules": _rules(), "repository": repository, **asdict(past)}, file)
        Path(scratch).replace(place)


@functools.cache
def _rules() -> str:
    """Name the rules by which a search was made: another version finds other secrets."""
    from importlib.metadata import version

    sources = (Path(module.__file__ or "").read_bytes() for module in (weigh, secret_rules, placeholders, strength))
    return version("kingfisher-secret-scanner") + hashlib.sha256(b"".join(sources)).hexdigest()


def _place(repository: str) -> Path | None:
    folder = Path(os.environ.get("XDG_CACHE_HOME") or "")
    try:
        if not folder.is_absolute():
            folder = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    except RuntimeError:
        return None
    return folder / "golive" / f"secrets-{hashlib.sha256(repository.encode()).hexdigest()[:16]}.json"
