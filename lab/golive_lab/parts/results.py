"""The reports that CI has kept of its runs."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from golive_lab.parts.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

RESULTS = "results"


@contextmanager
def files(world: World, place: StackPlace) -> Iterator[None]:
    """Write the reports that CI has kept."""
    folder = place.folder / RESULTS
    folder.mkdir(parents=True)
    try:
        for name, text in {"unit.xml": world.project.unit_results, "e2e.json": world.project.e2e_results}.items():
            if text:
                (folder / name).write_text(text)
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


PART = Part("results", files, lambda world: (world.project.unit_results, world.project.e2e_results))
