"""python-dotenv, by its own parser; `${NAME}` is replaced from the lines before, and never `$NAME`."""

import re

from golive_checks.systems.env.client.dotenv import bindings
from golive_checks.systems.env.oddities import NO_EQUALS, UNCLOSED, EnvOddity, OddityKind, replaced_by_nothing
from golive_checks.systems.env.readers.entries import EnvEntries, EnvEntry, Unread

VARIABLE = re.compile(r"\$\{([^}:]{0,200})(?::-([^}]{0,2000}))?\}")
"""https://saurabh-kumar.com/python-dotenv/#variable-expansion"""


def read(text: str) -> EnvEntries:
    """Read as `dotenv_values` does where the process has none of the names already."""
    entries, unread = [], []
    known: dict[str, str] = {}
    for binding in bindings(text):
        if binding.error:
            opens = re.match(r"[^=\n]*=[^\S\n]*(['\"])", binding.source.lstrip())
            closed = opens and opens[1] in binding.source.lstrip()[opens.end() :]
            unread.append(Unread(binding.line, UNCLOSED if opens and not closed else EnvOddity(OddityKind.UNREADABLE)))
        elif binding.value is None:
            unread.append(Unread(binding.line, NO_EQUALS))
        else:
            missing: list[str] = []
            value = _replaced(binding.value, known, missing)
            known[binding.name] = value
            entries.append(EnvEntry(binding.name, value, binding.line, replaced_by_nothing(missing)))
    return EnvEntries(tuple(entries), tuple(unread))


def _replaced(value: str, known: dict[str, str], missing: list[str]) -> str:
    def one(match: re.Match[str]) -> str:
        name, other = match[1], match[2]
        if name in known:
            return known[name]
        if other is None:
            missing.append(name)
        return other or ""

    return VARIABLE.sub(one, value)
