"""How an env file is written: what an editor left in it, and what the next reader would take otherwise."""

import re
from collections.abc import Mapping

from golive_checks.systems.env.oddities import EnvOddity, OddityKind
from golive_checks.systems.env.reading import EnvReader

TAKES_QUOTES_OFF = frozenset({"dotenv", "node", "python-dotenv", "compose"})
ASSIGNMENT = re.compile(
    r"[^\S\n]*(?P<export>export[^\S\n]+)?(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)(?P<before>[^\S\n]*)=(?P<written>.*)"
)
QUOTES = ('"', "'", "`")
KEEPS_CR = frozenset({"shell"})


def note_bytes(text: str, reader: EnvReader, read_as: str) -> None:
    """Note what an editor on another system leaves, and what no value can hold."""
    if text.startswith("\ufeff"):
        reader.note(1, "", OddityKind.BYTE_ORDER_MARK, elsewhere=True)
    lines = text.split("\n")
    if returns := [number for number, line in enumerate(lines, 1) if line.endswith("\r")]:
        reader.note(returns[0], "", EnvOddity(OddityKind.CRLF, (len(returns),)), elsewhere=read_as not in KEEPS_CR)
    for number, line in enumerate(lines, 1):
        if "\r" in line.removesuffix("\r"):
            reader.note(number, "", OddityKind.CARRIAGE_RETURN)
        if "\0" in line:
            reader.note(number, "", OddityKind.NUL)
        if any("\ud800" <= c <= "\udfff" for c in line):
            reader.note(number, "", OddityKind.NOT_UTF8)


def note_writing(text: str, reader: EnvReader, read_as: str) -> None:
    """Note how the lines are written that set something: each at the line where its name stands."""
    lines = text.split("\n")
    for name, assigned in reader.values.items():
        line = lines[assigned.at.line - 1].removeprefix("\ufeff").removesuffix("\r")
        match = ASSIGNMENT.match(line)
        if match is None or match["name"] != name:
            continue
        if read_as in TAKES_QUOTES_OFF:
            for oddity in _of_dotenv(match, assigned.value or ""):
                reader.note(assigned.at.line, name, oddity, elsewhere=True)
        else:
            for oddity in _kept(match["written"], assigned.value or "", read_as):
                reader.note(assigned.at.line, name, oddity)


def _of_dotenv(match: re.Match[str], value: str) -> list[EnvOddity]:
    written = match["written"]
    quoted = written.lstrip()[:1] in QUOTES
    return _which(
        {
            EnvOddity(OddityKind.EXPORT): bool(match["export"]),
            EnvOddity(OddityKind.SPACE_BESIDE_EQUALS): bool(match["before"]) or written != written.lstrip(),
            EnvOddity(OddityKind.SPACE_WITHIN_QUOTES): quoted and "\n" not in value and value != value.strip(),
            EnvOddity(OddityKind.ENDS_IN_SPACE): not quoted and written.strip() != "" and written != written.rstrip(),
        }
    )


def _kept(written: str, value: str, read_as: str) -> list[EnvOddity]:
    """Name what Docker and systemd leave as it is, where its author may have meant something else."""
    bare = written.strip()
    quoted = len(bare) > 1 and bare[0] in QUOTES and bare[0] == bare[-1]
    by_docker = {
        EnvOddity(OddityKind.QUOTES_KEPT): quoted,
        EnvOddity(OddityKind.COMMENT_KEPT, ("Docker",)): " #" in value or "\t#" in value,
        EnvOddity(OddityKind.SPACE_KEPT): value != value.strip(),
        EnvOddity(OddityKind.DOLLAR_KEPT, ("Docker", "a ${…}")): "${" in value,
    }
    by_systemd = {
        EnvOddity(OddityKind.COMMENT_KEPT, ("systemd",)): " #" in written and " #" in value,
        EnvOddity(OddityKind.DOLLAR_KEPT, ("systemd", "a ${…}")): "${" in value,
        EnvOddity(OddityKind.BACKSLASH): "\\" in written and bare[:1] not in QUOTES,
    }
    return _which({"docker": by_docker, "systemd": by_systemd}.get(read_as, {}))


def _which(notes: Mapping[EnvOddity, bool]) -> list[EnvOddity]:
    return [oddity for oddity, holds in notes.items() if holds]
