"""A cluster of a drill's own on this machine: its folder, its server, and what earlier drills left. Removed again."""

import asyncio
import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pydantic import SecretStr

from golive import Client, RunInfo, Unavailable
from golive.wording import duration
from golive_checks.systems.postgres.client.cluster_settings import settings_file, tablespace_map, unlinked
from golive_checks.systems.postgres.client.pg_programs import PgPrograms, Program, running, user_group
from golive_checks.systems.postgres.client.scratch import PREFIX

OURS = re.compile(f"{PREFIX}[0-9a-f]{{8}}")
OLDEST = 12
"""The first major version whose recovery is set up in postgresql.conf, and that Debian still has."""
MAX_PATH = 107
"""Of a Unix socket (unix(7))."""
EVERY_S = 0.1
NOT_THE_COPYS = ("postmaster.pid", "postmaster.opts", "standby.signal", "recovery.signal", "recovery.conf")
"""Files of the server that was backed up: they would make a standby of the copy, or keep it from starting."""
EMPTY = (
    "pg_commit_ts",
    "pg_dynshmem",
    "pg_logical/mappings",
    "pg_logical/snapshots",
    "pg_notify",
    "pg_replslot",
    "pg_serial",
    "pg_snapshots",
    "pg_stat",
    "pg_stat_tmp",
    "pg_subtrans",
    "pg_tblspc",
    "pg_twophase",
    "pg_wal/archive_status",
    "pg_wal/summaries",
)
"""Folders that a server wants and that may be empty: a bucket keeps none."""
THE_SERVERS = ("tablespaces", "lock", "spool")
"""Folders beside the data that belong to the server too: the last two are pgBackRest's."""
LOCK_FILE = "alive"
PREPARED = re.compile(r"max_prepared_xacts setting: +(\d+)")
PASSED_ON = ("PGBACKREST_",)
"""How the variables begin that pgBackRest needs."""


class NotStartedError(Exception):
    """The server ended before it took connections; `complaints` is the end of its log."""

    def __init__(self, complaints: str) -> None:
        super().__init__(complaints)
        self.complaints = complaints


@dataclass(frozen=True)
class ClusterFolder:
    """The scratch folder. `user` runs the server; None: we do."""

    path: str
    user: int | None = None

    @property
    def data(self) -> str:
        """The cluster's data folder."""
        return f"{self.path}/data"

    @property
    def tablespaces(self) -> str:
        """Its tablespaces, a folder for each."""
        return f"{self.path}/tablespaces"

    def holds(self, pattern: str) -> bool:
        """Return whether its data folder has files of such a name."""
        return any(Path(self.data).glob(pattern))

    def url(self, role: str, database: str) -> SecretStr:
        """Return the URL of a database in it."""
        place = quote(f"{self.path}/sockets", safe="")
        return SecretStr(f"postgresql://{quote(role)}@localhost/{quote(database)}?host={place}&sslmode=disable")

    def major(self) -> int:
        """Return the version of what was restored; 0 where it is no cluster."""
        with suppress(OSError, ValueError):
            return int(float(Path(self.data, "PG_VERSION").read_text("ascii")))
        return 0


