"""How an env file is written: what an editor left in it, and what the next reader would take otherwise."""

import re
from collections.abc import Mapping

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
        mark = "the file begins with a byte order mark, which several readers take into the first name"
        reader.defect(1, "", mark, elsewhere=True)
    lines = text.split("\n")
    if returns := [number for number, line in enumerate(lines, 1) if line.endswith("\r")]:
        some = f"{len(returns)} lines end" if len(returns) > 1 else "a line ends"
        kept = f"{some} in CRLF: a shell or an older reader takes the CR into the value"
        reader.defect(returns[0], "", kept, elsewhere=read_as not in KEEPS_CR)
    for number, line in enumerate(lines, 1):
        if "\r" in line.removesuffix("\r"):
            reader.defect(number, "", "holds a carriage return, which some readers take for the end of the line")
        if "\0" in line:
            reader.defect(number, "", "holds a NUL byte, where every value ends")
        if any("\ud800" <= c <= "\udfff" for c in line):
            reader.defect(number, "", "holds bytes that are not UTF-8")


def note_writing(text: str, reader: EnvReader, read_as: str) -> None:
    """Note how the lines are written that set something: each at the line where its name stands."""
    lines = text.split("\n")
    for name, assigned in reader.values.items():
        line = lines[assigned.at.line - 1].removeprefix("\ufeff").removesuffix("\r")
        match = ASSIGNMENT.match(line)
        if match is None or match["name"] != name:
            continue
        if read_as in TAKES_QUOTES_OFF:
            for note in _of_dotenv(match, assigned.value or ""):
                reader.defect(assigned.at.line, name, note, elsewhere=True)
        else:
            for note in _kept(match["written"], assigned.value or "", read_as):
                reader.defect(assigned.at.line, name, note)


def _of_dotenv(match: re.Match[str], value: str) -> list[str]:
    written = match["written"]
    quoted = written.lstrip()[:1] in QUOTES
    return _which(
        {
            "begins with export, which Docker and systemd take into the name": bool(match["export"]),
            "has a space beside its name or its =, which a shell, Docker or both refuse": bool(match["before"])
            or written != written.lstrip(),
            "has a space at an end of its value, within the quotes": quoted
            and "\n" not in value
            and value != value.strip(),
            "ends in a space, which Docker keeps": not quoted and written.strip() != "" and written != written.rstrip(),
        }
    )


def _kept(written: str, value: str, read_as: str) -> list[str]:
    """Name what Docker and systemd leave as it is, where its author may have meant something else."""
    bare = written.strip()
    quoted = len(bare) > 1 and bare[0] in QUOTES and bare[0] == bare[-1]
    by_docker = {
        "is in quotes, which Docker keeps as part of the value": quoted,
        "has a comment behind it, which Docker keeps as part of the value": " #" in value or "\t#" in value,
        "has a space at an end of its value, which Docker keeps": value != value.strip(),
        "holds a ${…}, which Docker does not replace": "${" in value,
    }
    by_systemd = {
        "has a comment behind it, which systemd keeps as part of the value": " #" in written and " #" in value,
        "holds a ${…}, which systemd does not replace": "${" in value,
        "holds an unquoted backslash, which systemd removes": "\\" in written and bare[:1] not in QUOTES,
    }
    return _which({"docker": by_docker, "systemd": by_systemd}.get(read_as, {}))


def _which(notes: Mapping[str, bool]) -> list[str]:
    return [note for note, holds in notes.items() if holds]
