"""The build hook: puts into the wheel an index of the checks, so that listing them imports no section."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "golive_checks"


class IndexHook(BuildHookInterface[Any]):
    """Makes the index from the sources that the wheel is built of, in a source tree and from an sdist alike."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the file; an editable install has none, as its sources are yet to be edited."""
        if version == "editable":
            return
        self.scratch = tempfile.TemporaryDirectory()
        file = Path(self.scratch.name) / "index.json"
        file.write_text(self._index(), encoding="utf-8")
        build_data["force_include"][str(file)] = f"{PACKAGE}/{file.name}"

    def finalize(self, version: str, *_: object) -> None:
        """Remove what was made for the wheel."""
        if version != "editable":
            self.scratch.cleanup()

    def _index(self) -> str:
        sections: dict[str, str] = self.metadata.core.entry_points["golive.sections"]
        sys.path[:0] = [str(Path(self.root, folder)) for folder in ("src", "checks")]
        try:
            from golive import index  # noqa: PLC0415 - of the tree that is built, not one that is installed
            from golive.engine.resolve import resolve  # noqa: PLC0415 - likewise

            modules = {name: importlib.import_module(module) for name, module in sorted(sections.items())}
            return index.text(index.of(resolve(modules)), index.digest_of(PACKAGE), sections.values())
        finally:
            del sys.path[:2]
