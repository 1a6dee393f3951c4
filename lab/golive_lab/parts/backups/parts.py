"""The backups of a stack as parts: a folder with dumps and the recovery document, and a bucket with the copy."""

from __future__ import annotations

import datetime as dt
import functools
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from golive_lab.parts.backups.dumps import dumps, laid_out
from golive_lab.parts.part import Part
from golive_lab.parts.postgres import programs as postgres_programs
from golive_lab.parts.s3.content import operator
from golive_lab.world.backups import BUCKET, DOCUMENT, FOLDER, NIGHTLY, PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.part import Kind, Start
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

NOW = "now"
SCRATCH = -2
"""Which of the spare ports a server has while it is dumped."""


def _files(kind: Kind) -> Start:
    @contextmanager
    def files(world: World, place: StackPlace) -> Iterator[None]:
        top = place.folder / FOLDER
        made = dumps(postgres_programs.folder(kind), place.ports.spare[SCRATCH])
        try:
            (top / NIGHTLY).mkdir(parents=True)
            (top / NOW).write_text(dt.datetime.now(dt.UTC).isoformat())
            for name, data in laid_out(world.backups.nightly, made, _now(place)).items():
                (top / NIGHTLY / name).write_bytes(data)
            if world.backups.document:
                (top / DOCUMENT).write_text(world.backups.document, encoding="utf-8")
            yield
        finally:
            shutil.rmtree(top, ignore_errors=True)

    return files


def _copy(kind: Kind) -> Start:
    @contextmanager
    def copy(world: World, place: StackPlace) -> Iterator[None]:
        made = dumps(postgres_programs.folder(kind), place.ports.spare[SCRATCH])
        s3 = operator(place)
        with suppress(s3.exceptions.BucketAlreadyOwnedByYou, s3.exceptions.BucketAlreadyExists):
            s3.create_bucket(Bucket=BUCKET)
        there = [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]
        how = {"ServerSideEncryption": "AES256"} if world.backups.encrypted else {}
        dumped = laid_out(world.backups.offsite, made, _now(place))
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda key: s3.delete_object(Bucket=BUCKET, Key=key), there))
            put = functools.partial(s3.put_object, Bucket=BUCKET, **how)
            list(threads.map(lambda name: put(Key=PREFIX + name, Body=dumped[name]), dumped))
        yield

    return copy


def parts(kind: Kind) -> tuple[Part, Part]:
    """Return the parts of a kind of stack: the folder, and the bucket, which wants the S3 server to stand."""
    return (
        Part("backups", _files(kind), reads=lambda world: world.backups),
        Part("backups offsite", _copy(kind), reads=lambda world: world.backups),
    )


def _now(place: StackPlace) -> dt.datetime:
    """Return the moment that all dates are counted from: the names in both places must be the same."""
    return dt.datetime.fromisoformat((place.folder / FOLDER / NOW).read_text())
