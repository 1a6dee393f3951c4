"""A git folder of golive's own over the objects, references and index of a repository.

A repository's configuration names programs: fsmonitor, ssh commands, filters, pagers, hooks, what a partial clone
fetches with, and more with every release of git. Git run in this folder reads none of it, nor the user's: its
configuration is golive's, and what would change what git sees (replacements, grafts, borrowed objects) is left out or
refused.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from golive import Unavailable
from golive_checks.systems.machine.client.files import read_file
from golive_checks.systems.machine.client.folders import entries

CONFIG = """[core]
    repositoryFormatVersion = 1
    bare = false
    logAllRefUpdates = false
    hooksPath = /dev/null
    attributesFile = /dev/null
    fsmonitor = false
    quotePath = false
    commitGraph = false
[protocol]
    allow = never
[extensions]
"""
NOTHING_OF_OTHERS = {
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": "/dev/null",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_PAGER": "cat",
}
MAX_BYTES = 64_000_000
"""No list of references is as long."""
OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
NEEDED = ("objectformat", "refstorage")
"""The extensions without which git cannot read the objects and references."""


@dataclass(frozen=True)
class Shadow:
    """How to run git so that it sees a repository and nothing of its configuration."""

    top: str
    folder: str
    environ: Mapping[str, str]
    partial: bool
    """The repository was cloned without some of its objects."""

    @property
    def git(self) -> tuple[str, ...]:
        """The command to put the arguments behind."""
        return ("git", f"--git-dir={self.folder}", f"--work-tree={self.top}")

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def shadow(top: str) -> Shadow:
    """Make the folder for the repository whose working tree is `top`.

    Raises:
        Unavailable: there is no repository that git could read, or it borrows objects from another one.
    """
    folder = tempfile.mkdtemp(prefix="golive-git-")
    try:
        return _filled(top, Path(folder))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise Unavailable(f"the repository {top} could not be read: {error.strerror}: {error.filename}") from None
    except Unavailable:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _filled(top: str, folder: Path) -> Shadow:
    own = _git_folder(Path(top))
    common = own / _text(own / "commondir").strip() if (own / "commondir").exists() else own
    if borrowed := _borrowed(common):
        fix = "Make it whole: `git repack -a -d`, then delete .git/objects/info/alternates."
        raise Unavailable(
            f"the repository {top} borrows objects from {borrowed}, which golive does not follow", fix=fix
        )
    _refuse_odd(common / "objects", common / "shallow", own / "index")
    settings = dict(_settings(_text(common / "config")))
    extensions = [
        f"    {name} = {settings[f'extensions.{name}']}\n" for name in NEEDED if f"extensions.{name}" in settings
    ]
    (folder / "config").write_text(CONFIG + "".join(extensions))
    (folder / "HEAD").write_text(_text(own / "HEAD") or "ref: refs/heads/main\n")
    (folder / "objects").symlink_to(common / "objects")
    for name in ("reftable", "shallow"):
        if (common / name).exists():
            (folder / name).symlink_to(common / name)
    for shared in own.glob("sharedindex.*"):  # what a split index is a change of
        (folder / shared.name).symlink_to(shared)
    _references(common, folder)
    environ = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "GIT_INDEX_FILE": str(own / "index")}
    partial = any(name.endswith((".promisor", ".partialclonefilter")) for name in settings)
    return Shadow(top, str(folder), environ | NOTHING_OF_OTHERS, partial or "extensions.partialclone" in settings)


def _borrowed(common: Path) -> str:
    """Name the first folder outside that objects are borrowed from; empty where there is none."""
    listed = _text(common / "objects/info/alternates").splitlines()
    named = [line.strip().strip('"') for line in listed if line.strip() and not line.startswith("#")]
    return next((name for name in named if not (common / "objects" / name).resolve().is_relative_to(common)), "")


def _git_folder(top: Path) -> Path:
    """Find the git folder: .git, or what a worktree's or submodule's .git file names."""
    named = top / ".git"
    if named.is_dir():
        return named
    says = _text(named).strip()
    if not says.startswith("gitdir:"):
        raise Unavailable(f"{top} is no git repository", fix="Name its top folder in repository.path.")
    return top / says.removeprefix("gitdir:").strip()


def _references(common: Path, folder: Path) -> None:
    """Bring in all references but those that replace objects, in one file."""
    packed = [line.split(" ", 1) for line in _text(common / "packed-refs").splitlines() if line[:1] not in {"#", "^"}]
    points_to = {pair[1]: pair[0] for pair in packed if len(pair) == 2}  # noqa: PLR2004 - an object and a name
    for name, path in entries(str(common / "refs"), "refs/") if (common / "refs").is_dir() else ():
        object_id = _text(Path(path)).strip()
        if OBJECT_ID.fullmatch(object_id):  # else it is symbolic: what it points to is here as well
            points_to[name] = object_id
    lines = [f"{at} {name}\n" for name, at in sorted(points_to.items()) if not name.startswith("refs/replace/")]
    (folder / "refs/heads").mkdir(parents=True)
    (folder / "packed-refs").write_text("".join(lines), errors="surrogateescape")


def _text(path: Path) -> str:
    """Read a file; empty where there is none."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return read_file(str(path), MAX_BYTES).data.decode("utf-8", "surrogateescape")


def _refuse_odd(*places: Path) -> None:
    """Refuse what would never end where git expects a file: a pipe or a device."""
    for place in places:
        below = (Path(each.path) for _, each in entries(str(place))) if place.is_dir() else iter([place])
        odd = next((each for each in below if each.exists() and not each.is_file()), None)
        if odd:
            raise Unavailable(f"{odd} is no file, and git would wait for it")


def _settings(config: str) -> Iterator[tuple[str, str]]:
    """Yield the plain settings of git's configuration, names in lower case: enough for what git itself writes there."""
    section = ""
    for line in map(str.strip, config.splitlines()):
        if line.startswith("["):
            name, _, below = line[1:].partition("]")[0].partition(" ")
            section = ".".join(filter(None, (name.lower(), below.strip().strip('"').lower())))
        elif "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield f"{section}.{name.strip().lower()}", value.partition("#")[0].strip().strip('"')
