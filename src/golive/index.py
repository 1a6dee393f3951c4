"""What a package of sections says of its checks in a file, so that listing them imports none of it.

A package that brings sections may ship the file FILE beside its modules. It counts as long as the digest in it is that
of the package's sources and of golive's own: whoever edits a check is shown what the modules say.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from golive.installed import SECTIONS, named
from golive.model import CheckInfo, Effect, Finding, SectionInfo, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    """Return what is installed: from the packages' files where they hold for every section, else from the modules."""
    return from_files() or _from_modules()


def text(blueprint: Blueprint, package: str) -> str:
    """Return the file of a package whose sections are those of a blueprint."""
    from golive.world import keys  # noqa: PLC0415 - listing needs no profile

    content = {
        "digest": _digest(package),
        "modules": [entry.value for entry in named(SECTIONS).values() if _package(entry.value) == package],
        "sections": [asdict(section) for section in blueprint.sections],
        "checks": [asdict(check.info) for check in blueprint.checks],
        "keys": sorted(".".join(way) for way in keys(blueprint)),
    }
    return json.dumps(content, indent=0, ensure_ascii=False) + "\n"


def file_of(package: str) -> Path:
    """Name the file of a package, there or not."""
    return _folder(package) / FILE


def from_files() -> Index | None:
    """Read the one package's file that all sections are in; None where there is no such."""
    modules = {entry.value for entry in named(SECTIONS).values()}
    packages = {_package(module) for module in modules}
    if len(packages) != 1:
        return None
    package = packages.pop()
    try:
        content = json.loads(file_of(package).read_text(encoding="utf-8"))
        if set(content["modules"]) == modules and content["digest"] == _digest(package):
            return Index(
                tuple(SectionInfo(**section) for section in content["sections"]),
                tuple(_check(check) for check in content["checks"]),
                keys=frozenset(tuple(way.split(".")) for way in content["keys"]),
            )
    except (OSError, ValueError, KeyError, TypeError, ImportError):  # a file of nobody's making is as good as none
        pass
    return None


def _from_modules() -> Index:
    from golive import plugins  # noqa: PLC0415 - what the file is there to spare
    from golive.engine.resolve import resolve  # noqa: PLC0415 - likewise
    from golive.world import keys  # noqa: PLC0415 - likewise

    loaded = plugins.load()
    blueprint = resolve(loaded.modules)
    return Index(blueprint.sections, tuple(check.info for check in blueprint.checks), loaded.broken, keys(blueprint))


def _check(told: Mapping[str, Any]) -> CheckInfo:
    own = {"severity": Severity(told["severity"]), "effect": Effect(told["effect"]), "tags": tuple(told["tags"])}
    return CheckInfo(**{**told, **own})


def _package(module: str) -> str:
    return module.partition(".")[0]


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)  # which imports nothing
    if found is None or not found.origin:
        raise ImportError(f"{package} is not a package of files")
    return Path(found.origin).parent


def _digest(package: str) -> str:
    """Return a digest of all sources that the file is made from."""
    sources = hashlib.sha256()
    for root in (str(_folder(package)), str(_folder("golive"))):
        for folder, folders, files in os.walk(root):
            folders.sort()
            for name in sorted(files):
                if name.endswith(".py"):
                    path = os.path.join(folder, name)  # noqa: PTH118 - a Path for each of 300 takes as long as reading them
                    sources.update(path[len(root) :].encode())
                    with open(path, "rb") as file:  # noqa: PTH123 - likewise
                        sources.update(file.read())
    return sources.hexdigest()
