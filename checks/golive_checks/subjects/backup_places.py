"""Do two sources of backups lie in one place? Pure: by what the profile says of them."""

from pathlib import PurePosixPath
from posixpath import normpath

from golive_checks.subjects.backups import InBarman, InBucket, InCommand, InFolder, InPgBackRest, InRds, Where
from golive_checks.subjects.buckets import BucketPlace


def same_place(one: Where, other: Where) -> str:
    """Name what two sources share: a bucket, folder, repository, server or instance; empty where they are apart."""
    match one, other:
        case InBucket(), InBucket():
            word, same = "bucket", _bucket(one.place) == _bucket(other.place)
        case InFolder(), InFolder():
            word, same = "folder", _nested(one.path, other.path)
        case InPgBackRest(), InPgBackRest():
            word, same = "repository", _one_repository(one, other)
        case InBarman(), InBarman():
            word, same = "server", (_program(one.command), one.server) == (_program(other.command), other.server)
        case InRds(), InRds():
            word, same = "instance", one == other
        case InCommand(), InCommand():
            word, same = "repository", one.command == other.command
        case _:
            word, same = "", False
    return word if same else ""


def _bucket(place: BucketPlace) -> tuple[str, str]:
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
