"""A repository of pgBackRest: its files against what `info` says of them, and `verify` where it is small enough."""

import re
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, Field, RootModel, ValidationError

from golive import Unavailable
from golive_checks.subjects.backups import InPgBackRest
from golive_checks.systems.backups.looking import Look
from golive_checks.systems.backups.tools import read_json
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.postgres.damage import Damage, DamageKind

INFO = "info"
OTHERS = re.compile(r"--(output|set|type|log-level-.*|repo|stanza)=.*")
"""Options of `info` that are set differently for the other commands."""
MANIFESTS = ("backup.manifest", "backup.manifest.copy")
MAX_SEGMENTS = 4096
STATUS = re.compile(r"^[ \t]*status: (\w+)", re.MULTILINE)
INVALID = re.compile(
    r"^[ \t]*backup: (\S+), status: (?!valid)(\w[\w ]*), total files checked: (\d+), total valid files: (\d+)",
    re.MULTILINE,
)
WAL_INVALID = re.compile(r"total WAL checked: (\d+), total valid WAL: (\d+)")


class _Archive(BaseModel):
    start: str | None = None
    stop: str | None = None


class _Database(BaseModel):
    id: int = 1
    repo: int = Field(default=1, alias="repo-key")


class _Repository(BaseModel):
    delta: int | None = None


class _Sizes(BaseModel):
    repository: _Repository = Field(default_factory=_Repository)


class _Backup(BaseModel):
    label: str
    archive: _Archive = Field(default_factory=_Archive)
    database: _Database = Field(default_factory=_Database)
    sizes: _Sizes = Field(default_factory=_Sizes, alias="info")
    reference: list[str] | None = None


class _Wal(BaseModel):
    id: str
    database: _Database = Field(default_factory=_Database)


class _Stanza(BaseModel):
    name: str
    archive: list[_Wal] = []
    backup: list[_Backup] = []


class _File(BaseModel):
    size: int = 0


class _Stanzas(RootModel[list[_Stanza]]):
    pass


class _Listing(RootModel[dict[str, _File]]):
    pass


async def look_into(command: CommandRunner, where: InPgBackRest, label: str, most: int) -> Look:
    """See whether the files of a backup and of those that it builds on are in its repository, with their WAL."""
    look = Look(kind="a backup of pgBackRest")
    if INFO not in where.command:
        look.unseen.append("its repository: golive cannot derive the other commands from the profile's")
        return look
    stanza = _stanza((await command.run(where.command)).stdout, where.stanza)
    backup = next((each for each in stanza.backup if each.label == label), None)
    if backup is None:
        # It may have expired since it was listed.
        raise Unavailable(f"{label} is gone again")
    try:
        files = await _listed(command, where, backup, f"backup/{where.stanza}")
        look.damages += list(_lost(stanza, backup, files))
        await _wal(command, where, stanza, backup, look)
    except Unavailable as gap:
        look.unseen.append(f"its repository: {gap.reason}")
        return look
    size = sum(each.size for each in files.values())
    if size > most:
        look.unseen.append(
            f"what is in its files: the repository has {size:,} bytes, `pgbackrest verify` reads them all"
        )
    else:
        await _verify(command, where, backup, label, look)
    return look


def _stanza(printed: bytes, name: str) -> _Stanza:
    try:
        return next(each for each in _Stanzas.model_validate(read_json(printed)).root if each.name == name)
    except (ValidationError, ValueError, RecursionError, StopIteration):
        raise Unavailable("pgBackRest no longer knows the stanza") from None


def _argv(where: InPgBackRest, backup: _Backup, *command: str) -> tuple[str, ...]:
    """Return the profile's command with another of pgBackRest's commands in place of `info`."""
    at = where.command.index(INFO)
    kept = [word for word in where.command[at + 1 :] if not OTHERS.fullmatch(word)]
    before = [word for word in where.command[:at] if not OTHERS.fullmatch(word)]
    return (*before, command[0], *kept, f"--repo={backup.database.repo}", *command[1:])


