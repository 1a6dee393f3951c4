"""Whether the release notes have an entry for the release: under a heading, or in the message of its tag."""

import itertools
import re
from dataclasses import dataclass
from typing import ClassVar

from golive import Environment, Fact, Settings, probe, shortened
from golive.profile.types import FilePath
from golive_checks.systems.documents.client.markdown import Markdown, MarkdownPart
from golive_checks.systems.git.client.git import Git
from golive_checks.systems.machine.client.files import Files

MAX_BYTES = 4_000_000
VERSION = "{version}"
UNRELEASED = re.compile(
    r"\W*(?:unreleased|next|upcoming|head|main|master|in development|à venir|non publié)\b"
    r"(?:\W*(?:changes|release|version|unreleased))?(?:\W*yyyy-mm-dd)?[\W\d]*",
    re.IGNORECASE,
)
"""https://keepachangelog.com/en/1.1.0/, and in French."""
NUMBER = re.compile(r"(?<![\w.])(?!(?:19|20)\d\d\.)v?\d+(?:\.\d+)+")
"""A version; a date with dots is none."""
ABOUT_ANOTHER = re.compile(
    r"\b(?:from|since|until|before|after|prior|than|with|upgrad\w*|migrat\w*|compar\w*|depuis|avant|après)\b",
    re.IGNORECASE,
)
"""Before a version, it makes the heading one of the change from that version to the entry's."""
NOTHING = re.compile(
    r"[\W_]*(?:nothing(?: (?:yet|new|here|so far|to (?:see|report)(?: here)?))?|none(?: yet)?"
    r"|no (?:notable |user-facing )?changes?(?: yet)?(?: in this (?:release|version))?|wip|work in progress"
    r"|n/?a|tba|tbd|todo|tbc|coming soon|to be (?:announced|written|done|defined)|rien(?: encore| pour l'instant)?"
    r"|aucun(?:e)? (?:changement|modification)s?|à (?:venir|rédiger|compléter)|\.{3}|…)[\W_]*",
    re.IGNORECASE,
)
"""What an entry says that is still empty."""


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
    whole = VERSION in ask.path
    found = next((p for p in parts if _is_of(p.title, env.release)), parts[0] if whole and parts else None)
    unreleased = next((p for p in parts if UNRELEASED.fullmatch(p.title)), None)
    tag = ""
    if found is None:
        tag = await git.tagged(path, (env.release, f"v{env.release.removeprefix('v')}"))
    return NotesRead(
        path,
        there,
        shortened(found.title, 200) if found else "",
        found.line if found else 0,
        _entry_words(found, parts) if found else 0,
        _entry_words(unreleased, parts) if unreleased else 0,
        len(tag.split()),
    )


def _is_of(title: str, release: str) -> bool:
    """Return whether a heading is that of a release: the version stands in it, and no other one before it."""
    version = re.escape(release.removeprefix("v"))
    found = re.search(rf"(?<![\w.])v?{version}(?!\w|\.\w|-\w)", title, re.IGNORECASE)
    before = title[: found.start()] if found else ""
    return found is not None and not NUMBER.search(before) and not ABOUT_ANOTHER.search(before)


def _entry_words(part: MarkdownPart, parts: list[MarkdownPart]) -> int:
    """Count what stands under a heading; where that is nothing, under those behind it that are of no other release.

    Some write the headings within an entry on the level of the entry's own.
    """
    if own := _words(part, parts):
        return own
    behind = parts[parts.index(part) + 1 :]
    within = itertools.takewhile(lambda each: not NUMBER.search(each.title) and each.level >= part.level, behind)
    return sum(_words(each, parts) for each in within if each.level == part.level)


def _words(part: MarkdownPart, parts: list[MarkdownPart]) -> int:
    """Count what stands under a heading, without the headings below it and what says that there is nothing."""
    titles = {each.title for each in parts if each.level > part.level}
    return sum(len(text.split()) for text in part.text if text not in titles and not NOTHING.fullmatch(text))
