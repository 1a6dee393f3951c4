"""Docker Compose's .env and env_file (compose-go, package dotenv): quotes, escapes, and variables of lines before."""

import re
from collections.abc import Callable

from golive_checks.interpolation import InvalidError, replaced
from golive_checks.systems.env.oddities import EnvOddity, OddityKind, replaced_by_nothing
from golive_checks.systems.env.readers.entries import Collector, EnvEntries

SPACE = "\t\v\f\r \x85\xa0"
ESCAPE = re.compile(r"\\(?:([abfnrtv\\\"$])|0([0-3][0-7]{2}))", re.ASCII)
ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"', "$": "$$"}
EXPORT = re.compile(r"export\s+", re.ASCII)


def read(text: str) -> EnvEntries:
    """Read statement by statement; one that Compose refuses is passed over to the end of its line."""
    text = text.removeprefix("\ufeff")
    into, at = Collector(text), 0
    known: dict[str, str | None] = {}
    while (at := _statement(text, at)) < len(text):
        try:
            at = _read_statement(text, at, known, into)
        except ComposeRefusedError as error:
            into.passed_over(at, EnvOddity(error.kind, ends="Compose"))
            at = _line_end(text, at)
    return into.found()


class ComposeRefusedError(Exception):
    """Compose ends at this statement, with an error."""

    def __init__(self, kind: OddityKind) -> None:
        super().__init__(kind)
        self.kind = kind


def _statement(text: str, at: int) -> int:
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] == "#":
            at = _line_end(text, at)
        else:
            break
    return at


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _behind(text: str, at: int, drop: Callable[[str], bool]) -> int:
    while at < len(text) and drop(text[at]):
        at += 1
    return at


def _read_statement(text: str, start: int, known: dict[str, str | None], into: Collector) -> int:
    exported = EXPORT.match(text, start)
    named = exported.end() if exported else start
    at = _behind(text, named, lambda c: c in SPACE or c.isalnum() or c in "_.-[]")
    ends = text[at : at + 1]
    if ends and ends not in "=:\n":
        raise ComposeRefusedError(OddityKind.ODD_CHARACTER)
    name = text[named:at].rstrip() if ends else ""
    if " " in name:
        raise ComposeRefusedError(OddityKind.SPACE_IN_NAME)
    if ends in {"", "\n"}:
        if name:
            into.passed_over(start, EnvOddity(OddityKind.NO_EQUALS_FROM_SHELL, ("Compose",)))
        return at + 1 if ends else len(text)
    at = _behind(text, at + 1, lambda c: c in SPACE)
    return _value(text, name, at, known, into)


def _value(text: str, name: str, at: int, known: dict[str, str | None], into: Collector) -> int:
    quote = text[at : at + 1]
    quoted = quote in {'"', "'"}
    end = _closing(text, at) if quoted else _line_end(text, at)
    if end < 0:
        raise ComposeRefusedError(OddityKind.UNCLOSED_QUOTE)
    written = text[at + 1 : end] if quoted else text[at:end].partition(" #")[0].rstrip()
    oddity, value = None, written
    if quote != "'":
        try:
            done = replaced(ESCAPE.sub(_unescaped, written) if quoted else written, known)
        except InvalidError:
            raise ComposeRefusedError(OddityKind.ODD_VARIABLE) from None
        value = done.value
        oddity = replaced_by_nothing(done.missing)
    known[name] = value
    into.take(name, value, at, oddity)
    return end + 1


def _closing(text: str, at: int) -> int:
    quote, end = text[at], at
    while (end := text.find(quote, end + 1)) > 0:
        if text[end - 1] != "\\":
            return end
    return -1


def _unescaped(match: re.Match[str]) -> str:
    return ESCAPED[match[1]] if match[1] else chr(int(match[2], 8))
