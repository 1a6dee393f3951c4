"""Do two sources of backups lie in one place? Pure: by what the profile says of them."""

from pathlib import PurePosixPath
from posixpath import normpath

from golive_checks.subjects.backups import InBarman, InBucket, InFolder, InPgBackRest, InRds, Where
from golive_checks.subjects.buckets import Place


def same_place(one: Where, other: Where) -> str:
    """Name what two sources share: a bucket, folder, repository, server or instance; empty where they are apart."""
    match one, other:
        case InBucket(), InBucket():
            return "bucket" if _bucket(one.place) == _bucket(other.place) else ""
        case InFolder(), InFolder():
            return "folder" if _nested(one.path, other.path) else ""
        case InPgBackRest(), InPgBackRest():
            return "repository" if _one_repository(one, other) else ""
        case InBarman(), InBarman():
            return "server" if (_program(one.command), one.server) == (_program(other.command), other.server) else ""
        case InRds(), InRds():
            return "instance" if one == other else ""
        case _:
            return ""


def _bucket(place: Place) -> tuple[str, str]:
    """Whoever asks for it, and however it is addressed."""
    return place.endpoint_url.rstrip("/").lower(), place.bucket


def _nested(one: str, other: str) -> bool:
    if not one or not other:
        return False
    first, second = PurePosixPath(normpath(one)), PurePosixPath(normpath(other))
    return first.is_relative_to(second) or second.is_relative_to(first)


def _one_repository(one: InPgBackRest, other: InPgBackRest) -> bool:
    """A source without a number is about all repositories of its stanza."""
    same = (_program(one.command), one.stanza) == (_program(other.command), other.stanza)
    return same and (one.repo == other.repo or one.repo is None or other.repo is None)


def _program(command: tuple[str, ...]) -> tuple[str, ...]:
    """The program and the machine it runs on, whatever it is asked to print."""
    return tuple(word for word in command if not word.startswith("--"))
