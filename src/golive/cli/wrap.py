"""Lines that fit the terminal: broken between words, what follows set in."""

from __future__ import annotations

import shutil
import textwrap

ROOM_AT_LEAST = 40


def fitted(text: str, hang: int = 0) -> str:
    """Break a text at the terminal's width; where there is none, as in a pipe, it stays as it is.

    What is continued is set in by `hang`, beside what the line itself is set in by.
    """
    width = shutil.get_terminal_size((0, 0)).columns
    if width < ROOM_AT_LEAST:
        return text
    return "\n".join(_line(line, width, hang) for line in text.splitlines())


def _line(line: str, width: int, hang: int) -> str:
    own = len(line) - len(line.lstrip())
    further = " " * min(own + hang, width // 2)
    return textwrap.fill(
        line.strip(),
        width,
        initial_indent=" " * own,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )


def beside(head: str, text: str) -> str:
    """Set a text beside its head, all of its lines below one another; below the head where there is little room."""
    width = shutil.get_terminal_size((0, 0)).columns
    if width < ROOM_AT_LEAST or len(head) + len(text) <= width:
        return head + text
    if width - len(head) < ROOM_AT_LEAST // 2:
        return f"{head.rstrip()}\n{fitted(f'      {text}')}"
    rows = textwrap.wrap(text, width - len(head), break_long_words=False, break_on_hyphens=False)
    return head + f"\n{' ' * len(head)}".join(rows)
