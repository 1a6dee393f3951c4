"""A text without its escapes, and where each of its characters stood: any part of a secret may be written as one."""

from __future__ import annotations

import html
import re

ESCAPE = re.compile(
    r"(?P<percent>(?:%[0-9A-Fa-f]{2})+)"
    r"|&(?P<entity>#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos);"
    r"|\\u(?P<unit>[0-9A-Fa-f]{4})|\\u\{(?P<point>[0-9A-Fa-f]{1,6})\}|\\x(?P<byte>[0-9A-Fa-f]{2})|\\(?P<octal>[0-3][0-7]{2})"
    r"|\\(?P<control>[nrt])|\\(?P<sign>[^A-Za-z0-9\r\n])"
    r"|(?P<nothing>\x1b\[[0-9;]{0,20}m|[\0\u00ad\u200b-\u200f\u2060\ufeff]"
    r"|(?<=[A-Za-z0-9+/_-])(?:=?\r?\n|\\r\\n|\\n)[ \t>]{0,20}(?=[A-Za-z0-9+/_-]))"
)
CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}


def unescaped(text: str) -> tuple[str, list[int]] | None:
    """Undo one layer of what URLs, HTML, JSON, shells and mail do to a text; None where nothing of it is there.

    Returns the text, and for each of its characters, and for its end, where that began.
    """
    found = list(ESCAPE.finditer(text))
    if not found:
        return None
    parts, starts, at = list[str](), list[int](), 0
    for match in found:
        plain = _plain(match)
        parts += [text[at : match.start()], plain]
        starts += [*range(at, match.start()), *_spread(match, len(plain))]
        at = match.end()
    parts.append(text[at:])
    return "".join(parts), [*starts, *range(at, len(text) + 1)]


def _plain(match: re.Match[str]) -> str:
    kind, value = match.lastgroup, match[match.lastgroup or 0]
    if kind == "percent":
        return bytes.fromhex(value.replace("%", "")).decode("utf-8", "replace")
    if kind == "entity":
        return html.unescape(match[0])
    if kind in {"unit", "point", "byte"}:
        code = int(value, 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"  # noqa: PLR2004 - Unicode's last
    if kind == "octal":
        return chr(int(value, 8))
    return "" if kind == "nothing" else CONTROLS.get(value, value)


def _spread(match: re.Match[str], characters: int) -> list[int]:
    """Place the characters of an escape: those of several percent-encoded bytes each at its own."""
    length = match.end() - match.start()
    return [match.start() + number * length // characters // 3 * 3 for number in range(characters)]
