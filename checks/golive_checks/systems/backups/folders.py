"""A backup that is a folder: pg_dump's directory format, base backups, and dumps beside one another, at any depth."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

from golive.wording import counted, listed
from golive_checks.systems.backups.looking import (
    HEAD_BYTES,
    MAX_HEAD,
    Look,
    describe,
    digested,
    look_at,
    members_digested,
)
from golive_checks.systems.backups.reading import SourceReading
from golive_checks.systems.machine.client.streams import Peekable, drained
from golive_checks.systems.machine.client.unpack import LimitError
from golive_checks.systems.postgres import archive_data, base_backup
from golive_checks.systems.postgres import archive_format as pg_archive
from golive_checks.systems.postgres.archive_format import CutOffError, NoArchiveError
from golive_checks.systems.postgres.base_backup import FoundFiles, Manifest, NoManifestError
from golive_checks.systems.postgres.damage import Damage, DamageKind, reported

TOC = "toc.dat"
PACKED = (".gz", ".lz4", ".zst")
MAX_READ = 5000
"""How many files of a folder are read: each is a request."""

Files = Mapping[str, int]
"""The files below a folder, by their names there, with their sizes."""


def look_into(reading: SourceReading, folder: str, files: Files) -> Look:
    """Look into a folder, in a thread: into each of the backups that it holds."""
    looks = list[tuple[str, Look]]()
    left = dict(files)
    for mark, judge in ((TOC, _directory_archive), (base_backup.MANIFEST, _base_backup)):
        for at in sorted(name.removesuffix(mark) for name in files if f"/{name}".endswith(f"/{mark}")):
            inside = {name.removeprefix(at): size for name, size in left.items() if name.startswith(at)}
            left = {name: size for name, size in left.items() if not name.startswith(at)}
            if mark in inside:
                looks.append((at.rstrip("/"), judge(reading, f"{folder}/{at}", inside)))
    looks += _single_files(reading, folder, left)
    return _together(looks)


def _single_files(reading: SourceReading, folder: str, files: Files) -> list[tuple[str, Look]]:
    """Look into each, the small ones first; text that is no dump is a note beside the dumps, where there are any."""
    looks = []
    for name in sorted(files, key=lambda name: files[name])[:MAX_READ]:
        if files[name]:
            looks.append((name, look_at(reading, f"{folder}/{name}", files[name])))
            if base_backup.TAR.fullmatch(name.rpartition("/")[2]) and name.rpartition("/")[2].startswith("base"):
                looks[-1][1].unseen.append("whether all its files are in it: there is no manifest")
        else:
            looks.append((name, Look(damages=[Damage(DamageKind.EMPTY)])))
    dumps = [(name, look) for name, look in looks if look.kind and not look.no_dump]
    if len(files) > MAX_READ:
        looks.append(("", Look(unseen=[f"{len(files) - MAX_READ:,} of its {len(files):,} files"])))
    return (
        [(name, look) for name, look in looks if look in [each for _, each in dumps] or look.unseen] if dumps else looks
    )


def _together(looks: list[tuple[str, Look]]) -> Look:
    """Make one of several: what is wrong is named by its file."""
    if len(looks) == 1 and not looks[0][0]:
        return looks[0][1]
    kinds = list(dict.fromkeys(look.format for _, look in looks if look.format))
    made = Look(kind=" and ".join(kinds[:3]), strange=all(look.strange for _, look in looks))
    if len(looks) == 1:
        made.says = looks[0][1].says
    elif looks:
        made.says = [f"{len(looks):,} of them"]
    for name, look in looks:
        made.damages += _within(name, look.damages)
        made.doubts += _within(name, look.doubts)
        made.encrypted = made.encrypted or look.encrypted
    unread = [(name, unseen) for name, look in looks for unseen in look.unseen]
    if unread:
        first = f"{unread[0][0]}: {unread[0][1]}" if unread[0][0] else unread[0][1]
        made.unseen.append(first + (f", and of {counted(len(unread) - 1, 'more file')}" if unread[1:] else ""))
    if strange := [name for name, look in looks if look.strange]:
        made.unseen.append(f"{listed(strange, 1)}, of a format that golive does not know")
    return made


def _within(name: str, damages: Iterable[Damage]) -> list[Damage]:
    return [replace(each, within=(name, *each.within)) if name else each for each in damages]


def _directory_archive(reading: SourceReading, folder: str, files: Files) -> Look:
    """Read each file of data to its end, and hold them against the table of contents."""
    look = Look("a directory archive of pg_dump")
    try:
        archive = pg_archive.archive(reading.whole(f"{folder}{TOC}", files[TOC], MAX_HEAD))
    except NoArchiveError as error:
        look.damages.append(reported(error))
        return look
    except CutOffError:
        look.damages.append(Damage(DamageKind.ENDS_IN_CONTENTS))
        return look
    except LimitError as limit:
        look.unseen.append(str(limit))
        return look
    describe(archive, look)
    tails, named, unread = dict[str, bytes | None](), list[str](), dict[str, int]()
    # The smallest first, so that the budget covers as many files as it can.
    for name in sorted(files, key=lambda name: files[name]):
        if name == TOC:
            continue
        plain = next((name.removesuffix(suffix) for suffix in PACKED if name.endswith(suffix)), name)
        tails[plain] = None if files[name] else b""
        if not files[name] or files[name] > reading.left or len(tails) > MAX_READ:
            unread |= {name: files[name]} if files[name] else {}
            continue
        ends = _Ends()
        seen = look_at(reading, folder + name, files[name], ends.take)
        look.damages += _within(name, seen.damages)
        if seen.unseen:
            unread[name] = files[name]
        elif not seen.damages:
            tails[plain] = ends.tail
            if archive_data.LISTS.fullmatch(plain):
                named += archive_data.large_objects(ends.tail)
    look.damages += archive_data.in_files(archive, tails, named)
    _not_read(look, unread, len(files))
    return look


class _Ends:
    """Keeps the end of a stream."""

    def __init__(self) -> None:
        self.tail = b""

    def take(self, stream: Peekable, _: Look) -> None:
        head = stream.head(HEAD_BYTES)
        size, tail = drained(stream)
        self.tail = head if size <= len(head) else tail


def _not_read(look: Look, unread: Mapping[str, int], count: int) -> None:
    if unread:
        look.unseen.append(f"{len(unread):,} of its {count:,} files, {sum(unread.values()):,} bytes")


def _base_backup(reading: SourceReading, folder: str, files: Files) -> Look:
    """Hold the files of a base backup against its manifest, those in tar archives as well."""
    look = Look("a base backup")
    try:
        name = base_backup.MANIFEST
        manifest = base_backup.manifest_of(reading.whole(folder + name, files[name], MAX_HEAD))
    except NoManifestError as error:
        look.damages.append(reported(error))
        return look
    except LimitError as limit:
        look.unseen.append(f"its manifest: {limit}")
        return look
    tars = {name: size for name, size in files.items() if base_backup.TAR.fullmatch(name)}
    found, unread = (
        _in_tars(reading, folder, tars, manifest, look) if tars else _in_files(reading, folder, files, manifest)
    )
    look.damages += base_backup.differences(manifest, found)
    if extra := base_backup.strangers(manifest, found):
        look.doubts.append(Damage(DamageKind.UNLISTED, (extra[0], len(extra) - 1)))
    where = ", in tar archives" if tars else ""
    look.says.append(
        f"{len(manifest.files):,} files{where}, of which {len(found.digests):,} have the checksum of its manifest"
        if not look.damages
        else f"{len(manifest.files):,} files{where} in its manifest"
    )
    _not_read(look, unread, len(files))
    if away := base_backup.elsewhere(manifest, found):
        look.unseen.append(f"{away:,} files of tablespaces, which are elsewhere")
    look.unseen.append("the records of its WAL" if base_backup.segments(found) else "its WAL, which is elsewhere")
    return look


def _in_files(
    reading: SourceReading, folder: str, files: Files, manifest: Manifest
) -> tuple[FoundFiles, dict[str, int]]:
    found, unread = FoundFiles(dict(files)), dict[str, int]()
    for name in sorted(files, key=lambda name: files[name]):
        listed = manifest.files.get(name)
        if not listed or not listed.checksum or listed.size != files[name]:
            continue
        if files[name] > reading.left or len(found.digests) > MAX_READ:
            unread[name] = files[name]
        else:
            digested(Peekable(reading.file(folder + name, files[name])), name, manifest, found)
    return found, unread


def _in_tars(
    reading: SourceReading, folder: str, tars: Files, manifest: Manifest, look: Look
) -> tuple[FoundFiles, dict[str, int]]:
    found, unread = FoundFiles(), dict[str, int]()
    if not any(name.startswith("base.tar") for name in tars):
        look.damages.append(Damage(DamageKind.MAIN_PART_ABSENT))
        found.complete = False
    # The smallest first, so that the budget covers as many archives as it can.
    for name in sorted(tars, key=lambda name: tars[name]):
        # pg_basebackup -Ft names the archive of a tablespace by its OID.
        part = name.split(".")[0]
        below = {"base": "", "pg_wal": "pg_wal/"}.get(part, f"pg_tblspc/{part}/")
        if not tars[name]:
            look.damages.append(Damage(DamageKind.FILE_EMPTY, (name,)))
            found.complete = False
            continue
        seen = look_at(
            reading,
            folder + name,
            tars[name],
            partial(members_digested, manifest=manifest, below=below, found=found),
        )
        look.damages += _within(name, seen.damages)
        if seen.unseen:
            unread[name] = tars[name]
        if seen.damages or seen.unseen:
            found.complete = False
    return found, unread
