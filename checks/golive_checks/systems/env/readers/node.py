"""Node's --env-file and `util.parseEnv`, as of Node 22; Node 20, without support since April 2026, keeps tabs."""

from golive_checks.systems.env.oddities import NO_EQUALS, UNCLOSED, EnvOddity, OddityKind
from golive_checks.systems.env.readers.entries import Collector, EnvEntries, cut_at_hash
from golive_checks.systems.env.readers.npm_dotenv import decodable

SPACE = " \t\n"
QUOTES = "'\"`"


def read(text: str) -> EnvEntries:
    """Read as Node 22 and later do (src/node_dotenv.cc)."""
    text = decodable(text).replace("\r", "").rstrip(SPACE)
    into = Collector(text)
    at = _next(text, 0)
    while at < len(text):
        if text[at] in "\n#":
            at = _behind_line(text, at)
            continue
        stop = _first_of(text, "=\n", at)
        if stop == len(text) or text[stop] == "\n":
            into.passed_over(at, NO_EQUALS)
            at = _next(text, stop + 1)
            continue
        at = _value(text, text[at:stop].strip(SPACE), at, stop + 1, into)
    return into.found()


def _value(text: str, name: str, named: int, at: int, into: Collector) -> int:
    """Take the value that is written from `at` on, and return where the next line is to be looked for."""
    if text[at : at + 1] in {"", "\n"}:
        into.take(name, "", named)  # `export ` is still part of this name, for Node takes it off further down
        return at
    at = _next(text, at)
    if not name:
        into.passed_over(named, EnvOddity(OddityKind.NO_NAME))
        return at
    name = name.removeprefix("export ").strip(SPACE)
    quote = text[at : at + 1]
    end = text.find(quote, at + 1) if quote and quote in QUOTES else -1
    if end > 0:
        value = text[at + 1 : end]
        into.take(name, value.replace("\\n", "\n") if quote == '"' else value, named)
        return _behind_line(text, end + 1)
    line_end = _first_of(text, "\n", at)
    written = text[at:line_end]
    if quote and quote in QUOTES:
        into.take(name, written, named, UNCLOSED)
    else:
        value, mark, _ = written.partition("#")
        into.take(name, value.strip(SPACE), named, cut_at_hash(written, len(value)) if mark else None)
    return _next(text, line_end + 1)


def _next(text: str, at: int) -> int:
    while at < len(text) and text[at] in SPACE:
        at += 1
    return at


def _first_of(text: str, wanted: str, at: int) -> int:
    return min((found for c in wanted if (found := text.find(c, at)) >= 0), default=len(text))


def _behind_line(text: str, at: int) -> int:
    return _first_of(text, "\n", at) + 1
