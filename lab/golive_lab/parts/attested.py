"""The attestations in the reference stack's profile, and their evidence."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from golive_lab.parts.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

FOLDER = "attested"


@contextmanager
def files(world: World, place: StackPlace) -> Iterator[None]:
    """Write the evidence, and what the profile fills in."""
    folder = place.folder / FOLDER
    folder.mkdir(parents=True)
    fields = {
        "GOLIVE_LAB_ATTESTED_BY": world.attested.who,
        "GOLIVE_LAB_ATTESTED_UNTIL": world.attested.expires,
        "GOLIVE_LAB_ATTESTED_TOO": world.attested.demanded,
        "GOLIVE_LAB_EXPORT": world.attested.export,
    }
    try:
        (folder / "variables.env").write_text("".join(f"{name}='{value}'\n" for name, value in fields.items()))
        (folder / "others.md").write_text(world.attested.others)
        if world.attested.minutes:
            (folder / "logs.md").write_text(world.attested.minutes)
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


PART = Part("attested", files, lambda world: world.attested)
