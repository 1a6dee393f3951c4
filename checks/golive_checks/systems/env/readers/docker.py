"""Docker's --env-file (docker/cli, pkg/kvfile): nothing is unquoted, expanded or cut; only leading space is dropped."""

from golive_checks.systems.env.readers.entries import Collector, EnvEntries

REFUSED = "has a space beside its name, for which Docker refuses the whole file"


def read(text: str) -> EnvEntries:
    """Read line by line, also behind one for which Docker refuses the file."""
    into, start = Collector(text), 0
    for number, line in enumerate(text.split("\n")):
        written = line.removesuffix("\r")
        written = (written.removeprefix("\ufeff") if number == 0 else written).lstrip()
        name, equals, value = written.partition("=")
        if not written or written.startswith("#"):
            pass
        elif any("\ud800" <= c <= "\udfff" for c in written):
            into.passed_over(start, "holds bytes that are not UTF-8, for which Docker refuses the whole file")
        elif not name:
            into.passed_over(start, "has no name before its =, for which Docker refuses the whole file")
        elif " " in name or "\t" in name:
            exported = name.startswith("export ")
            into.passed_over(start, f"begins with export: {REFUSED}" if exported else REFUSED, _bare(name))
        elif not equals:
            into.passed_over(start, "has no =: Docker takes such a variable from its own shell")
        else:
            into.take(name, value, start)
        start += len(line) + 1
    return into.found()


def _bare(name: str) -> str:
    return name.strip().removeprefix("export ").strip()
