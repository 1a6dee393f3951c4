"""Commands of which the platform fills in a part: one for each value that a matrix or a variable gives it. Pure."""

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace

from golive_checks.systems.ci.aftermath import script_commands
from golive_checks.systems.ci.client.shell import ShellCommand
from golive_checks.systems.ci.matrix import Leg
from golive_checks.systems.ci.words import MANAGERS

PLACE = re.compile(r"MATRIX\.([\w.-]+)|\$\{?(\w+)\}?")
MAX_VALUES = 50


def with_values(
    found: Iterable[ShellCommand], legs: tuple[Leg, ...], variables: Mapping[str, str]
) -> tuple[ShellCommand, ...]:
    """Return commands with the values of a matrix, and of variables that the file sets, in the places of what is run.

    What only tells Playwright's own arguments apart, such as a shard, stays as it is.
    """
    return tuple(each for command in found for each in _filled(command, legs, variables))


def _filled(command: ShellCommand, legs: tuple[Leg, ...], variables: Mapping[str, str]) -> list[ShellCommand]:
    words = command.words
    named = words[0] in MANAGERS or words[0] in {"make", "npx", "node", "docker", "bash", "sh"}
    if "playwright" in words or not (PLACE.match(words[0]) or (named and any(map(PLACE.search, words[1:4])))):
        return [command]
    texts = dict.fromkeys(_text(words, {**variables, **leg}) for leg in legs or ({},))
    if None in texts or len(texts) > MAX_VALUES:
        return [command]
    return [
        replace(
            inner,
            line=command.line,
            folder=command.folder,
            swallowed=command.swallowed or inner.swallowed,
            doubt=command.doubt or inner.doubt,
            notes=command.notes or inner.notes,
        )
        for text in texts
        for inner in script_commands(text or "", errexit=True, pipefail=False)
    ]


def _text(words: tuple[str, ...], values: Mapping[str, str]) -> str | None:
    """Return a command line with values filled in; None where one is not known before it runs."""
    parts = list[str]()
    for word in words:
        names = [a or b for a, b in PLACE.findall(word)]
        if any("${{" in values.get(name, "${{") for name in names):
            return None
        parts.append(PLACE.sub(lambda at: values[at[1] or at[2]], word) if names else shlex.quote(word))
    return " ".join(parts)
