"""Sections are found by entry points, golive's own like anyone else's, and in the profile's plugin files."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from golive.engine.declare import Section
from golive.installed import SECTIONS, named
from golive.model import CheckInfo, Finding, SectionInfo, Severity, failed
from golive.shortening import shortened

SECTION = SectionInfo("plugins", "Plugins")
LOADS = CheckInfo(
    "plugin.loads",
    SECTION.id,
    "Every installed section and plugin file loads",
    why="A section that does not load is a part of the checklist that nobody checks.",
    fix="Fix the plugin, or uninstall it, or take its file out of the profile's plugins.",
    severity=Severity.CRITICAL,
)


@dataclass(frozen=True)
class Loaded:
    """The modules of the sections by the name they were found under, and a red finding for each that is broken."""

    modules: dict[str, ModuleType]
    broken: tuple[Finding, ...]


def load(files: Sequence[str] = (), sections: Collection[str] | None = None) -> Loaded:
    """Load every section that is installed, or those that are named, and each of the profile's plugin files."""
    modules: dict[str, ModuleType] = {}
    broken: list[Finding] = []
    ways = [(name, entry.load) for name, entry in named(SECTIONS).items() if sections is None or name in sections]
    ways += [(file, _FileLoader(file)) for file in files]
    for name, bring in ways:
        try:
            module = bring()
            if not isinstance(getattr(module, "section", None), Section):
                raise TypeError("it has no `section = Section(...)`")  # noqa: TRY301 - reported like every other reason
            modules[name] = module
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - a plugin may raise anything as it is imported
            reason = shortened(f"{type(problem).__name__}: {problem}".splitlines()[0], 200)
            broken.append(Finding(LOADS, "plugin", name, failed(f"{name} does not load: {reason}")))
    return Loaded(modules, tuple(broken))


@dataclass(frozen=True)
class _FileLoader:
    """Imports a plugin file under a name of its own, so that the types it declares are found again."""

    file: str

    def __call__(self) -> ModuleType:
        name = f"golive_plugin_{Path(self.file).stem}_{hashlib.sha256(self.file.encode()).hexdigest()[:8]}"
        if name in sys.modules:
            return sys.modules[name]
        spec = importlib.util.spec_from_file_location(name, self.file)
        if spec is None or spec.loader is None:
            raise ImportError("not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        return module
