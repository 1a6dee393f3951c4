#!/usr/bin/env python3
"""Build a release into a folder: the sdist, the wheel of it, what that is made of (CycloneDX), and digests.

usage: python tools/release.py [FOLDER]      (dist, unless another is named)

The same commit gives the same bytes, wherever and whenever it is built: `make test` builds twice and compares. A commit
that carries a tag is refused where the tag is not the version.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from wheel_extras import UV, clean_environment, run

from golive.version import VERSION

PROJECT = Path(__file__).resolve().parent.parent
LOCK = PROJECT / "requirements" / "lab.txt"
ELSEWHERE = {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "42", "LC_ALL": "C", "HOME": "/nonexistent"}
"""What another machine has otherwise, and no build may depend on."""


def main(arguments: list[str]) -> None:
    """Build a release."""
    folder = Path(arguments[0] if arguments else PROJECT / "dist").resolve()
    refuse_other_tags()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    built = [*build(folder), bill_of_materials(folder)]
    digests = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in built)
    (folder / "SHA256SUMS").write_text(digests)
    print(digests, end="")


def refuse_other_tags() -> None:
    """End everything where the commit is tagged as another version than version.py says."""
    listed = subprocess.run(
        ["git", "tag", "--points-at", "HEAD", "--list", "v*"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    tags = listed.stdout.split()
    if tags and f"v{VERSION}" not in tags:
        sys.exit(f"this commit is tagged {', '.join(tags)}, and version.py says {VERSION}")


def build(folder: Path) -> tuple[Path, Path]:
    """Build the sdist, and of that the wheel."""
    return build_from(PROJECT, folder, [])


def build_from(source: Path, folder: Path, kinds: list[str], **environ: str) -> tuple[Path, Path]:
    """Build from a folder or an sdist; `environ` is what is otherwise than here."""
    cache = {"UV_CACHE_DIR": run([UV, "cache", "dir"], PROJECT).strip()}
    subprocess.run(
        [UV, "build", "--quiet", "--build-constraints", LOCK, *kinds, "--out-dir", folder, source],
        check=True,
        env={**clean_environment(), **cache, **environ},
    )
    (folder / ".gitignore").unlink(missing_ok=True)  # uv's
    found = [*folder.glob("golive-*.tar.gz"), *folder.glob("golive-*.whl")]
    return found[0], found[-1]


def refuse_what_differs(sdist: Path, wheel: Path) -> None:
    """Build the sdist and the wheel once more, under other circumstances, and end everything where a byte differs."""
    with tempfile.TemporaryDirectory() as scratch:
        again = Path(scratch) / "again"
        umask = os.umask(0o077)
        try:
            # both of the tree, and so the wheel not of the sdist: it must be the same all the same
            build_from(PROJECT, again, ["--sdist", "--wheel"], **ELSEWHERE)
        finally:
            os.umask(umask)
        for file in (sdist, wheel):
            if file.read_bytes() != (again / file.name).read_bytes():
                sys.exit(f"{file.name} is not the same when it is built again")


def bill_of_materials(folder: Path) -> Path:
    """Write what golive[all] is made of, by its lock, beside the wheel (CycloneDX 1.6), and return the file."""
    made = folder / f"golive-{VERSION}.cdx.json"
    with tempfile.TemporaryDirectory() as scratch:
        locked = Path(scratch) / "requirements.txt"
        compiled = [UV, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-annotate", "--no-header"]
        run([*compiled, "--extra", "all", "--constraints", str(LOCK), "-o", str(locked), "pyproject.toml"], PROJECT)
        cyclonedx = [str(Path(UV).with_name("cyclonedx-py")), "requirements", str(locked), "--output-reproducible"]
        about = ["--pyproject", str(PROJECT / "pyproject.toml"), "--mc-type", "application"]
        run([*cyclonedx, *about, "--spec-version", "1.6", "--output-file", str(made)], PROJECT)
    bill = json.loads(made.read_text())
    bill["metadata"]["component"] |= {"version": VERSION, "purl": f"pkg:pypi/golive@{VERSION}"}  # pyproject has neither
    made.write_text(json.dumps(bill, indent=2) + "\n")
    return made


if __name__ == "__main__":
    main(sys.argv[1:])
