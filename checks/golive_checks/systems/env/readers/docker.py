"""Docker's --env-file (docker/cli, pkg/kvfile): nothing is unquoted, expanded or cut; only leading space is dropped."""

from golive_checks.systems.env.oddities import EnvOddity, OddityKind
from golive_checks.systems.env.readers.entries import Collector, EnvEntries


def read(text: str) -> EnvEntries:
    """Read line by line, also behind one for which Docker refuses the file."""
    into, start = Collector(text), 0
    # Not splitlines(): Docker's scanner ends a line at LF alone, and drops one CR before it.
    for number, line in enumerate(text.split("\n")):
        written = line.removesuffix("\r")
        # Docker drops a byte-order mark at the beginning of the file alone.
        written = (written.removeprefix("\ufeff") if number == 0 else written).lstrip()
        name, equals, value = written.partition("=")
        if not written or written.startswith("#"):
            pass
        elif any("\ud800" <= c <= "\udfff" for c in written):
            into.passed_over(start, EnvOddity(OddityKind.NOT_UTF8, ends="Docker"))
        elif not name:
            into.passed_over(start, EnvOddity(OddityKind.NO_NAME, ends="Docker"))
        elif " " in name or "\t" in name:
            exported = name.startswith("export ")
            kind = OddityKind.SPACE_AROUND_EXPORT if exported else OddityKind.SPACE_BESIDE_NAME
            into.passed_over(start, EnvOddity(kind, ends="Docker"), _bare(name))
        elif not equals:
            into.passed_over(start, EnvOddity(OddityKind.NO_EQUALS_FROM_SHELL, ("Docker",)))
        else:
            into.take(name, value, start)
        start += len(line) + 1
    return into.found()


def _bare(name: str) -> str:
    return name.strip().removeprefix("export ").strip()