class ScratchClusters(Client):
    """Makes, starts and removes scratch clusters."""

    def __init__(self, programs: PgPrograms, run: RunInfo) -> None:
        self._programs = programs
        self._name = f"{PREFIX}{run.id}"
        self._locks: dict[str, int] = {}

    def place(self, temp_dir: str, run_as: str) -> ClusterFolder:
        """Name the folder of this run.

        Raises:
            Unavailable: no server can run in it, or none as that user.
        """
        folder = ClusterFolder(f"{temp_dir or tempfile.gettempdir()}/{self._name}", _user(run_as))
        if len(f"{folder.path}/sockets/.s.PGSQL.5432") > MAX_PATH:
            raise Unavailable(
                f"the path of {folder.path} is too long for a server's socket", fix="Name another drill.temp_dir."
            )
        return folder

    async def free(self, folder: ClusterFolder) -> int:
        """Return how many bytes are free where it will be."""
        parent = str(Path(folder.path).parent)
        try:
            return (await asyncio.to_thread(shutil.disk_usage, parent)).free
        except OSError as error:
            raise Unavailable(
                f"golive cannot see how much is free in {parent}: {error.strerror}", fix="Name another drill.temp_dir."
            ) from None

    async def make(self, folder: ClusterFolder) -> None:
        """Make it, so that nobody else may enter, and hold its lock."""
        try:
            self._locks[folder.path] = await asyncio.to_thread(_made, folder)
        except OSError as error:
            raise Unavailable(
                f"{folder.path} could not be made: {error.strerror}", fix="Name another folder in drill.temp_dir."
            ) from None

    async def remove(self, folder: ClusterFolder) -> None:
        """Remove it with all that is in it, once its server is gone."""
        await asyncio.to_thread(_removed, folder.path)
        if (lock := self._locks.pop(folder.path, None)) is not None:
            os.close(lock)

    async def remove_leftovers(self, folder: ClusterFolder) -> list[str]:
        """Remove the folders next to it that earlier drills of this user left when they were killed; name them."""
        return await asyncio.to_thread(lambda: list(_leftovers(str(Path(folder.path).parent))))

    async def refuse_links(self, data: str) -> None:
        """Raise Unavailable where tablespaces of a data folder are links: what they lead to is no part of a backup."""
        if links := await asyncio.to_thread(_links, Path(data)):
            raise _elsewhere(f"pg_tblspc/{min(links)}")

    async def hold_together(self, folder: ClusterFolder) -> None:
        """Raise Unavailable where a link in it leads out of the folder, or a tablespace is not there."""
        await asyncio.to_thread(_held_together, folder)

    async def prepare(
        self, folder: ClusterFolder, program: Program, own: Mapping[str, str], restore_command: str
    ) -> None:
        """Make the restored files a copy that reaches nobody: its settings, its links, its owner."""
        await asyncio.to_thread(_cleaned, folder)
        ran = await self._programs.run(
            [str(Path(program.path).with_name("pg_controldata")), folder.data],
            environment={},
            timeout_s=60,
        )
        found = PREPARED.search(ran.stdout.decode("utf-8", "replace"))
        prepared = int(found[1]) if found else 0
        text = settings_file(own, folder.path, major=program.major, restore_command=restore_command, prepared=prepared)
        await asyncio.to_thread(_configured, folder, text, recovers=bool(restore_command))

    @asynccontextmanager
    async def serving(self, folder: ClusterFolder, program: Program, timeout_s: float) -> AsyncIterator[None]:
        """Run its server until the end of the context; it has recovered and takes connections.

        Raises:
            NotStartedError: it ended before that.
            Unavailable: it had not recovered in time.
        """
        argv = [program.path, "-D", folder.data, "-c", f"config_file={folder.path}/postgresql.conf"]
        environment = self.environment() | {"PGDATA": folder.data}
        async with running(argv, environment, folder=folder.path, user=folder.user) as (process, complaints):
            try:
                async with asyncio.timeout(timeout_s):
                    while not await asyncio.to_thread(_is_ready, folder.data):
                        if process.returncode is not None:
                            raise NotStartedError((await complaints).decode("utf-8", "replace"))
                        await asyncio.sleep(EVERY_S)
            except TimeoutError:
                raise Unavailable(
                    f"the restored cluster had not recovered within {duration(timeout_s)}",
                    fix="Set drill.timeout_s higher.",
                ) from None
            yield

    def environment(self) -> dict[str, str]:
        """Return what pgBackRest and the server need of golive's own environment."""
        passed = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
        return self._programs.plain_environment() | passed


def _user(run_as: str) -> int | None:
    """Return the user that runs the server; None: we run it."""
    if os.geteuid():
        return None
    import pwd

    try:
        found = pwd.getpwnam(run_as).pw_uid
    except KeyError:
        found = 0
    if not found:
        raise Unavailable(
            f"golive runs as root, which PostgreSQL refuses, and {run_as} is no other user of this machine",
            fix="Run golive as another user, or name one in drill.cluster.run_as.",
        )
    return found


