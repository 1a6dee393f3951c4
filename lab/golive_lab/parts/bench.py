"""The route whose speed is measured, and the history of earlier runs."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from golive_lab.parts.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

SCATTER = (0.97, 1.04, 1.0, 0.95, 1.06, 1.01, 0.99, 1.03, 0.96, 1.02)


@contextmanager
def history(world: World, place: StackPlace) -> Iterator[None]:
    """Write the history, and remove it afterwards with what golive has added."""
    folder, past = place.folder / "bench", world.history
    runs = [past.usual_ms * each for each in SCATTER] + ([] if past.last_ms is None else [past.last_ms])
    times = [f"2026-01-{n:02}T12:00:00+00:00" for n in range(1, len(runs) + 1)]
    lines = [
        {"bench": "search", "at": at, "p50_ms": ms * 0.6, "p95_ms": ms, "p99_ms": ms * 1.2}
        for at, ms in zip(times, runs, strict=True)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


PART = Part("bench history", history, reads=lambda world: world.history)
