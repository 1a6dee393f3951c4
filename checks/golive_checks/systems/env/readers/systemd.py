"""systemd's EnvironmentFile= (src/basic/env-file.c): comments on lines of their own, quotes joined, backslashes."""

from golive_checks.systems.env.oddities import UNCLOSED, EnvOddity, OddityKind
from golive_checks.systems.env.readers.entries import Collector, EnvEntries

SPACE, LINE_END = " \t\n\r", "\n\r"
UNESCAPED = '"\\`$'
"""What loses its backslash within double quotes."""


def read(text: str) -> EnvEntries:
    """Read a text to its end, or to its first NUL."""
    text = text.partition("\0")[0]
    into, at = Collector(text), 0
    while at < len(text):
        if text[at] in SPACE:
            at += 1
        elif text[at] in "#;":
            at = _behind_comment(text, at)
        else:
            at = _assignment(text, at, into)
    return into.found()


def _behind_comment(text: str, at: int) -> int:
    """Return where the line ends. Before version 254, a backslash at its end made the next line part of it."""
    while at < len(text) and text[at] not in LINE_END:
        at += 1
    return at + 1


def _assignment(text: str, start: int, into: Collector) -> int:
    at = start
    while at < len(text) and text[at] not in "=\n\r":
        at += 1
    name = text[start:at].rstrip(SPACE)
    if text[at : at + 1] != "=":
        into.passed_over(start, EnvOddity(OddityKind.NO_EQUALS_PASSED_OVER))
        return at + 1
    value, end, closed = _value(text, at + 1)
    into.take(name, value, start, None if closed else UNCLOSED)
    return end + 1


def _value(text: str, at: int) -> tuple[str, int, bool]:
    """Return the value that starts at `at`, where its line ends, and whether its quotes are closed."""
    kept: list[str] = []
    while at < len(text):  # before a word: quotes open here, and spaces are dropped
        c = text[at]
        if c in LINE_END:
            return "".join(kept), at, True
        if c in "\"'":
            piece, at = _quoted(text, at + 1, c)
            kept.append(piece)
            if at > len(text):
                return "".join(kept), at, False
        elif c in SPACE:
            at += 1
        else:
            piece, at = _word(text, at)
            kept.append(piece)
            return "".join(kept), at, True
    return "".join(kept), at, True


def _quoted(text: str, at: int, quote: str) -> tuple[str, int]:
    """Return what stands before the closing quote, and where to go on: behind the text's end where none closes it."""
    kept: list[str] = []
    while at < len(text):
        c, after = text[at], text[at + 1 : at + 2]
        if c == quote:
            return "".join(kept), at + 1
        if c == "\\" and quote == '"':
            kept.append(
                "" if after == "\n" else after if after and after in UNESCAPED else f"\\{after}" if after else ""
            )
            at += 1
        else:
            kept.append(c)
        at += 1
    return "".join(kept), len(text) + 1


def _word(text: str, at: int) -> tuple[str, int]:
    """Return the rest of a line from its first character outside quotes on: quotes are no quotes there."""
    kept: list[str] = []
    firm = 0  # so many pieces end in something other than a plain space
    while at < len(text) and text[at] not in LINE_END:
        if text[at] == "\\":
            at += 1
            kept.append(text[at : at + 1] if text[at : at + 1] not in LINE_END else "")
            firm = len(kept)
        else:
            kept.append(text[at])
            firm = firm if text[at] in SPACE else len(kept)
        at += 1
    return "".join(kept[:firm]), at
