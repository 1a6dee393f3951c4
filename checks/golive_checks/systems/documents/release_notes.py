"""Whether the release notes have an entry for the release: under a heading, or in the message of its tag."""

import re
from dataclasses import dataclass
from typing import ClassVar

from golive import Environment, Fact, Settings, probe
from golive.profile.types import FilePath
from golive_checks.systems.documents.client.markdown import Markdown
from golive_checks.systems.git.client.git import Git
from golive_checks.systems.machine.client.files import Files

MAX_BYTES = 4_000_000
VERSION = "{version}"
UNRELEASED = re.compile(r"\W*(?:unreleased|next|à venir|non publié)\W*", re.IGNORECASE)
"""https://keepachangelog.com/en/1.1.0/, and in French."""


class ReleaseNotes(Settings):
    """Where the release notes are."""

    home: ClassVar[str] = "runbooks.release_notes"

    path: FilePath = ""
    """A Markdown file with a heading for each release, as Keep a Changelog has them; {version} stands for the
    release's. Where it has none for the release, an annotated tag of its repository counts."""


@dataclass(frozen=True)
class NotesRead(Fact):
    """What there is on the release, in words; `heading` is its title."""

    path: str = ""
    there: bool = False
    heading: str = ""
    line: int = 0
    words: int = 0
    unreleased_words: int = 0
    tag_words: int = 0


@probe("documents.release-notes")
async def notes_read(env: Environment, files: Files, markdown: Markdown, git: Git, ask: ReleaseNotes) -> NotesRead:
    """Look for the release in the release notes."""
    path = ask.path.replace(VERSION, env.release)
    if not path or not env.release:
        return NotesRead(path)
    there = await files.exists(path)
    parts = (
        await markdown.parts((await files.text(path, MAX_BYTES)).encode("utf-8", "replace").decode()) if there else []
    )
    version = re.escape(env.release.removeprefix("v"))
    wanted = re.compile(rf"(?<![\w.])v?{version}(?![\w.]|-\w)", re.IGNORECASE)
    whole = VERSION in ask.path
    found = next((p for p in parts if wanted.search(p.title)), parts[0] if whole and parts else None)
    unreleased = next((p for p in parts if UNRELEASED.fullmatch(p.title)), None)
    tag = ""
    if found is None:
        tag = await git.tagged(path, (env.release, f"v{env.release.removeprefix('v')}"))
    return NotesRead(
        path,
        there,
        found.title[:200] if found else "",
        found.line if found else 0,
        _words(found.text) if found else 0,
        _words(unreleased.text) if unreleased else 0,
        len(tag.split()),
    )


def _words(text: list[str]) -> int:
    return len(" ".join(text).split())
