"""What the reference stack's profile says of its databases, where a fault may have it say something else."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from golive_lab.parts.certificates import ca_file
from golive_lab.parts.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

FOLDER = "databases"


@contextmanager
def variables(world: World, place: StackPlace) -> Iterator[None]:
    """Write what the profile fills in."""
    folder = place.folder / FOLDER
    folder.mkdir(parents=True)
    fields = {
        "GOLIVE_LAB_POSTGRES_AT_LEAST": world.postgres.profile.version_at_least,
        "GOLIVE_LAB_DATABASE_TLS": world.postgres.profile.tls.format(ca=ca_file(place)),
    }
    try:
        (folder / "variables.env").write_text("".join(f"{name}='{value}'\n" for name, value in fields.items()))
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


PART = Part("databases", variables, lambda world: world.postgres.profile)
