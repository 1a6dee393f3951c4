"""What can be wrong with a dump or a base backup. The section of backups has a sentence for each."""

from dataclasses import dataclass
from enum import StrEnum


class DamageKind(StrEnum):
    """What is wrong, by a stable name."""

    BEHIND_ARCHIVE = "behind-archive"
    BEHIND_DUMP = "behind-dump"
    BEHIND_TAR = "behind-tar"
    BYTES_ABSENT = "bytes-absent"
    CUT_BEFORE_ARCHIVED = "cut-before-archived"
    DATA_ABSENT = "data-absent"
    DATA_BEYOND_END = "data-beyond-end"
    EMPTY = "empty"
    ENDS_IN_CONTENTS = "ends-in-contents"
    FILE_ABSENT = "file-absent"
    FILE_CUT_OFF = "file-cut-off"
    FILE_EMPTY = "file-empty"
    LAST_BLOCK_OPEN = "last-block-open"
    LAST_LINE_ABSENT = "last-line-absent"
    LISTED_FILE_ABSENT = "listed-file-absent"
    MAIN_PART_ABSENT = "main-part-absent"
    MANIFEST_ABSENT = "manifest-absent"
    MORE = "more"
    NOTHING_IN_TAR = "nothing-in-tar"
    NO_DUMP = "no-dump"
    NO_TABLES = "no-tables"
    NO_WAL = "no-wal"
    OTHER_CHECKSUM = "other-checksum"
    OTHER_KEY = "other-key"
    OTHER_SIZE = "other-size"
    REPORTED = "reported"
    SEGMENT_ABSENT = "segment-absent"
    SEGMENT_NOT_THERE = "segment-not-there"
    SEGMENT_SIZE = "segment-size"
    SEVERAL_DUMPS = "several-dumps"
    SHARED_ABSENT = "shared-absent"
    UNLISTED = "unlisted"
    VERIFY_BACKUP = "verify-backup"
    VERIFY_STATUS = "verify-status"
    VERIFY_WAL = "verify-wal"
    ZERO_BYTES = "zero-bytes"


@dataclass(frozen=True)
class Damage:
    """What is wrong: the names and numbers that it is about, and the files of a folder that it is in, outermost first.

    REPORTED has what the reader of a format said itself.
    """

    kind: DamageKind
    values: tuple[str | int, ...] = ()
    within: tuple[str, ...] = ()


def reported(error: Exception) -> Damage:
    """Return what the reader of a format said."""
    return Damage(DamageKind.REPORTED, (str(error),))