async def _listed(command: CommandRunner, where: InPgBackRest, backup: _Backup, path: str) -> Mapping[str, _File]:
    ran = await command.run(_argv(where, backup, "repo-ls", "--recurse", "--output=json", path))
    if ran.code:
        raise Unavailable(f"`pgbackrest repo-ls` ended with {ran.code}: {ran.last_words() or 'it printed nothing'}")
    try:
        return _Listing.model_validate(read_json(ran.stdout)).root
    except (ValidationError, ValueError, RecursionError):
        raise Unavailable("`pgbackrest repo-ls` printed something else than its JSON") from None


def _lost(stanza: _Stanza, backup: _Backup, files: Mapping[str, _File]) -> Iterator[Damage]:
    """Yield what is missing of a backup and of those whose files it shares, by how many bytes there should be."""
    known = {each.label: each for each in stanza.backup}
    for label in (backup.label, *(backup.reference or ())):
        there = sum(
            each.size
            for name, each in files.items()
            if name.startswith(f"{label}/") and name.removeprefix(f"{label}/") not in MANIFESTS
        )
        wanted = known[label].sizes.repository.delta if label in known else None
        if label not in known:
            yield Damage(DamageKind.SHARED_ABSENT, (label,))
        elif MANIFESTS[0] not in {name.removeprefix(f"{label}/") for name in files}:
            yield Damage(DamageKind.MANIFEST_ABSENT, (label,))
        elif wanted is not None and there < wanted:
            yield Damage(DamageKind.BYTES_ABSENT, (there, wanted, label))


async def _wal(command: CommandRunner, where: InPgBackRest, stanza: _Stanza, backup: _Backup, look: Look) -> None:
    """Look for the segments of WAL without which the backup cannot be started."""
    archive = next((each.id for each in stanza.archive if each.database == backup.database), None)
    first, last = backup.archive.start, backup.archive.stop
    if not first or not last:
        return
    if archive is None:
        look.damages.append(Damage(DamageKind.NO_WAL))
        return
    files = await _listed(command, where, backup, f"archive/{where.stanza}/{archive}/{first[:16]}")
    have = {name[:24] for name in files if not name.endswith((".backup", ".history"))}
    if first[:16] == last[:16]:
        wanted = [f"{first[:16]}{number:08X}" for number in range(int(first[16:], 16), int(last[16:], 16) + 1)]
    else:
        wanted = [first]
        look.unseen.append(f"its WAL after {first}: it continues in other folders, and golive lists only the first")
    if len(wanted) > MAX_SEGMENTS:
        look.unseen.append(f"{len(wanted) - MAX_SEGMENTS:,} of the {len(wanted):,} WAL segments that it needs")
    lost = [name for name in wanted[:MAX_SEGMENTS] if name not in have]
    if lost:
        look.damages.append(Damage(DamageKind.SEGMENT_ABSENT, (lost[0], len(lost) - 1)))


async def _verify(command: CommandRunner, where: InPgBackRest, backup: _Backup, label: str, look: Look) -> None:
    """Let pgBackRest read the repository: what it finds in other backups than this one is a doubt."""
    verify = ("verify", f"--stanza={where.stanza}", "--output=text", "--verbose")
    try:
        ran = await command.run(_argv(where, backup, *verify))
    except Unavailable as gap:
        look.unseen.append(f"what is in its files: {gap.reason}")
        return
    text = ran.stdout.decode("utf-8", "replace")
    status = STATUS.search(text)
    if not status:
        look.unseen.append(f"what is in its files: `pgbackrest verify` says {ran.last_words() or 'nothing'}")
        return
    invalid = {
        name: (state, int(checked) - int(valid), int(checked)) for name, state, checked, valid in INVALID.findall(text)
    }
    for name, (state, bad, checked) in invalid.items():
        found = Damage(DamageKind.VERIFY_BACKUP, (name, state, bad, checked))
        (look.damages if name == label else look.doubts).append(found)
    wal = WAL_INVALID.search(text)
    if wal and wal[1] != wal[2]:
        look.damages.append(Damage(DamageKind.VERIFY_WAL, (wal[2], wal[1])))
    if status[1] != "ok" and not invalid and not look.damages:
        look.damages.append(Damage(DamageKind.VERIFY_STATUS, (status[1],)))
    look.says.append("`pgbackrest verify` has read its files")
