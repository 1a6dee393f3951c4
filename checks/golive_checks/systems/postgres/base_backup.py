"""The manifest of a base backup, as pg_basebackup writes it and pg_verifybackup reads it. Pure."""

import hashlib
import re
from collections.abc import Mapping

from pydantic import BaseModel, Field, ValidationError

MANIFEST = "backup_manifest"
LAST_LINE = re.compile(rb'\n"Manifest-Checksum": "([0-9a-f]{64})"}\s*\Z')
"""https://www.postgresql.org/docs/current/backup-manifest-toplevel.html: SHA-256 of all that stands before it."""
BASE_TAR = re.compile(r"base\.tar(\.gz|\.zst|\.lz4)?")


class _File(BaseModel):
    path: str | None = Field(default=None, alias="Path")  # else Encoded-Path, of a name that is no UTF-8
    size: int = Field(alias="Size")


class _Manifest(BaseModel):
    files: list[_File] = Field(default=[], alias="Files")


def defects(manifest: bytes, found: Mapping[str, int]) -> tuple[str, list[str]]:
    """Hold a manifest against the files of its backup, by name and size: what it says of them, and what is wrong."""
    last = LAST_LINE.search(manifest)
    if not last:
        return "", ["its manifest is cut off: it does not end in its checksum"]
    if hashlib.sha256(manifest[: last.start() + 1]).hexdigest() != last[1].decode():
        return "", ["its manifest is damaged: its checksum is another"]
    try:
        listed = _Manifest.model_validate_json(manifest).files
    except ValidationError:
        return "", ["its manifest cannot be read"]
    if any(BASE_TAR.fullmatch(name) for name in found):
        return f"{len(listed):,} files, in tar archives", []
    named = [(file.path, file.size) for file in listed if file.path is not None]
    wrong = [f"{path} is not there" for path, _ in named if path not in found]
    wrong += [
        f"{path} has {found[path]:,} bytes, its manifest says {size:,}"
        for path, size in named
        if path in found and found[path] != size
    ]
    return f"{len(listed):,} files, each there with its size", wrong
