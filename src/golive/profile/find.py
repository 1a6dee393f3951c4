"""Find a profile by name or by path."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from golive.model import Location
from golive.profile.presets import is_preset, preset
from golive.profile.problems import SHOWN_WORDS, Problem, ProfileError, nearest, quoted, quoted_path
from golive.wording import listed

FOLDER = "profiles"
SUFFIXES = (".yaml", ".yml")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def is_path(ref: str) -> bool:
    """Tell a path (`../staging.yaml`, `ops/staging`) from a name (`staging`)."""
    return "/" in ref or os.sep in ref or ref.endswith(SUFFIXES)


def find(ref: str, folder: Path, at: Location | None = None, builtin: Mapping[str, Path] | None = None) -> Path:
    """Return the file that `ref` means: a path from `folder`, or a name looked up in `profiles/` from there upwards."""
    at = at or Location(ref or "profile")
    if "\0" in ref or not ref:
        raise ProfileError(Problem(at, "no profile is named"))
    if is_preset(ref):
        return preset(ref, at)
    if is_path(ref):
        return folder / ref
    if not NAME.fullmatch(ref):
        raise ProfileError(Problem(at, f"{quoted(ref)} is neither a profile's name nor a path"))
    for candidates in folders(folder):
        found = [path for suffix in SUFFIXES if there(path := candidates / (ref + suffix))]
        if len(found) > 1:
            both = " and ".join(quoted_path(path) for path in found)
            raise ProfileError(Problem(at, f"two profiles are named {quoted(ref)}: {both}; remove one"))
        if found:
            return found[0]
    if builtin and ref in builtin:
        return builtin[ref]
    raise ProfileError(Problem(at, not_found(ref, folder, builtin or {})))


def there(path: Path) -> bool:
    """Return whether `path` can be reached: a folder that may not be searched hides what it holds."""
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True


def folders(start: Path) -> Iterator[Path]:
    """Yield the `profiles/` folders from `start` upwards, nearest first; `start` itself may be one."""
    start = Path(os.path.normpath(Path.cwd() / start))
    if start.name == FOLDER:
        yield start
    for folder in (start, *start.parents):
        if there(candidate := folder / FOLDER):
            yield candidate


def names(start: Path) -> list[str]:
    """Return the names of the profiles that can be found from `start`."""
    found: set[str] = set()
    for folder in folders(start):
        with contextlib.suppress(OSError):
            found |= {path.stem for path in folder.iterdir() if path.suffix in SUFFIXES}
    return sorted(found)


def not_found(ref: str, start: Path, builtin: Mapping[str, Path]) -> str:
    """Say which profiles there are instead."""
    known = sorted({*names(start), *builtin})
    others = f"; there are {listed(known, SHOWN_WORDS)}{nearest(ref, known)}" if known else ""
    looked = ", ".join(dict.fromkeys(quoted_path(folder) for folder in folders(start)))
    where = f"in {looked}" if looked else f"and no folder '{FOLDER}' in {quoted_path(start)} or above it"
    host = f"; for a host write https://{ref}" if "." in ref else ""
    return f"no profile {quoted(ref)} {where}; golive init writes one{host}{others}"
