"""One file of a backup, looked into: read to its end where the budget allows, else by its beginning and its end."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from golive import Unavailable, shortened
from golive_checks.systems.backups.reading import SourceFile, SourceReading
from golive_checks.systems.backups.tar import CUT_OFF, Tar
from golive_checks.systems.machine.client.checksums import checksum
from golive_checks.systems.machine.client.streams import PIECE, TAIL_BYTES, Peekable, drained
from golive_checks.systems.machine.client.unpack import DamagedError, LimitError, Unpacked, packing_of
from golive_checks.systems.postgres import archive_data, base_backup
from golive_checks.systems.postgres import archive_format as pg_archive
from golive_checks.systems.postgres.archive_format import Archive, CutOffError, NoArchiveError
from golive_checks.systems.postgres.damage import Damage, DamageKind, reported
from golive_checks.systems.postgres.dump_format import encryption_of, kind_of

HEAD_BYTES = 262_144
MAX_HEAD = 256_000_000
"""Of a table of contents: a few hundred thousand entries."""
ENDS = b"\n-- PostgreSQL database dump complete"
MAX_PACKED = 3
MAX_LIST = 64_000_000
MAX_HOPS = 2000
COMPLETE = re.compile(rb"-- PostgreSQL database (?:cluster )?dump complete\s*")
AFTER_IT = re.compile(rb"\s*|--.*|\\unrestrict [A-Za-z0-9]+\s*")
"""What pg_dump and pg_dumpall write behind it: since 2025 an \\unrestrict."""
SQL = re.compile(rb"\s*(?:--|/\*|(?:SET|BEGIN|CREATE|DROP|INSERT|USE|PRAGMA|COPY|SELECT)\b)", re.IGNORECASE)
LINE = 256
"""More than the longest line that is looked for."""
RESTRICT, UNRESTRICT = re.compile(rb"(?:^|\n)\\restrict ([A-Za-z0-9]+)"), b"\\unrestrict "
LABELS = {
    "plain": "a plain dump",
    "cluster": "a dump of pg_dumpall",
    "tar": "a tar archive",
    "custom": "a custom archive of pg_dump",
}


@dataclass
class Look:
    """What a file was seen to be, as far as it was read."""

    kind: str = ""
    packed: list[str] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)
    doubts: list[Damage] = field(default_factory=list)
    """What does not keep it from being restored, and is not as it should be."""
    unseen: list[str] = field(default_factory=list)
    strange: bool = False
    no_dump: bool = False
    """It is text, and none that restores anything."""
    encrypted: str = ""

    @property
    def format(self) -> str:
        """What it is, in words."""
        return ", ".join(filter(None, (self.kind, *(f"packed with {packing}" for packing in self.packed))))


def look_at(
    reading: SourceReading, name: str, size: int, inside: Callable[[Peekable, Look], None] | None = None
) -> Look:
    """Look into a file, in a thread.

    Args:
        reading: what may be read.
        name: the file's, in its source.
        size: its length in bytes.
        inside: reads what it holds, unpacked, instead of what its first bytes suggest.
    """
    look, file = Look(), reading.file(name, size)
    affordable = size <= reading.left
    raw = Peekable(file)
    try:
        head = raw.head(HEAD_BYTES)
        if not head:
            raise Unavailable(f"{name} is gone again, or is empty by now")
        if not affordable and not packing_of(head):
            _by_its_ends(raw, look, reading, file)
        else:
            _to_its_end(raw, look, inside)
    except DamagedError as error:
        look.damages.append(reported(error))
    except LimitError as limit:
        whole = f"all but its first {file.at:,} of {size:,} bytes"
        look.unseen.append(whole if file.at < size or not affordable else f"all of it: {limit}")
    return look


def _to_its_end(raw: Peekable, look: Look, inside: Callable[[Peekable, Look], None] | None) -> None:
    """Read all of it, unpacked as often as it was packed."""
    stream = raw
    while len(look.packed) < MAX_PACKED and (packing := packing_of(stream.head(HEAD_BYTES))):
        look.packed.append(packing)
        stream = Peekable(Unpacked(stream, packing))
        if not stream.head(1) and not inside:  # a large object of no bytes is one
            raise DamagedError("there is nothing in it once it is unpacked")
    if inside:
        inside(stream, look)
    else:
        _by_its_kind(stream, look)
    drained(stream)


def _by_its_kind(stream: Peekable, look: Look) -> None:
    head = stream.head(HEAD_BYTES)
    kind = kind_of(head)
    look.kind = LABELS.get(kind, "")
    if kind in {"plain", "cluster"}:
        _plain(stream, look, cluster=kind == "cluster")
    elif kind == "custom":
        _custom(stream, look)
    elif kind == "tar":
        _tar(stream, look)
    elif kind == "encrypted":
        look.encrypted = encryption_of(head)
        look.kind = f"encrypted with {look.encrypted}"
        look.unseen.append(f"its contents, which {look.encrypted} hides")
    else:
        _strange(head, look)


def _strange(head: bytes, look: Look) -> None:
    if head.isascii() and not SQL.match(head):
        look.kind, look.no_dump = "text", True
        look.damages.append(Damage(DamageKind.NO_DUMP, (_first_words(head),)))
    else:
        look.strange = True


def _first_words(head: bytes) -> str:
    line = shortened(head.decode("ascii", "replace").strip(), 40)
    return "".join(c if c.isprintable() else " " for c in line)


def _plain(stream: Peekable, look: Look, *, cluster: bool) -> None:
    """Read SQL to the comment that pg_dump writes last."""
    tail, holes, dumps, connects = b"", False, 0, False
    keys = set[bytes]()
    while piece := stream.read(PIECE):
        holes = holes or b"\0" in piece
        # The comment may be cut in two by the end of a piece; what is wholly in the tail was counted before.
        seam = tail[-len(ENDS) :] + piece
        dumps += seam.count(ENDS) - tail[-len(ENDS) :].count(ENDS)
        keys.update(RESTRICT.findall(tail[-LINE:] + piece))
        connects = connects or b"\n\\connect " in seam
        tail = (tail + piece)[-TAIL_BYTES:]
    # Several are several whole dumps in one file, unless a \connect leads each into a database of its own.
    if dumps > 1 and not connects:
        look.doubts.append(Damage(DamageKind.SEVERAL_DUMPS, (dumps,)))
    if holes:
        look.damages.append(Damage(DamageKind.ZERO_BYTES))
    _end_of_plain(tail, look, cluster=cluster)
    # psql refuses an \unrestrict whose key is not that of the \restrict before it.
    if any(line.split()[1] not in keys for line in tail.split(b"\n") if line.startswith(UNRESTRICT)):
        look.damages.append(Damage(DamageKind.OTHER_KEY))


def _end_of_plain(tail: bytes, look: Look, *, cluster: bool) -> None:
    word = b"cluster dump complete" if cluster else b"dump complete"
    lines = tail.split(b"\n")
    at = [number for number, line in enumerate(lines) if COMPLETE.fullmatch(line) and word in line]
    if not at:
        says = "-- PostgreSQL database cluster dump complete" if cluster else "-- PostgreSQL database dump complete"
        look.damages.append(Damage(DamageKind.LAST_LINE_ABSENT, (says,)))
    elif not all(AFTER_IT.fullmatch(line) for line in lines[at[-1] + 1 :]):
        look.damages.append(Damage(DamageKind.BEHIND_DUMP))


def _custom(stream: Peekable, look: Look) -> None:
    archive = _table_of_contents(stream, look)
    if archive:
        damages, beyond = archive_data.read_blocks(stream, archive)
        look.damages += damages
        if beyond:
            look.doubts.append(Damage(DamageKind.BEHIND_ARCHIVE, (beyond,)))


def _table_of_contents(stream: Peekable, look: Look) -> Archive | None:
    """Read the head of an archive, as much of it as it turns out to need, and pass over it."""
    wanted = HEAD_BYTES
    while True:
        head = stream.head(wanted)
        try:
            archive = pg_archive.archive(head)
        except NoArchiveError as error:
            raise DamagedError(str(error)) from None
        except CutOffError:
            if len(head) < wanted:
                raise DamagedError(f"{CUT_OFF}it ends within its table of contents") from None
            if wanted >= MAX_HEAD:
                raise LimitError("its table of contents, which is larger than what golive reads") from None
            wanted *= 2
            continue
        stream.skip(archive.head)
        describe(archive, look)
        return archive


def describe(archive: Archive, look: Look) -> None:
    """Say what an archive's head says of it."""
    server = archive.server.split(" ")[0] or "?"
    look.says.append(f"{archive.tables:,} tables with data, of {archive.database or '?'} on PostgreSQL {server}")
    if not archive.tables:
        look.damages.append(Damage(DamageKind.NO_TABLES))


