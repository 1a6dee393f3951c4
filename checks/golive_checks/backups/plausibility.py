"""Is the newest backup one: of a sensible size, in order as far as it was read, encrypted where it should be?"""

from collections.abc import Iterator
from dataclasses import replace
from statistics import median
from typing import ClassVar

from pydantic import Field

from golive import Now, Settings, Severity, Unavailable, Verdict, check, unknown, verdict
from golive.wording import data_size, duration, listed, percent
from golive_checks.backups.damage import sentences
from golive_checks.backups.words import HOUR, complaints
from golive_checks.subjects import BackupSource
from golive_checks.systems.backups.contents import Contents
from golive_checks.systems.backups.facts import Backup, Backups

ENCRYPT = (
    "Encrypt them before they leave the server (age, gpg), or where they are: SSE of the bucket, pgBackRest's cipher."
)
KNOWN = (
    "golive knows pg_dump's formats, base backups, tar, gzip, zstd, xz, bzip2, lz4, age and gpg; "
    "max_bytes and max_local_bytes: 0 under `contents:` let it read nothing."
)


class Plausibility(Settings):
    """How far the newest backup may differ from those before it."""

    home: ClassVar[str] = "backups.plausibility"

    min_share: float = Field(default=0.5, ge=0, le=1)
    """Of the median of those before it: a smaller one lacks something."""
    compared: int = Field(default=30, ge=3, le=50)
    """The median is taken of this many before it; with fewer than 3 there is none."""
    unfinished_h: float = Field(default=12, gt=0)
    """How long a backup may take until it is finished."""


@check("backup.plausible", severity=Severity.CRITICAL)
def plausible(
    source: BackupSource, seen: Backups, inside: Contents | Unavailable, now: Now, ask: Plausibility
) -> Verdict:
    """The newest backup has a plausible size, is intact as far as golive read it, and is encrypted if it must be.

    Why: A dump that was cut off, that a failing pg_dump left empty, or that lost half of its tables has a name and a
    date like any other. Only a restore proves a backup, but these defects show before one.

    Fix: Make the script stop at the first error (`set -euo pipefail`), write to a temporary name and rename the file
    when it is complete; then take a new backup.

    Source: pg_restore(1), pg_verifybackup(1); `pg_restore --list` does not notice data cut off after its list
    """
    newest = seen.sound
    fails = [*complaints(seen), *_failed(seen)]
    if newest is None:
        return verdict([*fails, "there is no backup"], ok="")
    sizes = _sizes_before(seen, newest)[: ask.compared]
    fails += _shrunk(newest, sizes, ask)
    doubts = list[str]()
    if isinstance(inside, Contents):
        fails += [f"{newest.name}: {damage}" for damage in sentences(inside.damages)]
        doubts = [f"{newest.name}: {doubt}" for doubt in sentences(inside.doubts)]
        if source.must_be_encrypted and not inside.encrypted:
            fails.append(f"nothing shows that {newest.name} is encrypted")
    # An old backup holds most of the same data, and leaks it as the newest would.
    if source.must_be_encrypted:
        fails += _bare_before(source, seen, newest, inside)
    text = f"{newest.name}{f', {data_size(newest.size)}' if newest.size is not None else ''}"
    # Only where nothing has failed: damage seen elsewhere holds whether or not the inside could be read.
    if not fails and isinstance(inside, Unavailable):
        return unknown(f"{newest.name} could not be read: {inside.reason}", text, fix=inside.fix)
    if not fails and isinstance(inside, Contents) and inside.strange:
        return unknown(f"{newest.name} begins as no backup does that golive knows", text, fix=KNOWN)
    warns = [*_unfinished(seen, now, ask), *doubts]
    words = [text, *_known(inside), *_compared(newest, sizes)]
    fix = ENCRYPT if fails and fails[0].startswith("nothing shows") else ""
    judged = verdict(fails, warns, ok="; ".join(words), evidence=words if fails or warns else [], fix=fix)
    unseen = tuple(_unseen(source, seen, newest, inside))
    return replace(judged, unseen=unseen) if unseen else judged


def _unseen(source: BackupSource, seen: Backups, newest: Backup, inside: Contents | Unavailable) -> Iterator[str]:
    """Yield what was not looked at."""
    if unseen := inside.unseen if isinstance(inside, Contents) else inside.reason:
        yield f"{newest.name}: {unseen}"
    if source.must_be_encrypted and seen.count > len(seen.newest):
        yield f"whether the {seen.count - len(seen.newest):,} oldest backups are encrypted"


def _bare_before(source: BackupSource, seen: Backups, newest: Backup, inside: Contents | Unavailable) -> list[str]:
    """Name those before the newest that are not seen to be encrypted: by their bytes, or by the word of their tool."""
    before = [backup for backup in seen.newest if not backup.error and backup is not newest]
    bare = [backup.name for backup in before if not backup.encrypted]
    if source.named_by_pattern:
        bare = [] if isinstance(inside, Unavailable) else list(inside.bare)
    return [f"nothing shows that older backups are encrypted: {listed(bare, 1)}"] if bare else []


def _failed(seen: Backups) -> Iterator[str]:
    """Yield what failed since the newest one that nothing is known against."""
    for backup in seen.newest:
        if not backup.error:
            break
        yield f"{backup.name}: {backup.error}"
    newest = seen.sound
    for part in seen.unfinished:
        if not part.size and part.size is not None and (newest is None or part.taken_at > newest.taken_at):
            yield f"{part.name} is empty"


def _unfinished(seen: Backups, now: Now, ask: Plausibility) -> list[str]:
    """List what was started long ago, after the newest, and never finished."""
    newest = seen.sound
    return [
        f"{part.name} was started {duration(now.at - part.taken_at)} ago and is not finished"
        for part in seen.unfinished
        if part.size != 0 and now.at - part.taken_at > ask.unfinished_h * HOUR
        if newest is None or part.taken_at > newest.taken_at
    ]


def _sizes_before(seen: Backups, newest: Backup) -> list[int]:
    """Return the sizes of those before the newest that are of its kind."""
    before = [backup for backup in seen.newest if not backup.error and backup is not newest]
    return [
        backup.size
        for backup in before
        if backup.size and (backup.kind, backup.directory) == (newest.kind, newest.directory)
    ]


def _shrunk(newest: Backup, sizes: list[int], ask: Plausibility) -> list[str]:
    if newest.size is None or len(sizes) < 3 or newest.size >= ask.min_share * median(sizes):  # noqa: PLR2004 - see compared
        return []
    share = int(newest.size / median(sizes) * 100) / 100  # rounded down: it is less than what is asked for
    return [f"{newest.name} has {data_size(newest.size)}, {percent(share)} of the median of the {len(sizes)} before it"]


def _known(inside: Contents | Unavailable) -> list[str]:
    """Say what the newest is seen to be."""
    if isinstance(inside, Unavailable):
        return []
    encrypted = f"encrypted by {inside.encrypted}" if inside.encrypted else ""
    read = f"not read: {inside.unseen}" if inside.unseen else "whole: read to its end"
    return [word for word in (inside.format, inside.says, encrypted, read) if word]


def _compared(newest: Backup, sizes: list[int]) -> list[str]:
    if newest.size is None or not sizes:
        return []
    return [f"{percent(newest.size / median(sizes))} of the median of the {len(sizes)} before it"]
