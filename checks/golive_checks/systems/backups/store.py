"""Buckets and folders that hold backups, listed and read in one way."""

from collections.abc import AsyncIterator

from golive import Client
from golive_checks.subjects import BackupSource
from golive_checks.subjects.backups import InBucket, InFolder
from golive_checks.systems.machine.client.folders import File, Folders
from golive_checks.systems.s3.client.client import S3


class BackupStore(Client):
    """Lists and reads what is in a source that is a bucket or a folder. Names are as a `Backup` bears them."""

    def __init__(self, folders: Folders, s3: S3) -> None:
        self._folders = folders
        self._s3 = s3

    async def walk(self, source: BackupSource, below: str = "") -> AsyncIterator[list[File]]:
        """Yield the files of a source, or of the folder `below` in it, page by page; those of one folder together."""
        if isinstance(source.where, InBucket):
            cut = len(source.where.prefix)
            prefix = source.location(f"{below}/" if below else "")
            async for page in self._s3.list_objects(source.where.place, prefix):
                yield [File(found.key[cut:], found.size, found.modified) for found in page]
        elif isinstance(source.where, InFolder):
            async for files in self._folders.walk(source.where.path, below):
                yield files

    async def read(self, source: BackupSource, name: str, start: int, end: int) -> bytes:
        """Read a file's bytes from `start` to before `end`, as a slice: fewer, or none, where it is shorter."""
        if isinstance(source.where, InBucket):
            return await self._s3.read_range(source.where.place, source.location(name), start, end)
        return await self._folders.read(source.location(name), start, end)

    async def encrypted_by(self, source: BackupSource, name: str) -> str:
        """Name what the server says that it encrypts an object with; nothing for a file, or where it says none."""
        if not isinstance(source.where, InBucket):
            return ""
        head = await self._s3.call(source.where.place, "HeadObject", Key=source.location(name))
        return str(head.get("ServerSideEncryption") or head.get("SSECustomerAlgorithm") or "")