def _tar(stream: Peekable, look: Look) -> None:
    """Read a tar archive to its end, and pg_dump's own against its table of contents."""
    tar, archive, tails, named, lists = Tar(stream), None, dict[str, bytes | None](), list[str](), 0
    for number, member in enumerate(tar.files()):
        if number == 0 and member.name == "toc.dat":
            archive = _table_of_contents(Peekable(member.data), look)
        elif archive and archive_data.LISTS.fullmatch(member.name):
            named += archive_data.large_objects(Peekable(member.data).head(MAX_LIST))
            lists += 1
        elif archive:
            size, tail = drained(member.data)
            tails[member.name] = tail if size or not member.name.startswith("blob_") else None
    if archive:
        look.kind = "a tar archive of pg_dump"
        in_tar = [block.file for block in archive.blocks.values() if block.large_objects]
        tails |= dict.fromkeys(in_tar[:lists])  # what the table of contents calls N.dat is a list there
        look.damages += archive_data.in_files(archive, tails, named)
    else:
        look.says.append(f"{tar.count:,} members")
        if not tar.count:
            look.damages.append(Damage(DamageKind.NOTHING_IN_TAR))
    if any(piece.strip(b"\0") for piece in iter(lambda: stream.read(PIECE), b"")):
        look.doubts.append(Damage(DamageKind.BEHIND_TAR))


