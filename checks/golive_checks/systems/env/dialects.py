"""Env files as their readers take them, and where another reader would take them otherwise."""

import re
from collections.abc import Callable, Mapping
from typing import Literal

from golive import Location
from golive_checks.systems.env.oddities import OddityKind
from golive_checks.systems.env.readers import compose, docker, node, npm_dotenv, python_dotenv, shell, systemd
from golive_checks.systems.env.readers.entries import EnvEntries, EnvEntry
from golive_checks.systems.env.reading import Difference, EnvReader, EnvReading, TakenValue
from golive_checks.systems.env.writing import note_bytes, note_writing

Dialect = Literal["dotenv", "node", "docker", "compose", "systemd", "shell", "python-dotenv"]
READERS: Mapping[Dialect, Callable[[str], EnvEntries]] = {
    "dotenv": npm_dotenv.read,
    "node": node.read,
    "python-dotenv": python_dotenv.read,
    "compose": compose.read,
    "docker": docker.read,
    "systemd": systemd.read,
    "shell": shell.read,
}
COMPARED: tuple[Dialect, ...] = ("dotenv", "node", "python-dotenv", "compose")
"""The readers that read a .env file as it is in a repository, and that an app may change between."""
STRICT: frozenset[Dialect] = frozenset({"shell", "systemd"})
"""They take no name with a dot or a dash."""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""POSIX.1-2017, section 8.1, and lower case, which every shell takes."""
LOOSE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
PIECE = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9+/.-]{16,}")
"""A line of base64 that ends in = would otherwise be taken for a name, and be shown."""
INSIDE = re.compile(r"^(?:export )?[A-Z][A-Z0-9_]+=[^=]", re.MULTILINE)
"""A line of a value that looks like the next variable: the quote before it was not closed where it should be."""


def read_text(text: str, file: str, dialect: Dialect | None = None) -> EnvReading:
    """Read an env file's text as `dialect` does, as npm's dotenv where none is named; note what is misread."""
    reader, read_as = EnvReader(file), dialect or "dotenv"
    found = READERS[read_as](text)
    note_bytes(text, reader, read_as)
    _compare(text, read_as, found, reader)
    differ = {difference.name for difference in reader.differences}
    for unread in found.unread:
        reader.note(unread.line, _shown(unread.name), unread.oddity)
    for entry in found.entries:
        if _name_is_clean(entry, reader, read_as):
            if entry.oddity and (dialect or entry.name not in differ):
                reader.note(entry.line, entry.name, entry.oddity)
            if entry.value and INSIDE.search(entry.value.partition("\n")[2]):
                reader.note(entry.line, entry.name, OddityKind.LOOKS_LIKE_VARIABLES)
            reader.assign(entry.name, entry.value, entry.line)
    note_writing(text, reader, read_as)
    return reader.reading()


def _compare(text: str, read_as: Dialect, found: EnvEntries, reader: EnvReader) -> None:
    """Hold what the reader of the profile makes of each variable against the others of its kind."""
    if read_as not in COMPARED:
        return
    others = (read_as, *(other for other in COMPARED if other != read_as))
    all_found = {other: found if other == read_as else READERS[other](text) for other in others}
    values = {other: {e.name: e.value for e in each.entries} for other, each in all_found.items()}
    lines = {e.name: e.line for each in reversed(all_found.values()) for e in each.entries}
    for name in sorted(lines, key=lambda name: lines[name]):
        if LOOSE_NAME.fullmatch(name) and not PIECE.fullmatch(name):
            groups: dict[str | None, list[str]] = {}
            for other in others:
                groups.setdefault(values[other].get(name), []).append(other)
            if len(groups) > 1:
                taken = tuple(_taken(value, readers) for value, readers in groups.items())
                reader.differences.append(Difference(Location(reader.file, lines[name]), name, taken))


def _taken(value: str | None, readers: list[str]) -> TakenValue:
    if value is None:
        return TakenValue(tuple(readers), None)
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\"`"
    return TakenValue(tuple(readers), len(value), value.count("\n") + 1, quoted)


def _shown(name: str) -> str:
    """Return a name that may be shown; a line that is no assignment may begin with a piece of a value."""
    return name if NAME.fullmatch(name) and not PIECE.fullmatch(name) else ""


def _name_is_clean(entry: EnvEntry, reader: EnvReader, read_as: Dialect) -> bool:
    """Return whether a name is one, and note it where it is not. What may be a piece of a value is not quoted."""
    name, line = entry.name, entry.line
    if PIECE.fullmatch(name):
        reader.note(line, "", OddityKind.PIECE_OF_A_VALUE)
        return False
    if NAME.fullmatch(name):
        return True
    if LOOSE_NAME.fullmatch(name) and read_as not in STRICT:
        reader.note(line, name, OddityKind.DOTTED_NAME, elsewhere=True)
        return True
    bare = name.removeprefix("export ").strip()
    if name.startswith("\ufeff"):
        reader.note(line, _shown(name[1:]), OddityKind.MARK_IN_NAME)
    elif name.startswith("export ") and NAME.fullmatch(bare):
        reader.note(line, bare, OddityKind.EXPORT_IN_NAME)
    else:
        reader.note(line, "", OddityKind.BAD_NAME)
    return False
