"""A base backup, out of the folder, the tar archives or the bucket that it is kept in, becomes a data folder."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from golive import Unavailable
from golive.wording import data_size
from golive_checks.systems.backups.reading import SourceReading
from golive_checks.systems.backups.tar import Tar
from golive_checks.systems.machine.client.streams import PIECE, Peekable
from golive_checks.systems.machine.client.unpack import DamagedError, LimitError, Stream, Unpacked, packing_of
from golive_checks.systems.postgres.base_backup import MANIFEST, TAR

HEAD_BYTES = 262_144
OF_A_CLUSTER = re.compile(r"(?:.*/)?(?:backup_label|PG_VERSION|global/pg_\w+|base/\d+/\d+\w*|pg_wal/.*)")
"""What the first files of an archive of a cluster are."""
IN_TABLESPACE = re.compile(r"pg_tblspc/(\d+)/(.*)")
INCREMENTAL = "INCREMENTAL."
"""How the files begin that a base backup has in part (PostgreSQL 17 and later)."""


@dataclass(frozen=True)
class BaseBackup:
    """The files of a base backup in its source, with their sizes: tar archives, or those of a data folder."""

    files: Mapping[str, int]
    below: str = ""
    """What their names begin with, up to where the data folder begins."""
    tars: bool = False

    @property
    def size(self) -> int:
        """How many bytes they have."""
        return sum(self.files.values())


@dataclass
class Written:
    """What was written of it, and the digest of all that was read."""

    size: int = 0
    packing: str = ""
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)


def base_backup_in(name: str, files: Mapping[str, int]) -> BaseBackup | None:
    """Find the base backup in a folder that is one backup; None where it is something else."""
    inner = {f"{name}/{each}": size for each, size in files.items()}
    tars = {each: size for each, size in inner.items() if TAR.fullmatch(PurePosixPath(each).name)}
    if any(PurePosixPath(each).name.startswith("base.tar") for each in tars):
        manifests = {each: size for each, size in inner.items() if PurePosixPath(each).name == MANIFEST}
        return BaseBackup(tars | manifests, tars=True)
    roots = [each.removesuffix("PG_VERSION") for each in inner if PurePosixPath(each).name == "PG_VERSION"]
    if not roots or "toc.dat" in files:
        return None
    root = min(roots, key=len)  # each database has a PG_VERSION too, deeper down
    return BaseBackup({each: size for each, size in inner.items() if each.startswith(root)}, root)


def base_backup_file(reading: SourceReading, name: str, size: int) -> BaseBackup | None:
    """Return the base backup that a single file is: a tar archive of a cluster; None where it is something else."""
    stream = Peekable(reading.file(name, size))
    try:
        if packing := packing_of(stream.head(HEAD_BYTES)):
            stream = Peekable(Unpacked(stream, packing))
        for number, member in enumerate(Tar(Peekable(_Beginning(stream))).files()):
            if OF_A_CLUSTER.fullmatch(member.name):
                return BaseBackup({name: size}, tars=True)
            # pg_dump's tar format begins with toc.dat, and is no base backup.
            if not number and member.name == "toc.dat":
                return None
    except (DamagedError, LimitError):
        return None
    return None


class _Beginning:
    """The first bytes of a stream."""

    def __init__(self, stream: Peekable) -> None:
        self._left = HEAD_BYTES
        self._stream = stream

    def read(self, length: int, /) -> bytes:
        """Return the next bytes; none after the first so many."""
        found = self._stream.read(min(length, self._left))
        self._left -= len(found)
        return found


class Unpacking:
    """Writes one to a data folder, in a thread."""

    def __init__(self, reading: SourceReading, data: str, tablespaces: str, most: int) -> None:
        self._reading = reading
        self._data, self._tablespaces = data, tablespaces
        self._most = most
        self._tablespace_names = set[str]()
        self.written = Written()

    def run(self, backup: BaseBackup) -> Written:
        """Write all of it.

        Raises:
            DamagedError: an archive is cut off, or does not unpack.
            Unavailable: there is no room for it, or golive cannot restore what it is.
        """
        try:
            for name, size in sorted(backup.files.items()):
                stream = _Hashed(self._reading.file(name, size), self.written)
                self.written.digest.update(f"{name}\0{size}\0".encode("utf-8", "surrogateescape"))
                file = PurePosixPath(name).name
                if backup.tars and file != MANIFEST:
                    self._tar(Peekable(stream), file)
                else:
                    self._write(file if backup.tars else name.removeprefix(backup.below), stream)
            # The links of the backup name folders of the server's; here they must lead into the copy.
            for oid in self._tablespace_names:
                link = Path(self._data, "pg_tblspc", oid)
                link.parent.mkdir(mode=0o700, exist_ok=True)
                link.symlink_to(Path(self._tablespaces, oid))
            self._lift()
        except LimitError as limit:
            raise Unavailable(
                f"the base backup cannot be read: {limit}", fix="Set drill.max_dump_bytes higher."
            ) from None
        except OSError as error:
            raise Unavailable(
                f"the base backup could not be written: {error.strerror}", fix="Give it more room."
            ) from None
        return self.written

    def _tar(self, stream: Peekable, file: str) -> None:
        while packing := packing_of(stream.head(HEAD_BYTES)):
            self.written.packing = packing
            stream = Peekable(Unpacked(stream, packing, most=float("inf")))
        found = TAR.fullmatch(file)
        part = found[1] if found else "base"
        below = {"base": "", "pg_wal": "pg_wal/"}.get(part, f"pg_tblspc/{part}/")
        for member in Tar(stream).files():
            self._write(below + member.name.removeprefix("./"), member.data)
        while stream.read(PIECE):  # to the packed stream's checksum
            pass

    def _write(self, name: str, stream: Stream) -> None:
        path = PurePosixPath(name)
        # An archive made to harm would write outside of the copy.
        if path.is_absolute() or ".." in path.parts:
            raise DamagedError(f"a file in it is named {name!r}")
        if path.name.startswith(INCREMENTAL):
            raise Unavailable(
                "the base backup is an incremental one, which is nothing without the one before it",
                fix="Let the drill take full backups, or what pg_combinebackup makes of them.",
            )
        place = Path(self._data, *path.parts)
        if inside := IN_TABLESPACE.fullmatch(name):
            self._tablespace_names.add(inside[1])
            place = Path(self._tablespaces, inside[1], inside[2])
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with place.open("xb") as file:
            while piece := stream.read(PIECE):
                self.written.size += len(piece)
                if self.written.size > self._most:
                    raise Unavailable(
                        f"the base backup unpacks to more than the {data_size(self._most)} that golive may fill",
                        fix="Name a folder with more room in drill.temp_dir.",
                    )
                file.write(piece)

    def _lift(self) -> None:
        """Make a data folder that is one folder deeper the data folder: whoever packed it packed its name too."""
        data = Path(self._data)
        if not (data / "PG_VERSION").exists():
            within = [each for each in data.iterdir() if (each / "PG_VERSION").exists() and (each / "global").is_dir()]
            if len(within) == 1:
                moved = data.with_name("inner")
                within[0].rename(moved)
                data.rename(data.with_name("around"))
                moved.rename(data)


class _Hashed:
    """A file that is digested as it is read."""

    def __init__(self, stream: Stream, written: Written) -> None:
        self._stream, self._digest = stream, written.digest

    def read(self, length: int, /) -> bytes:
        """Return the next bytes."""
        piece = self._stream.read(length)
        self._digest.update(piece)
        return piece
