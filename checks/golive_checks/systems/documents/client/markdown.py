"""Markdown, parsed as CommonMark with tables: what stands under each heading, and how much of it."""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from golive import Client

BLOCKS = {"fence", "code_block"}
BELOW_HEADINGS = 7
"""The level of a line in bold that stands for a heading."""
BOLD = re.compile(
    r"(?:\*\*[^*\n]{1,120}\*\*|__[^_\n]{1,120}__)[ \t:()\[\]\u2013\u2014.,\d/-]*"
    r"(?:[A-Za-zé]{3,9}\.?[ ,]*\d[\d, ]*\)?)?(?:\n|$)"
)
"""Bold from a paragraph's beginning on, with nothing but a date behind it on its line."""
HTML_HEADING = re.compile(r"<h([1-6])(?:\s[^<>]{0,300})?>([^\0]{0,500}?)</h\1\s*>", re.IGNORECASE)
TAG = re.compile(r"</?[A-Za-z][^<>]{0,1000}>")
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


@dataclass
class MarkdownPart:
    """What stands under a heading, the headings below it and theirs included."""

    title: str
    level: int
    line: int
    text: list[str] = field(default_factory=list)
    steps: int = 0
    """Items of lists, and blocks of commands."""


@dataclass
class MarkdownEntry:
    """A row of a table, an item of a list with all that is in it, a paragraph, a heading: its words without code."""

    line: int
    text: str


@dataclass
class Outline:
    """What a document points to, and what can be pointed to in it."""

    entries: list[MarkdownEntry] = field(default_factory=list)
    links: list[MarkdownEntry] = field(default_factory=list)
    """Where each leads, and its line."""
    anchors: set[str] = field(default_factory=set)
    """The names by which GitHub and GitLab link to a heading, and those that HTML gives."""


class Markdown(Client):
    """Reads a document into its parts; comments are not read.

    One at a time: a thread that parses takes half of the interpreter's turns from all that is asked meanwhile, six of
    them six sevenths, and hosts would seem not to answer.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def outline(self, text: str) -> Outline:
        """Return a document's rows, items and paragraphs, its links, and its anchors."""
        async with self._turn:
            return await asyncio.to_thread(_outline, text)

    async def parts(self, text: str) -> list[MarkdownPart]:
        """Return the parts of a document, the first being all of it under no heading."""
        async with self._turn:
            return await asyncio.to_thread(_parts, text)


def _parts(text: str) -> list[MarkdownPart]:
    from markdown_it import MarkdownIt

    found = [MarkdownPart("", 0, 1)]
    open_parts = [found[0]]
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        line = (token.map[0] if token.map else 0) + 1
        within_heading = before is not None and before.type == "heading_open"
        if token.type == "heading_open":
            open_parts = _opened(found, open_parts, int(token.tag[1:]), line)
        elif within_heading:
            _entitled(open_parts, token.content)
        elif token.type == "list_item_open" or token.type in BLOCKS:
            for part in open_parts:
                part.steps += 1
        if token.type == "html_block":
            open_parts = _html_block(token.content, line, found, open_parts)
        elif token.type in BLOCKS or (token.type == "inline" and before is not None and not within_heading):
            content = token.content
            # Many write a line in bold where a heading belongs.
            if before is not None and before.type == "paragraph_open" and (bold := BOLD.match(content)):
                open_parts = _opened(found, open_parts, BELOW_HEADINGS, line)
                _entitled(open_parts, bold[0].strip())
                content = content[bold.end() :]
            for part in open_parts:
                part.text.append(content)
    return found


def _opened(found: list[MarkdownPart], open_parts: list[MarkdownPart], level: int, line: int) -> list[MarkdownPart]:
    """Begin a part, and return those that are open now."""
    found.append(MarkdownPart("", level, line))
    return [*(part for part in open_parts if part.level < level), found[-1]]


def _entitled(open_parts: list[MarkdownPart], title: str) -> None:
    open_parts[-1].title = title
    for part in open_parts[:-1]:
        part.text.append(title)


def _html_block(text: str, line: int, found: list[MarkdownPart], open_parts: list[MarkdownPart]) -> list[MarkdownPart]:
    """Take headings and words out of HTML; a block of it ends at the next empty line. Comments are not read."""
    rest = COMMENT.sub("", text)
    at = 0
    for match in HTML_HEADING.finditer(rest):
        _say(open_parts, rest[at : match.start()])
        open_parts = _opened(found, open_parts, int(match[1]), line + rest.count("\n", 0, match.start()))
        _entitled(open_parts, TAG.sub("", match[2]).strip())
        at = match.end()
    _say(open_parts, rest[at:])
    return open_parts


def _say(open_parts: list[MarkdownPart], html: str) -> None:
    if words := TAG.sub(" ", html).strip():
        for part in open_parts:
            part.text.append(words)


GROUPS = {"tr", "list_item", "paragraph"}
ANCHOR = re.compile(r"""<[a-z0-9]+\s[^<>]{0,500}?\b(?:id|name)\s*=\s*["']?([^"'\s<>]+)""", re.IGNORECASE)


def _outline(text: str) -> Outline:
    from markdown_it import MarkdownIt

    found, seen, group, depth = Outline(), Counter[str](), MarkdownEntry(0, ""), 0
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        kind, _, edge = token.type.rpartition("_")
        line = (token.map[0] if token.map else 0) + 1
        if kind in GROUPS and edge == "open":
            if depth == 0:
                group = MarkdownEntry(line, "")
            depth += 1
        elif kind in GROUPS and edge == "close":
            depth -= 1
            if depth == 0:
                found.entries.append(group)
        elif token.type == "html_block":
            found.anchors |= set(ANCHOR.findall(token.content))
        elif token.type == "inline":
            found.anchors |= set(ANCHOR.findall(token.content))
            children = token.children or []
            found.links += [MarkdownEntry(line, to) for child in children if (to := _leads_to(child))]
            words = "".join(_text_of(child) for child in children)
            if depth:
                group.text = f"{group.text} {words}".strip()
            if before is not None and before.type == "heading_open":
                slug = _slug("".join(c.content for c in children if c.type in {"text", "code_inline"}))
                found.entries.append(MarkdownEntry(line, words))
                # GitHub and GitLab number a heading that comes again: #setup, then #setup-1.
                found.anchors.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
                seen[slug] += 1
    return found


def _leads_to(child: Any) -> str:
    return str(child.attrs.get("href" if child.type == "link_open" else "src", ""))[:2000]


def _text_of(child: Any) -> str:
    if child.type in {"text", "html_inline"}:
        return str(child.content)
    return " " if child.type in {"softbreak", "hardbreak", "code_inline"} else ""


def _slug(title: str) -> str:
    """Name a heading as GitHub does: in lower case, without punctuation, with dashes for blanks."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
