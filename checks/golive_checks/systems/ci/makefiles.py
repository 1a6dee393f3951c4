"""What `make e2e` runs: the recipes of a Makefile's target and of those that it depends on. Pure."""

import re
from collections.abc import Iterator

RULE = re.compile(r"^([A-Za-z0-9_./%-]+(?:[ \t]+[A-Za-z0-9_./%-]+)*)[ \t]*::?(?![=:])[ \t]*([^;#]*)(?:;([^#]*))?")
VALUE = re.compile(r"^(?:export[ \t]+)?(\w+)[ \t]*+(?:\?|::?|:::)?=[ \t]*+(.*+)$")
NAMES = ("GNUmakefile", "makefile", "Makefile")


def recipe(text: str, targets: tuple[str, ...]) -> list[str] | None:
    """Return the lines that the targets run, the first target's where none is named; None where one is not there.

    A line that begins with `-` may fail: it comes with `|| true`.
    """
    rules, values, first = _read(text)
    lines: list[str] = []
    for target in targets or (first,):
        if target not in rules:
            return None
        lines += _lines(target, rules)
    return [_filled(line, values) for line in lines]


def _read(text: str) -> tuple[dict[str, tuple[list[str], list[str]]], dict[str, str], str]:
    """Return each target's prerequisites and lines, the variables, and the first target."""
    rules: dict[str, tuple[list[str], list[str]]] = {}
    values: dict[str, str] = {}
    current: list[str] = []
    first = ""
    for line in re.sub(r"\\\n[ \t]*", " ", text).splitlines():
        if line.startswith("\t"):
            for target in current:
                rules[target][1].append(line.strip())
        elif value := VALUE.match(line):
            values[value[1]] = value[2].strip()
        elif rule := RULE.match(line):
            current = rule[1].split()
            for target in current:
                before, lines = rules.setdefault(target, ([], []))
                # What is behind | only has to come first; it is run all the same.
                before += rule[2].replace("|", " ").split()
                lines += [rule[3].strip()] if rule[3] else []
            # Make's default goal is the first target, those with a dot in front aside.
            if not first and not current[0].startswith("."):
                first = current[0]
        elif line.strip() and not line.startswith((" ", "#")):
            current = []
    return rules, values, first


def _lines(target: str, rules: dict[str, tuple[list[str], list[str]]]) -> Iterator[str]:
    """Yield what a target's prerequisites run and then its own lines, each target once; without recursion."""
    seen, waiting = {target}, [(target, iter(rules[target][0]))]
    while waiting:
        here, before = waiting[-1]
        following = next((each for each in before if each in rules and each not in seen), None)
        if following is not None:
            seen.add(following)
            waiting.append((following, iter(rules[following][0])))
            continue
        waiting.pop()
        for line in rules[here][1]:
            prefix = re.match(r"[@+-]*", line)
            flags = prefix[0] if prefix else ""
            # Make goes on although a line with - in front fails.
            yield line[len(flags) :].strip() + (" || true" if "-" in flags else "")


def _filled(line: str, values: dict[str, str]) -> str:
    for _ in range(3):  # a variable may name another
        line = re.sub(
            r"\$[({](\w+)[)}]", lambda found: values.get(found[1], "" if found[1] != "MAKE" else "make"), line
        )
    return line.replace("$$", "$")
