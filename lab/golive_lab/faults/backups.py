"""What can be wrong with the backups, their copy elsewhere, and the recovery document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.world.backups import RECOVERY, Newest

if TYPE_CHECKING:
    from golive_lab.world import World

FRESH, RETAINED, OFFSITE, PLAUSIBLE = "backup.fresh", "backup.retained", "backup.offsite", "backup.plausible"
DOCUMENTED = "restore.documented"
DRILLED = "restore.drilled"
"""Restores the newest dump, whatever is wrong with it."""
STEPS, CONTACTS = RECOVERY[: RECOVERY.index("## Contacts")], RECOVERY[RECOVERY.index("## Contacts") :]


def backups(**changes: Any) -> Callable[[World], World]:
    """Change the backups or their document, and nothing else."""
    return lambda world: replace(world, backups=replace(world.backups, **changes))


def copied(**kept: Any) -> Callable[[World], World]:
    """Change the copy elsewhere, and nothing else."""
    return lambda world: backups(offsite=replace(world.backups.offsite, **kept))(world)


def everywhere(**kept: Any) -> Callable[[World], World]:
    """Change what there is, and so the copy of it as well."""

    def change(world: World) -> World:
        here, there = (replace(kept_there, **kept) for kept_there in (world.backups.nightly, world.backups.offsite))
        return backups(nightly=here, offsite=there)(world)

    return change


def newest(what: Newest) -> Callable[[World], World]:
    """Let the newest dump, and so its copy, be something else than a whole one."""
    return everywhere(newest=what)


FAULTS = (
    Fault(
        "backup.stale",
        turns_red=FRESH,
        title="The newest dump is three days old",
        change=everywhere(without_newest=3),
        also=(DRILLED,),
    ),
    Fault(
        "backup.none",
        turns_red=FRESH,
        title="There is no dump at all",
        change=everywhere(without_newest=99, monthlies=0),
        also=("backup.*", DRILLED),
    ),
    Fault(
        "backup.gap",
        turns_red=RETAINED,
        title="Three and four days ago no dump was made",
        change=everywhere(without_days=(3, 4)),
    ),
    Fault(
        "backup.few-monthlies",
        turns_red=RETAINED,
        title="Dumps are kept for half a year",
        change=everywhere(monthlies=6),
    ),
    Fault(
        "backup.offsite-behind",
        turns_red=OFFSITE,
        title="The two newest dumps have not been copied to the bucket",
        change=copied(without_newest=2),
    ),
    Fault(
        "backup.offsite-differs",
        turns_red=OFFSITE,
        title="Another dump is in the bucket under the name of yesterday's",
        change=copied(replaced_day=1),
    ),
    Fault("backup.empty", turns_red=PLAUSIBLE, title="The newest dump is an empty file", change=newest("empty")),
    Fault(
        "backup.cut-off",
        turns_red=PLAUSIBLE,
        title="The newest dump lacks its end",
        change=newest("cut off"),
        also=(DRILLED,),
    ),
    Fault(
        "backup.shrunk",
        turns_red=PLAUSIBLE,
        title="The newest dump holds a single tenant",
        change=newest("shrunk"),
        also=(DRILLED,),
    ),
    Fault(
        "backup.without-data",
        turns_red=PLAUSIBLE,
        title="The newest dump holds the tables and nothing in them",
        change=newest("without data"),
        also=(DRILLED,),
    ),
    Fault(
        "backup.no-dump",
        turns_red=PLAUSIBLE,
        title="The newest dump is a proxy's error page",
        change=newest("no dump"),
        also=(DRILLED,),
    ),
    Fault(
        "backup.unencrypted",
        turns_red=PLAUSIBLE,
        title="The bucket's server does not encrypt the dumps",
        change=backups(encrypted=False),
    ),
    Fault(
        "restore.no-document",
        turns_red=DOCUMENTED,
        title="The recovery document is not where the profile says",
        change=backups(document=""),
    ),
    Fault(
        "restore.no-steps",
        turns_red=DOCUMENTED,
        title="The recovery document has no steps",
        change=backups(document=RECOVERY[: RECOVERY.index("## Steps")] + CONTACTS),
    ),
    Fault(
        "restore.no-contacts",
        turns_red=DOCUMENTED,
        title="The recovery document does not say who to call",
        change=backups(document=STEPS),
    ),
    Fault(
        "restore.no-objectives",
        turns_red=DOCUMENTED,
        title="The recovery document promises no RPO",
        change=backups(document=RECOVERY.replace("RPO 24 hours", "RPO as agreed")),
    ),
)
