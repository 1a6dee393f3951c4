"""What the terminal report is laid out for, and the page that it is written on."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TextIO, TypeVar

from golive.model import Outcome
from golive.report.escape import LINE, uncommanded, visible
from golive.wording import capped, counted

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

T = TypeVar("T")

Styled = str | tuple[str, str]
"""A piece of a line: text, or text and its style."""

DIM = "bright_black"
EVIDENCE = 50
"""The lines of one finding's evidence that a terminal shows; the other formats have more."""
GAP = "   "
NARROWEST, WIDTH, WIDEST = 20, 80, 120
"""Below the first nothing can be laid out; the second is usual; beyond the third the eye loses the line."""


@dataclass(frozen=True)
class Glyphs:
    """The signs that a screen can draw."""

    marks: Mapping[Outcome, str]
    bar: str
    dot: str
    arrow: str
    fixed: str


UNICODE = Glyphs(
    {Outcome.FAIL: "✗", Outcome.UNKNOWN: "?", Outcome.WARN: "!", Outcome.PASS: "✓", Outcome.NA: "-"},
    bar="━",
    dot="·",
    arrow="→",
    fixed="✓",
)
ASCII = Glyphs(
    {Outcome.FAIL: "x", Outcome.UNKNOWN: "?", Outcome.WARN: "!", Outcome.PASS: "+", Outcome.NA: "-"},
    bar="-",
    dot="-",
    arrow=">",
    fixed="+",
)

STYLES = {
    Outcome.FAIL: "red",
    Outcome.UNKNOWN: "magenta",
    Outcome.WARN: "yellow",
    Outcome.PASS: "green",
    Outcome.NA: "bright_black",
}
"""The terminal's own sixteen colours, so that its user's theme holds."""


@dataclass(frozen=True)
class Screen:
    """How wide to write, and whether in colour and beyond ASCII."""

    width: int = WIDTH
    color: bool = False
    unicode: bool = True

    @classmethod
    def of(cls, stream: TextIO, environ: Mapping[str, str]) -> Screen:
        """Return what `stream` can show: its size, https://no-color.org, and its encoding."""
        terminal = stream.isatty()
        color = terminal and environ.get("TERM") != "dumb"
        if environ.get("FORCE_COLOR"):
            color = True
        if environ.get("NO_COLOR"):
            color = False
        try:
            "━✗✓→".encode(getattr(stream, "encoding", None) or "ascii")
            unicode = True
        except (UnicodeEncodeError, LookupError):
            unicode = False
        return cls(_columns(stream, environ) if terminal else WIDTH, color, unicode)

    @property
    def usable(self) -> int:
        """Return the columns to write on."""
        return max(NARROWEST, min(self.width, WIDEST))

    @property
    def wide(self) -> bool:
        """Return whether things fit beside one another."""
        return self.usable >= 60  # noqa: PLR2004 - found by looking

    @property
    def glyphs(self) -> Glyphs:
        """Return the signs it can draw."""
        return UNICODE if self.unicode else ASCII

    def text(self, text: str, limit: int = LINE) -> str:
        """Return a remote text as it can be shown here."""
        return visible(text, limit, ascii_only=not self.unicode)


def _columns(stream: TextIO, environ: Mapping[str, str]) -> int:
    """Return the terminal's width, COLUMNS first, as every program that asks the shell does."""
    if (asked := environ.get("COLUMNS", "")).isdigit() and int(asked):
        return int(asked)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


