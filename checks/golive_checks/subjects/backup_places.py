"""Are two sources of backups in one place? Pure: by what the profile says about them."""

from pathlib import PurePosixPath
from posixpath import normpath
from urllib.parse import urlsplit

from golive_checks.subjects.backups import InBarman, InBucket, InCommand, InFolder, InPgBackRest, InRds, Where
from golive_checks.subjects.buckets import BucketPlace

AMAZON = (".amazonaws.com", ".amazonaws.com.cn")
USUAL_PORTS = {"http": ":80", "https": ":443"}
NAMES_REPOSITORY = {"restic": ("-r", "--repo", "--repository-file"), "borg": ("-r", "--repo")}
"""Options of restic's, and of Borg's from version 2 on; Borg 1 has it as a word of its own."""
TAKES_A_VALUE = {"--last", "--first", "-P", "--prefix", "-a", "--glob-archives", "--format", "--sort-by", "--rsh"}
TAKES_A_VALUE |= {"--remote-path", "--host", "--tag", "--path", "--group-by", "--cacert", "--limit-download"}


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
            word, same = "repository", one.command == other.command or _one_kept(one, other)
        case _:
            word, same = "", False
    return word if same else ""


def _bucket(place: BucketPlace) -> tuple[str, str]:
    """Name it whoever asks for it, and by whatever endpoint: Amazon's names are one space over all regions."""
    parts = urlsplit(place.endpoint_url.lower())
    host = parts.hostname or ""
    if not host or host.endswith(AMAZON):
        return "", place.bucket
    return parts.netloc.removesuffix(USUAL_PORTS.get(parts.scheme, "")) + parts.path.rstrip("/"), place.bucket


def _one_kept(one: InCommand, other: InCommand) -> bool:
    """Tell whether restic, or Borg, is asked twice for one repository; without a name it is the environment's."""
    first = _kept(one.command)
    return first is not None and first == _kept(other.command)


def _kept(command: tuple[str, ...]) -> tuple[tuple[str, ...], str] | None:
    """Return the tool with what starts it, such as ssh and a host, and the repository that is named to it."""
    at = next((n for n, word in enumerate(command) if PurePosixPath(word).name in NAMES_REPOSITORY), None)
    if at is None:
        return None
    tool, options = PurePosixPath(command[at]).name, NAMES_REPOSITORY[PurePosixPath(command[at]).name]
    words, named = command[at + 1 :], ""
    for number, word in enumerate(words):
        before = words[number - 1] if number else ""
        key, _, value = word.partition("=")
        if before in options:
            named = word
        elif key in options and value:
            named = value
        elif tool == "borg" and not word.startswith("-") and word != "list" and before not in TAKES_A_VALUE:
            named = word.partition("::")[0]
    return (*command[:at], tool), named.rstrip("/")


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
