"""dotenv of npm, versions 15 to 18: one pattern finds names and values, and every other line is passed over."""

from functools import cache
from typing import Any

from golive_checks.systems.env.oddities import CUT, NO_EQUALS, UNCLOSED, EnvOddity, OddityKind
from golive_checks.systems.env.readers.entries import Collector, EnvEntries

SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f"
    "\u3000\ufeff"
)
"""White space as ECMAScript has it, the byte order mark included."""
NO_DOT = "\u2028\u2029"
"""With \\n and \\r, what ECMAScript's dot leaves out."""
QUOTES = "'\"`"


@cache
def _statement() -> Any:
    import re2  # noqa: PLC0415 - most profiles name no such file

    blank = f"[{SPACE}]"
    quoted = "|".join(rf"{blank}*{q}(?:\\{q}|[^{q}])*{q}" for q in QUOTES)
    name = rf"^{blank}*(?:export{blank}+)?([0-9A-Za-z_.-]+)"
    equals = rf"(?:{blank}*={blank}*?|:{blank}+?)"
    return re2.compile(rf"(?m){name}{equals}({quoted}|[^#\r\n]+)?{blank}*(?:#[^\n\r{NO_DOT}]*)?$")


def read(text: str) -> EnvEntries:
    """Read as `dotenv.parse` does. Nothing is an error there."""
    text = decodable(text).replace("\r\n", "\n").replace("\r", "\n")
    into, behind = Collector(text), 0
    for match in _statement().finditer(text):
        _note_passed_over(text, behind, match.start(1), into)
        behind = match.end()
        written = (match[2] or "").strip(SPACE)
        into.take(match[1], _unquoted(written), match.start(1), _oddity(text, match.end(2), written))
    _note_passed_over(text, behind, len(text), into)
    return into.found()


def decodable(text: str) -> str:
    """Return the text with a U+FFFD for each byte that is no UTF-8, as Node decodes it; Python keeps them aside."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _unquoted(written: str) -> str:
    """Take quotes off wherever a line begins with one: the last such quote at the end of a line is its other half."""
    kept, at = "", 0
    while at < len(written):
        end = _closing(written, at) if written[at] in QUOTES else -1
        if end > at:
            kept, at = kept + written[at + 1 : end], end + 1
        step = written.find("\n", at) + 1 or len(written)
        kept, at = kept + written[at:step], step
    return kept.replace("\\n", "\n").replace("\\r", "\r") if written[:1] == '"' else kept


def _closing(written: str, at: int) -> int:
    quote = written[at]
    if written.endswith(quote) and len(written) - 1 > at:
        return len(written) - 1
    return written.rfind(f"{quote}\n", at + 1)


def _oddity(text: str, end: int, written: str) -> EnvOddity | None:
    if not written:
        return None
    if written[0] in QUOTES:
        return UNCLOSED if len(written) == 1 or _closing(written, 0) < 0 else None
    return CUT if text[end : end + 1] == "#" and not text[end - 1].isspace() else None


def _note_passed_over(text: str, start: int, end: int, into: Collector) -> None:
    for line in text[start:end].split("\n"):
        bare = line.strip(SPACE)
        if bare and not bare.startswith("#") and bare != "export":
            into.passed_over(start, EnvOddity(OddityKind.NOT_AN_ASSIGNMENT) if "=" in bare else NO_EQUALS)
        start += len(line) + 1