class ScreenPage:
    """Lines of styled text on a screen, each with a hanging indent."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.glyphs = screen.glyphs
        self._height = 0

    @property
    def room(self) -> int:
        """The columns up to the right margin, which a narrow screen does without."""
        return self.screen.usable - 2 * self.screen.wide

    @cached_property
    def console(self) -> Console:
        """Rich's console, with every setting given and none detected."""
        from rich.console import Console  # noqa: PLC0415 - only who shows a terminal report pays for Rich

        return Console(
            file=io.StringIO(),
            width=self.screen.usable,
            force_terminal=self.screen.color,
            color_system="standard" if self.screen.color else None,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
            _environ={},
        )

    def blank(self) -> None:
        """Leave a line empty."""
        self.console.print()
        self._height += 1

    def heading(self, title: str, *more: Styled, room: int = 0) -> None:
        """Write a heading, with what follows it after `room` columns."""
        self.blank()
        self.put((f"{title:<{room}}", "bold"), *more)

    def flow(self, parts: Sequence[tuple[str, str]], *, indent: int = 2) -> None:
        """Write parts side by side, as many on a line as fit, none of them broken."""
        line: list[Styled] = []
        used = 0
        for part in parts:
            if line and used + len(part[0]) > self.room - indent:
                self.put(*line[:-1], indent=indent)
                line, used = [], 0
            line += [part, GAP]
            used += len(part[0]) + len(GAP)
        self.put(*line[:-1], indent=indent)

    def each(
        self,
        entries: Sequence[T],
        write: Callable[[T], object],
        what: str,
        *,
        lines: int | None,
        count: Callable[[Sequence[T]], int] = len,
    ) -> None:
        """Write entries until so many `lines` are full, and `count` the others: `and 7 more blockers`; None: all.

        A narrow screen has more lines, as it breaks them.
        """
        begun = self._height
        most = lines and lines * WIDTH // min(WIDTH, self.screen.width)
        for number, entry in enumerate(entries):
            if most is not None and self._height - begun >= most:
                self.put((f"and {counted(count(entries[number:]), f'more {what}')}", DIM))
                return
            write(entry)

    def evidence(self, lines: Sequence[str], *, indent: int) -> None:
        """Write what was seen, line by line."""
        for line in capped(lines, EVIDENCE, "lines"):
            self.put((self.screen.text(line), DIM), indent=indent, hang=2)

    def put(self, *parts: Styled, indent: int = 2, hang: int = 0, right: str = "") -> None:
        """Write parts, plain or `(text, style)`, wrapped, with later lines `hang` deeper.

        `right` stands at the right edge, or below where there is no room beside.
        """
        from rich.cells import cell_len  # noqa: PLC0415 - as above
        from rich.text import Text  # noqa: PLC0415 - as above

        body = Text.assemble(*(part for part in parts if part and part[0]))
        if not body:
            return
        room = self.room - indent
        gap = room - body.cell_len - cell_len(right)
        below = bool(right) and (gap < 2 or not self.screen.wide)  # noqa: PLR2004 - two columns tell them apart
        if right and not below:
            body.append(" " * gap).append(right, DIM)
        first, *rest = self._wrapped(body, room, hang)
        self._line(Text(" " * indent) + first)
        for line in rest:
            self._line(Text(" " * (indent + hang)) + line)
        if below:
            self.put((right, DIM), indent=indent + hang)

    def _wrapped(self, body: Text, room: int, hang: int) -> list[Text]:
        """Wrap to `room`, all lines but the first to `hang` less."""
        first, *rest = list(body.wrap(self.console, room, overflow="fold")) or [body]
        if not rest or not hang:
            return [first, *rest]
        remaining = body[len(first) :]
        cut = len(remaining.plain) - len(remaining.plain.lstrip())
        return [first, *remaining[cut:].wrap(self.console, max(1, room - hang), overflow="fold")]

    def _line(self, line: Text) -> None:
        """Print one line that fits."""
        line.rstrip()
        self.console.print(line, soft_wrap=True)
        self._height += 1

    def written(self) -> str:
        """Return the page; no line of it is a workflow command."""
        file = self.console.file
        assert isinstance(file, io.StringIO)  # noqa: S101 - made so above
        return "".join(f"{uncommanded(line)}\n" for line in file.getvalue().split("\n")[:-1])
