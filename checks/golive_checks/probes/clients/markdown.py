"""Markdown, parsed as CommonMark with tables: what stands under each heading, and how much of it."""

import asyncio
from dataclasses import dataclass, field

from golive import Client

BLOCKS = {"fence", "code_block"}


@dataclass
class Part:
    """What stands under a heading, the headings below it and theirs included."""

    title: str
    level: int
    line: int
    text: list[str] = field(default_factory=list)
    steps: int = 0
    """Items of lists, and blocks of commands."""


class Markdown(Client):
    """Reads a document into its parts; comments are not read."""

    async def parts(self, text: str) -> list[Part]:
        """Return the parts of a document, the first being all of it under no heading."""
        return await asyncio.to_thread(_parts, text)


def _parts(text: str) -> list[Part]:
    from markdown_it import MarkdownIt

    found = [Part("", 0, 1)]
    open_parts = [found[0]]
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        line = (token.map[0] if token.map else 0) + 1
        if token.type == "heading_open":
            level = int(token.tag[1:])
            open_parts = [part for part in open_parts if part.level < level]
            open_parts.append(Part("", level, line))
            found.append(open_parts[-1])
        elif before is not None and before.type == "heading_open":
            open_parts[-1].title = token.content
            for part in open_parts[:-1]:
                part.text.append(token.content)
        elif token.type == "list_item_open" or token.type in BLOCKS:
            for part in open_parts:
                part.steps += 1
        if token.type in BLOCKS or (token.type == "inline" and before is not None and before.type != "heading_open"):
            for part in open_parts:
                part.text.append(token.content)
    return found
