"""How damage to a backup, and what is odd about one, is described."""

from collections.abc import Iterable, Mapping

from golive_checks.systems.drill.record import NotRestored, RestoreFault
from golive_checks.systems.postgres.damage import Damage, DamageKind

CUT_OFF = "it is cut off: "
SENTENCES: Mapping[DamageKind, str] = {
    DamageKind.BEHIND_ARCHIVE: "{0:,} bytes follow its end, which pg_restore does not read: a second dump perhaps",
    DamageKind.BEHIND_DUMP: "something follows the end of the dump in it, which psql would run",
    DamageKind.BEHIND_TAR: "something follows the end of the tar archive, which tar does not read",
    DamageKind.BYTES_ABSENT: "{0:,} of the {1:,} bytes of {2} are in the repository",
    DamageKind.CUT_BEFORE_ARCHIVED: "{0} has no end: its data was cut off before it got into the archive",
    DamageKind.DATA_ABSENT: f"{CUT_OFF}the data of {{0}} is not in it",
    DamageKind.DATA_BEYOND_END: f"{CUT_OFF}its table of contents lists data at byte {{0:,}}, and it has {{1:,}}",
    DamageKind.EMPTY: "it is empty",
    DamageKind.ENDS_IN_CONTENTS: f"{CUT_OFF}it ends within its table of contents",
    DamageKind.FILE_ABSENT: "{0} is not there",
    DamageKind.FILE_CUT_OFF: "{0}, of {1}, is cut off: its data has no end",
    DamageKind.FILE_EMPTY: "{0} is empty",
    DamageKind.LAST_BLOCK_OPEN: f"{CUT_OFF}its last block of data has no end",
    DamageKind.LAST_LINE_ABSENT: f"{CUT_OFF}it does not end in `{{0}}`",
    DamageKind.LISTED_FILE_ABSENT: "{0}, which its table of contents names, is not there or is empty",
    DamageKind.MAIN_PART_ABSENT: "base.tar, its main part, is not there",
    DamageKind.MANIFEST_ABSENT: "the manifest of {0} is not in the repository",
    DamageKind.MORE: "and {0:,} more",
    DamageKind.NOTHING_IN_TAR: "there is nothing in the tar archive",
    DamageKind.NO_DUMP: "it is no dump: it begins with {0!r}",
    DamageKind.NO_TABLES: "it holds no table's data",
    DamageKind.NO_WAL: "there is no archive of WAL in its repository",
    DamageKind.OTHER_CHECKSUM: "{0} has another checksum than its manifest says",
    DamageKind.OTHER_KEY: f"{CUT_OFF}its \\unrestrict has another key than its \\restrict",
    DamageKind.OTHER_SIZE: "{0} has {1:,} bytes, its manifest says {2:,}",
    DamageKind.REPORTED: "{0}",
    DamageKind.SEGMENT_ABSENT: "the WAL segment {0}, which it needs, is not in the repository",
    DamageKind.SEGMENT_NOT_THERE: "{0}, which it needs, is not there",
    DamageKind.SEGMENT_SIZE: "{0} has {1:,} bytes of {2:,}",
    DamageKind.SEVERAL_DUMPS: "it holds {0} dumps one after another, which all go into one database",
    DamageKind.SHARED_ABSENT: "{0}, whose files it shares, is not in the repository",
    DamageKind.UNLISTED: "its manifest does not name {0}, which pg_verifybackup refuses",
    DamageKind.VERIFY_BACKUP: ("`pgbackrest verify` finds {0} {1}: {2:,} of its {3:,} files are not as they were"),
    DamageKind.VERIFY_STATUS: "`pgbackrest verify` ends in status {0}",
    DamageKind.VERIFY_WAL: "`pgbackrest verify` finds {0} of {1} WAL segments valid",
    DamageKind.ZERO_BYTES: "there are zero bytes in its text, as a crash or a full disk leaves them",
}
SEVERAL = {DamageKind.DATA_ABSENT, DamageKind.SEGMENT_ABSENT, DamageKind.UNLISTED}
"""The second of their values is how many more there are."""


def sentence(damage: Damage) -> str:
    """Say what is wrong, and in which file."""
    values = damage.values
    if damage.kind in SEVERAL:
        name, others = values
        values = (f"{name} and {others:,} more" if others else name,)
    return "".join(f"{name}: " for name in damage.within) + SENTENCES[damage.kind].format(*values)


def sentences(found: Iterable[Damage]) -> list[str]:
    """Say each."""
    return [sentence(damage) for damage in found]


FAULTS: Mapping[RestoreFault, str] = {
    RestoreFault.CUT_OFF: "it is cut off",
    RestoreFault.DAMAGED: "it is damaged",
    RestoreFault.EMPTY: "it is empty, or a folder without a toc.dat",
    RestoreFault.META_COMMAND: "it holds a meta-command for psql, which pg_dump never writes there",
    RestoreFault.NO_ARCHIVE: "it is no archive of pg_dump",
    RestoreFault.NO_CLUSTER: "there is no data folder of PostgreSQL in it",
    RestoreFault.NO_DUMP: "it is no dump of pg_dump",
    RestoreFault.NO_DUMP_END: f"{CUT_OFF}it does not end as a dump of pg_dump does",
    RestoreFault.NO_TAR_END: f"{CUT_OFF}it does not end as a tar archive does",
}


def why_not_restored(why: NotRestored) -> str:
    """Say why a dump cannot be restored, and by whose word."""
    if why.fault is RestoreFault.REPORTED:
        return f"{why.by}: {why.said}" if why.by else why.said
    if why.fault is RestoreFault.NO_DATABASE:
        return f"there is no database {why.said} in it"
    return FAULTS[why.fault] + (f" ({why.by})" if why.by else "")