def _by_its_ends(raw: Peekable, look: Look, reading: SourceReading, file: SourceFile) -> None:
    """Look at the beginning and the end of what is larger than the budget, and hop through a tar archive."""
    head = raw.head(HEAD_BYTES)
    kind = kind_of(head)
    look.kind = LABELS.get(kind, "")
    if kind == "tar":
        tar = Tar(raw)
        for number, _ in enumerate(tar.files()):
            if number >= MAX_HOPS:
                raise LimitError("the budget")
        look.unseen.append("what is in its members")
        return
    if kind not in LABELS:
        _by_its_kind(raw, look)
        look.unseen.append(f"all but its beginning, of {file.size:,} bytes")
        return
    archive = _table_of_contents(raw, look) if kind == "custom" else None
    tail = reading.fetch(file.name, file.size - TAIL_BYTES, file.size)
    look.unseen.append(f"all but its beginning and its end, of {file.size:,} bytes")
    if not archive:
        _end_of_plain(tail, look, cluster=kind == "cluster")
    elif archive.last_offset >= file.size:
        look.damages.append(Damage(DamageKind.DATA_BEYOND_END, (archive.last_offset, file.size)))
    elif archive.has_data and not tail.endswith(pg_archive.END):
        look.damages.append(Damage(DamageKind.LAST_BLOCK_OPEN))


def members_digested(
    stream: Peekable, look: Look, manifest: base_backup.Manifest, below: str, found: base_backup.FoundFiles
) -> None:
    """Read a tar archive of a base backup, and keep the sizes and checksums of its files."""
    found.complete, complete = False, found.complete
    for member in Tar(stream).files():
        name = below + member.name.removeprefix("./")
        found.sizes[name] = member.size
        digested(Peekable(member.data), name, manifest, found)
    look.kind = LABELS["tar"]
    found.complete = complete


def digested(stream: Peekable, name: str, manifest: base_backup.Manifest, found: base_backup.FoundFiles) -> None:
    """Compute the checksum that a manifest has of a file, over what is left of a stream."""
    listed = manifest.files.get(name)
    made = checksum(listed.algorithm) if listed else None
    while piece := stream.read(PIECE):
        if made:
            made.update(piece)
    if listed and made:
        found.digests[name] = base_backup.shown(listed.algorithm, made)