def _made(folder: ClusterFolder) -> int:
    """Make the folder, and return the descriptor of its lock."""
    top = Path(folder.path)
    top.mkdir(mode=0o700)
    lock = os.open(top / LOCK_FILE, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    for name in ("data", "sockets", *THE_SERVERS):
        (top / name).mkdir(mode=0o700)
    if folder.user is not None:
        top.chmod(0o711)
        os.chown(top / "sockets", folder.user, user_group(folder.user) or -1)
    return lock


def _removed(path: str) -> None:
    if not OURS.fullmatch(Path(path).name):
        raise ValueError(path)
    with suppress(FileNotFoundError):
        shutil.rmtree(path)


def _leftovers(parent: str) -> Iterator[str]:
    """Remove each folder of ours whose lock nobody holds any more."""
    with suppress(FileNotFoundError, PermissionError), os.scandir(parent) as entries:
        for entry in entries:
            if not OURS.fullmatch(entry.name) or not entry.is_dir(follow_symlinks=False):
                continue
            if entry.stat(follow_symlinks=False).st_uid == os.geteuid() and _abandoned(entry.path):
                _removed(entry.path)
                yield entry.path


def _abandoned(path: str) -> bool:
    try:
        lock = os.open(f"{path}/{LOCK_FILE}", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False  # another drill is just making it
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(lock)


def _cleaned(folder: ClusterFolder) -> None:
    """Take away what is the real server's own."""
    data = Path(folder.data)
    for name in NOT_THE_COPYS:
        (data / name).unlink(missing_ok=True)
    (data / "postgresql.auto.conf").write_text("")
    # A server refuses to start with more slots, or others, than its settings allow.
    shutil.rmtree(data / "pg_replslot", ignore_errors=True)
    for name in EMPTY:
        (data / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    if (listing := data / "tablespace_map").exists():
        listing.write_text(tablespace_map(_links(data)))


def _links(data: Path) -> dict[str, str]:
    """Return where the links to tablespaces lead."""
    spaces = data / "pg_tblspc"
    found = spaces.iterdir() if spaces.is_dir() else ()
    return {each.name: str(each.resolve()) for each in found if each.is_symlink()}


def _held_together(folder: ClusterFolder) -> None:
    """Refuse a copy of which part is elsewhere: it would write there."""
    data, top = Path(folder.data), Path(folder.path).resolve()
    links = _links(data)
    outside = [each.name for each in data.iterdir() if each.is_symlink() and not each.resolve().is_relative_to(top)]
    outside += [name for name, place in links.items() if not Path(place).is_relative_to(top)]
    listing = data / "tablespace_map"
    lines = listing.read_text("utf-8", "surrogateescape").splitlines() if listing.exists() else []
    if elsewhere := [*outside, *unlinked(lines, links)]:
        raise _elsewhere(elsewhere[0])


def _elsewhere(name: str) -> Unavailable:
    return Unavailable(
        f"part of the backup is elsewhere, which golive cannot restore: {name}",
        fix="Take base backups in the tar format, which holds tablespaces too.",
    )


def _configured(folder: ClusterFolder, settings: str, *, recovers: bool) -> None:
    """Write its settings, and give all of it to whoever runs the server."""
    top, data = Path(folder.path), Path(folder.data)
    hba = "local all all trust\n"  # the folder of its socket is closed to others
    texts = {"postgresql.conf": settings, "pg_hba.conf": hba, "pg_ident.conf": ""}
    for name, text in texts.items():
        (top / name).touch(mode=0o600)  # a restore_command may hold a password
        (top / name).write_text(text)
    if recovers:
        (data / "recovery.signal").touch()
    if folder.user is None:
        return
    group = user_group(folder.user) or -1
    for place in ("data", *THE_SERVERS):
        for at, folders, files in os.walk(top / place):
            for name in (".", *folders, *files):
                os.chown(f"{at}/{name}", folder.user, group, follow_symlinks=False)
    for name in texts:
        os.chown(top / name, folder.user, group)


def _is_ready(data: str) -> bool:
    """Return whether the server takes connections, as pg_ctl sees it: by the last line of its pid file."""
    with suppress(OSError):
        return Path(data, "postmaster.pid").read_text("ascii", "replace").rstrip().endswith("ready")
    return False
