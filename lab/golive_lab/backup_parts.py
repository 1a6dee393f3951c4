"""The backups of a stack as parts: a folder with dumps and the recovery document, and a bucket with the copy."""

from __future__ import annotations

import datetime as dt
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from golive_lab import postgres_programs
from golive_lab.backup_dumps import dumps, laid_out
from golive_lab.backups import DOCUMENT, FOLDER, NIGHTLY
from golive_lab.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.part import Start
    from golive_lab.ports import Place
    from golive_lab.stack import Kind
    from golive_lab.world import World

SCRATCH = -1
"""Which of the spare ports a server has while it is dumped."""


def _files(kind: Kind) -> Start:
    @contextmanager
    def files(world: World, place: Place) -> Iterator[None]:
        top = place.folder / FOLDER
        made = dumps(postgres_programs.folder(kind), place.ports.spare[SCRATCH])
        try:
            (top / NIGHTLY).mkdir(parents=True)
            for name, data in laid_out(world.backups.nightly, made, dt.datetime.now(dt.UTC)).items():
                (top / NIGHTLY / name).write_bytes(data)
            if world.backups.document:
                (top / DOCUMENT).write_text(world.backups.document, encoding="utf-8")
            yield
        finally:
            shutil.rmtree(top, ignore_errors=True)

    return files


def parts(kind: Kind) -> tuple[Part]:
    """Return the parts of a kind of stack."""
    return (Part("backups", _files(kind), reads=lambda world: (world.backups.nightly, world.backups.document)),)
