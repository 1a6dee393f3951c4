"""What the sections of a package declare, kept in a file so that listing the checks imports none of them.

A wheel ships the file beside the modules (hatch_build.py puts it there). From a source tree it is made when it is first
wanted, and kept in the user's cache folder. Either counts only while the digest in it is that of the sources as they
are now: after an edit the modules are asked again. Where nothing can be kept, they are asked every time.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from golive.installed import SECTIONS, named
from golive.model import CheckInfo, Effect, Finding, SectionInfo, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from golive.engine.blueprint import Blueprint
    from golive.profile import Keys

FILE = "index.json"


@dataclass(frozen=True)
class Index:
    """The sections in report order, their checks likewise, and a red finding for each section that does not load."""

    sections: tuple[SectionInfo, ...]
    checks: tuple[CheckInfo, ...]
    broken: tuple[Finding, ...] = ()
    keys: Keys = frozenset()
    """What the sections understand in a profile."""


def index() -> Index:
    """Return what is installed: as it is kept where that holds for every section, else from the modules."""
    modules = {entry.value for entry in named(SECTIONS).values()}
    packages = {module.partition(".")[0] for module in modules}
    if len(packages) != 1:
        return _from_modules()
    (package,) = packages
    digest = digest_of(package)
    if not digest:
        return _from_modules()
    places = [_shipped(package), _cached(package)]
    held = next(filter(None, (_read(place, digest, modules) for place in places)), None)
    if held:
        return held
    earlier = _imported(modules)
    made = _from_modules()
    # Modules that were imported earlier, or an edit meanwhile, would make this the index of other sources.
    if not (earlier or made.broken) and digest_of(package) == digest:
        _keep(_cached(package), text(made, digest, modules))
    return made


def of(blueprint: Blueprint, broken: tuple[Finding, ...] = ()) -> Index:
    """Return the index of sections that are loaded."""
    from golive.world import keys  # noqa: PLC0415 - reading an index needs no profile

    return Index(blueprint.sections, tuple(check.info for check in blueprint.checks), broken, keys(blueprint))


def text(index: Index, digest: str, modules: Iterable[str]) -> str:
    """Return the file for an index of these modules, made of sources with this digest."""
    content = {
        "digest": digest,
        "modules": sorted(modules),
        "sections": [asdict(section) for section in index.sections],
        "checks": [asdict(check) for check in index.checks],
        "keys": sorted(".".join(way) for way in index.keys),
    }
    return json.dumps(content, indent=0, ensure_ascii=False) + "\n"


def digest_of(package: str) -> str:
    """Return a digest of all sources that an index is made from, golive's own included; empty where it has none."""
    sources = hashlib.sha256()
    try:
        for root in (str(_folder(package)), str(_folder("golive"))):
            for folder, folders, files in os.walk(root):
                folders.sort()
                for name in sorted(files):
                    if name.endswith(".py"):
                        path = os.path.join(folder, name)  # noqa: PTH118 - a Path for each of 300 takes as long as reading them
                        sources.update(path[len(root) :].encode())
                        with open(path, "rb") as file:  # noqa: PTH123 - likewise
                            sources.update(file.read())
    except (OSError, ImportError):
        return ""
    return sources.hexdigest()


def _imported(modules: Iterable[str]) -> bool:
    return any(module in sys.modules for module in modules)


def _from_modules() -> Index:
    from golive import plugins  # noqa: PLC0415 - what the file is there to spare
    from golive.engine.resolve import resolve  # noqa: PLC0415 - likewise

    loaded = plugins.load()
    return of(resolve(loaded.modules), loaded.broken)


def _read(place: Path | None, digest: str, modules: set[str]) -> Index | None:
    """Read a file; None where there is none, where it is of other sources or sections, or not of golive's making."""
    if place is None:
        return None
    try:
        content = json.loads(place.read_text(encoding="utf-8"))
        if set(content["modules"]) != modules or content["digest"] != digest:
            return None
        return Index(
            tuple(SectionInfo(**section) for section in content["sections"]),
            tuple(_check(check) for check in content["checks"]),
            keys=frozenset(tuple(way.split(".")) for way in content["keys"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _check(held: Mapping[str, Any]) -> CheckInfo:
    own = {"severity": Severity(held["severity"]), "effect": Effect(held["effect"]), "tags": tuple(held["tags"])}
    return CheckInfo(**{**held, **own})


def _keep(place: Path | None, content: str) -> None:
    """Write a file in one step, so that another golive reads all of it or none; where that cannot be, do without."""
    if place is None:
        return
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=place.parent, prefix=place.stem)
        try:
            with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a handle, not a path
                file.write(content)
            Path(scratch).replace(place)
        except OSError:
            Path(scratch).unlink(missing_ok=True)
            raise


def _shipped(package: str) -> Path:
    return _folder(package) / FILE


def _cached(package: str) -> Path | None:
    """Name the file in the user's cache folder, one for each place of installation; None where the user has no home."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or "")
    try:
        if not folder.is_absolute():  # what is relative does not count, says the XDG base directory specification
            folder = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    except RuntimeError:
        return None
    place = hashlib.sha256(str(_folder(package)).encode()).hexdigest()[:16]
    return folder / "golive" / f"{package}-{place}.json"


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)  # which imports nothing
    if found is None or not found.origin:
        raise ImportError(f"{package} is not a package of files")
    return Path(found.origin).parent
