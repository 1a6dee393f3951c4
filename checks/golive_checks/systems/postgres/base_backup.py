"""The manifest of a base backup, as pg_basebackup writes it and pg_verifybackup reads it. Pure."""

import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, Field, ValidationError

from golive_checks.systems.machine.client.checksums import Checksum
from golive_checks.systems.postgres.damage import Damage, DamageKind

MANIFEST = "backup_manifest"
LAST_LINE = re.compile(rb'\n"Manifest-Checksum": "([0-9a-f]{64})"}\s*\Z')
"""https://www.postgresql.org/docs/current/backup-manifest-toplevel.html: SHA-256 of all that comes before it."""
TAR = re.compile(r"(base|pg_wal|\d+)\.tar(\.gz|\.zst|\.lz4)?")
NOT_LISTED = re.compile(r"backup_manifest|pg_wal(/.*)?|postgresql\.auto\.conf|recovery\.signal|standby\.signal")
"""What pg_verifybackup lets be there without being in the manifest (pg_verifybackup(1))."""
ELSEWHERE = re.compile(r"pg_tblspc/\d+/")
SEGMENT = re.compile(r"pg_wal/([0-9A-F]{24})")
SEGMENT_BYTES = 16_777_216
"""By default (initdb --wal-segsize)."""
LSN = re.compile(r"([0-9A-F]{1,8})/([0-9A-F]{1,8})")


class _File(BaseModel):
    path: str | None = Field(default=None, alias="Path")
    encoded: str | None = Field(default=None, alias="Encoded-Path")
    """In hexadecimal, of a name that is no UTF-8."""
    size: int = Field(alias="Size", ge=0)
    algorithm: str = Field(default="", alias="Checksum-Algorithm")
    checksum: str = Field(default="", alias="Checksum")

    def name(self) -> str:
        if self.path is not None:
            return self.path
        return binascii.unhexlify(self.encoded or "").decode("utf-8", "surrogateescape")


class _Range(BaseModel):
    timeline: int = Field(alias="Timeline", ge=1)
    start: str = Field(alias="Start-LSN", pattern=LSN.pattern)
    end: str = Field(alias="End-LSN", pattern=LSN.pattern)


class _Manifest(BaseModel):
    files: list[_File] = Field(default=[], alias="Files")
    ranges: list[_Range] = Field(default=[], alias="WAL-Ranges")


@dataclass(frozen=True)
class ManifestFile:
    """A file that a manifest names."""

    size: int
    algorithm: str
    checksum: str


@dataclass(frozen=True)
class Manifest:
    """What a manifest says of its backup."""

    files: Mapping[str, ManifestFile]
    wal: tuple[tuple[int, int, int], ...] = ()
    """What it needs of the WAL: a timeline, its first byte, and the byte after its last."""


@dataclass
class FoundFiles:
    """What was found of a backup. `digests` holds what was read and has a checksum in the manifest."""

    sizes: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    complete: bool = True
    """Whether all its files are known: not where a tar archive was not read to its end."""


class NoManifestError(Exception):
    """It cannot be relied on; one line."""


def manifest_of(text: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        NoManifestError: it is cut off, damaged, or no manifest.
    """
    last = LAST_LINE.search(text)
    if not last:
        raise NoManifestError("its manifest is cut off: it does not end in its checksum")
    # The checksum is of everything before its own line.
    if hashlib.sha256(text[: last.start() + 1]).hexdigest() != last[1].decode():
        raise NoManifestError("its manifest is damaged: its checksum is another")
    try:
        read = _Manifest.model_validate_json(text)
        files = {
            file.name(): ManifestFile(file.size, file.algorithm.lower(), file.checksum.lower()) for file in read.files
        }
    except (ValidationError, ValueError):
        raise NoManifestError("its manifest cannot be read") from None
    return Manifest(files, tuple((wal.timeline, _lsn(wal.start), _lsn(wal.end)) for wal in read.ranges))


def _lsn(text: str) -> int:
    high, low = text.split("/")
    return int(high, 16) << 32 | int(low, 16)


def shown(algorithm: str, made: Checksum) -> str:
    """Return a checksum as a manifest writes it: that of CRC-32C in the byte order of the server, little-endian."""
    found = made.digest()
    return (found[::-1] if algorithm == "crc32c" else found).hex()


def differences(manifest: Manifest, found: FoundFiles) -> list[Damage]:
    """Hold a manifest against what was found: each file by its size and checksum, and the WAL by its segments."""
    wrong = list[Damage]()
    for name, listed in manifest.files.items():
        if name not in found.sizes:
            if found.complete and not ELSEWHERE.match(name):
                wrong.append(Damage(DamageKind.FILE_ABSENT, (name,)))
        elif found.sizes[name] != listed.size:
            wrong.append(Damage(DamageKind.OTHER_SIZE, (name, found.sizes[name], listed.size)))
        elif found.digests.get(name, listed.checksum) != listed.checksum:
            wrong.append(Damage(DamageKind.OTHER_CHECKSUM, (name,)))
    return wrong + _wal(manifest, found)


def strangers(manifest: Manifest, found: FoundFiles) -> list[str]:
    """Return the files that a manifest should name, and does not: pg_verifybackup refuses a backup that has them."""
    return [name for name in found.sizes if name not in manifest.files and not NOT_LISTED.fullmatch(name)]


def elsewhere(manifest: Manifest, found: FoundFiles) -> int:
    """Count the files of tablespaces that lie outside its folder."""
    return sum(1 for name in manifest.files if ELSEWHERE.match(name) and name not in found.sizes)


def segments(found: FoundFiles) -> dict[str, int]:
    """Return the sizes of the WAL segments that it brings along."""
    return {match[1]: size for name, size in found.sizes.items() if (match := SEGMENT.fullmatch(name))}


def _wal(manifest: Manifest, found: FoundFiles) -> list[Damage]:
    there = segments(found)
    if not there or not found.complete:
        return []
    size = max(there.values())
    # Segments have a power of two, from 1 MiB on: any other size is that of one cut short.
    if size & (size - 1) or size < 1 << 20:
        size = SEGMENT_BYTES
    wrong = list[Damage]()
    for timeline, start, end in manifest.wal:
        for number in range(start // size, max(end - 1, start) // size + 1):
            each = (1 << 32) // size
            name = f"{timeline:08X}{number // each:08X}{number % each:08X}"
            if name not in there:
                wrong.append(Damage(DamageKind.SEGMENT_NOT_THERE, (f"pg_wal/{name}",)))
            elif there[name] != size:
                wrong.append(Damage(DamageKind.SEGMENT_SIZE, (f"pg_wal/{name}", there[name], size)))
    return wrong
