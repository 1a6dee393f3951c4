"""Is every variable read as its author wrote it?"""

from golive import Severity, Verdict, check, not_applicable
from golive.wording import counted
from golive_checks.env.defects import Defect, judged, place
from golive_checks.env.oddities import sentence
from golive_checks.systems.env.files import EnvFile, Variables
from golive_checks.systems.env.reading import Difference, TakenValue

READERS = {
    "dotenv": "npm's dotenv",
    "node": "Node's --env-file",
    "python-dotenv": "python-dotenv",
    "compose": "Docker Compose",
}


@check("env.syntax-clean", severity=Severity.MEDIUM)
def syntax_clean(file: EnvFile, seen: Variables) -> Verdict:
    """Every reader of the file reads it as its author meant it.

    Why: npm's dotenv, Node's --env-file, python-dotenv, Docker's --env-file, Docker Compose, systemd and a shell differ
    in quotes, escapes, comments, spaces, `$` and line ends. A password that one of them cuts at a `#` fails on the next
    machine. `read_as` names the app's reader: what that one reads in part or not at all fails, what another reader
    would read differently warns. Until it is named, both fail.

    Fix: Write `NAME=value` on a line of its own, ending in LF, no space around `=`, no `export`, each name once; put a
    value with `#`, `$` or spaces in single quotes if the reader strips quotes; name the reader in `read_as`.

    Source: npm dotenv; Node's src/node_dotenv.cc; python-dotenv; docker/cli pkg/kvfile; compose-go dotenv; systemd
    src/basic/env-file.c; POSIX.1-2017, shell command language
    """
    if place(file) is None:
        return not_applicable("comes from no file: there is no syntax to misread")
    named = bool(file.source.read_as)
    defects = [
        Defect(f"{odd.name} {sentence(odd.oddity)}".strip(), odd.at, mild=odd.elsewhere and named) for odd in seen.odd
    ]
    defects += [Defect(_described(difference), difference.at, mild=named) for difference in seen.differences]
    return judged(defects, ok=f"{len(seen.values)} variables, read as they are written")


def _described(difference: Difference) -> str:
    """Say what each reader makes of a variable: `A is 3 characters to npm's dotenv, 5 characters to Docker Compose`."""
    shapes = [_shape(taken) for taken in difference.taken]
    readings = [
        f"{shape}{' that differ' if shape in shapes[:n] else ''} to {_named(taken.readers)}"
        for n, (shape, taken) in enumerate(zip(shapes, difference.taken, strict=True))
    ]
    return f"{difference.name} is {', '.join(readings)}"


def _named(readers: tuple[str, ...]) -> str:
    return " and ".join(READERS.get(reader, reader) for reader in readers)


def _shape(taken: TakenValue) -> str:
    """Describe a value without a character of it."""
    if taken.length is None:
        return "not set"
    if not taken.length:
        return "empty"
    over = f" on {taken.lines} lines" if taken.lines > 1 else ""
    quotes = ", quotes included," if taken.in_quotes else ""
    return f"{counted(taken.length, 'character')}{over}{quotes}"
