"""golive as a process, on a profile with a plugin made for the test: no network, no sections but its own are asked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from warm_golive import golive

PLUGIN = '''
"""A toy section that looks at a file beside the profile."""
import asyncio
import threading
from dataclasses import dataclass
from pathlib import Path
from golive import *

section = Section("toy", title="Toy")
HERE = Path(__file__).parent

@dataclass(frozen=True)
class Word(Fact):
    said: str

@probe("test.word")
async def word(env: Environment) -> Word:
    """Read the word."""
    (HERE / "looked").open("a").write("x")
    said = (HERE / "word").read_text().strip()
    if said == "hang":
        await asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)
    if said == "wait":
        await asyncio.sleep(240)
    if said == "gone":
        raise Unavailable("the word is gone", fix="write it again")
    return Word(said)

@check("toy.word-is-good", tags=("words",))
def good(env: Environment, word: Word) -> Verdict:
    """The word is good.

    Why: a bad word spreads.

    Fix: write good.
    """
    return {
        "good": passed("it is good"),
        "poor": warned("it is poor"),
        "bad": failed("it is bad", "said: bad", at=Location(str(HERE / "word"), 1)),
    }.get(word.said, failed(f"it is {word.said}"))

@check("toy.always")
def always(env: Environment, now: Now) -> Verdict:
    """It is always so."""
    return passed(f"it is {now.at:%Y}")
'''


@dataclass(frozen=True)
class Place:
    """A folder with a profile named `toy`, its plugin and its word."""

    folder: Path

    def write(self, word: str = "good", more: str = "", plugin: str = PLUGIN) -> None:
        (self.folder / "profiles").mkdir(exist_ok=True)
        (self.folder / "profiles" / "toy.yaml").write_text(f"environment: toy\nplugins: [plugin.py]\n{more}")
        (self.folder / "profiles" / "plugin.py").write_text(plugin)
        self.say(word)

    def say(self, word: str) -> None:
        (self.folder / "profiles" / "word").write_text(word)

    def looked(self) -> int:
        file = self.folder / "profiles" / "looked"
        return len(file.read_text()) if file.exists() else 0

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "golive", *arguments]

    def environ(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        ours = ("GITHUB_", "CI", "GOLIVE_", "COLUMNS", "NO_COLOR")
        return {**{k: v for k, v in os.environ.items() if not k.startswith(ours)}, **(more or {})}

    def golive(
        self, *arguments: str, env: Mapping[str, str] | None = None, timeout_s: float = 30
    ) -> subprocess.CompletedProcess[str]:
        return golive(*arguments, cwd=self.folder, env=self.environ(env), timeout_s=timeout_s)

    def check(self, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        return self.golive("check", "toy", "--only", "toy", *arguments, **options)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.write()
    return made
