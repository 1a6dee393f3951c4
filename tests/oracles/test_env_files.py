"""What an env file means, say golive and the seven programs that read one."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import env_readers as oracles
import pytest

from golive_checks.systems.env.dialects import READERS
from golive_checks.systems.env.readers.entries import EnvEntries

SEED = 20261129
ALL = {
    "dotenv": 4000,
    "node": 4000,
    "python-dotenv": 4000,
    "shell": 1500,
    "systemd": 1500,
    "compose": 500,
    "docker": 300,
}
ORACLES: dict[str, Callable[[list[str], Path], list[dict[str, str] | None]]] = {
    "dotenv": oracles.npm_dotenv,
    "node": oracles.node,
    "python-dotenv": oracles.python_dotenv,
    "compose": oracles.docker_compose,
    "docker": oracles.docker,
    "shell": oracles.shell,
    "systemd": oracles.systemd,
}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

VALUES = [
    "plain",
    "two words",
    "'single'",
    '"double"',
    '"line\\nbreak"',
    "'line\\nbreak'",
    "a#b",
    "v # c",
    "v\t# c",
    '"q" # c',
    '"q"#c',
    '{"a":1}',
    '"{\\"a\\":1}"',
    '"{"a": 1}"',
    "p$ssword",
    "${K0}",
    "'${K0}'",
    '"$K0"',
    "${NONE:-other}",
    "$2b$10$abc",
    "pa$5word",
    "back\\slash",
    "C:\\new",
    '"C:\\\\x"',
    '"tab\\there"',
    '"octal\\0123"',
    "it's",
    "",
    "  lead",
    "trail  ",
    "'a'\"b\"",
    '"l1\nl2"',
    "'l1\nl2'",
    '"open',
    "'open",
    "`tick`",
    "a=b=",
    "postgres://u:p%23w@h/db?x=1&y=2",
    "*",
    "a|b",
    "a(b)",
    "'-----BEGIN X-----\nK9c==\n-----END X-----\n'",
    '"-----BEGIN X-----\\nK9c==\\n"',
    "-----BEGIN X-----\\nK9c==\\n",
    "pa!ss",
    '""',
    "\u00a0v",
    "v\u200b",
    "é",
]
PIECES = [
    *"ab\"'`#\\=:{|(*~!$]",
    " ",
    "  ",
    "\t",
    " #",
    "\\n",
    "\\t",
    "${K0}",
    "$K0",
    "\n",
    "\r\n",
    "é",
    "K=",
    "\\$",
    "$$",
]


def text_of(chance: random.Random) -> str:
    """Make up an env file of one to three lines."""
    text = "\ufeff" if chance.random() < 0.05 else ""
    for n in range(chance.choice([1, 1, 2, 3])):
        text += chance.choice(["", "", "", "", "export ", " ", "\t", "# c\n", "\n"])
        text += f"K{n}" + chance.choice(["=", "=", "=", "=", "=", "= ", " =", ":", ": ", "=\t", ""])
        usual = chance.random() < 0.7
        text += chance.choice(VALUES) if usual else "".join(chance.choices(PIECES, k=chance.randint(0, 5)))
        text += chance.choice(["\n", "\n", "\n", "", "\r\n", " \n", "\t\n"])
    return text


NOTHING = re.compile(r"(?!)")
GOLIVE_IS_RIGHT = {
    "shell": re.compile(r"\$\(|=\([^)]*$|export\s*($|[#|&;\n])|export[^\n]*\s\w*['\"]"),
    "compose": re.compile(r"(^|\n)[^=:\n]+$"),
}
"""An open $( ends bash itself, as an array does that nothing closes; a bare `export` lists variables, and its words may
be quoted in part. Compose takes a last line without a = and without a line end for a variable of no name (compose-go,
dotenv/parser.go: the loop over the name's characters ends before it has one)."""


@pytest.mark.parametrize("reader", ORACLES)
def test_each_reader_is_read_as_itself(reader: str, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED} {reader}")
    count = ALL[reader] if os.environ.get("GOLIVE_ALL") else ALL[reader] // 10
    listed = GOLIVE_IS_RIGHT.get(reader, NOTHING)
    texts = [text for text in (text_of(chance) for _ in range(count)) if not listed.search(text)]
    if reader == "systemd":  # its generator replaces variables
        texts = [text.replace("$", "%").replace("K", f"T{n}_K") for n, text in enumerate(texts)]
    taken = [text for text in texts if not refused(READERS[reader](text))]
    foreseen = [text for text in texts if refused(READERS[reader](text))][: count // 10]  # each is asked by itself
    print(f"seed {SEED}, {len(taken)} texts, and {len(foreseen)} that are to be refused")
    answers = [*ORACLES[reader](taken, tmp_path), *(ORACLES[reader]([text], tmp_path)[0] for text in foreseen)]
    wrong = []
    for text, theirs in zip([*taken, *foreseen], answers, strict=True):
        found = READERS[reader](text)
        ours = {entry.name: entry.value for entry in found.entries}
        if theirs is None or refused(found):
            if theirs is not None or not refused(found):
                wrong.append((text, ours, theirs))
        elif kept(ours, reader, ours) != kept(theirs, reader, ours):
            wrong.append((text, ours, theirs))
    assert not wrong, wrong[:5]


def refused(found: EnvEntries) -> bool:
    return any(unread.oddity.ends in {"Compose", "Docker"} for unread in found.unread)


def kept(
    values: dict[str, str | None] | dict[str, str], reader: str, ours: dict[str, str | None]
) -> dict[str, str | None]:
    """Leave out what a reader's program cannot show: systemd's empty values, and what golive says it cannot know."""
    return {
        name: value
        for name, value in values.items()
        if (reader != "systemd" or (value and NAME.fullmatch(name)))
        and (reader != "shell" or ours.get(name, "") is not None)
        and not (reader in {"compose", "docker"} and name[:1].isdigit())
    }
