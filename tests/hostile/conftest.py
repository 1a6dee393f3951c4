"""golive as a process against bad input and hostile servers: whatever comes, a clear word, an exit code, and an end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from warm_golive import golive

TOY = '''
"""A toy section."""
from golive import *

section = Section("toy", title="Toy")

@check("toy.always")
def always(env: Environment, now: Now) -> Verdict:
    """It is always so."""
    return passed("it is so")
'''


@dataclass(frozen=True)
class Done:
    """What became of a process."""

    code: int
    out: str
    err: str


class Started(subprocess.Popen[str]):
    """A process that goes with the test that started it: one that hangs fails its test, and not the whole run."""

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind:
            self.kill()
        super().__exit__(kind, *rest)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Place:
    """A folder to run golive in."""

    folder: Path

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def profile(self, text: str | bytes, name: str = "toy") -> Path:
        return self.write(f"profiles/{name}.yaml", text)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-P", "-m", "golive", *arguments]

    def environ(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        ours = ("GITHUB_", "CI", "GOLIVE_", "COLUMNS", "NO_COLOR", "HTTP", "http", "AWS_")
        return {**{k: v for k, v in os.environ.items() if not k.startswith(ours)}, **(more or {})}

    def start(
        self, *arguments: str, env: Mapping[str, str] | None = None, behind: Sequence[str] = (), **options: object
    ) -> Started:
        """Start golive, `behind` a program that starts it."""
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return Started(
            [*behind, *self.command(*arguments)],
            cwd=self.folder,
            env=self.environ(env),
            **{**streams, "text": True, "errors": "replace", **options},
        )

    def golive(
        self,
        *arguments: str,
        timeout_s: float = 60,
        env: Mapping[str, str] | None = None,
        behind: Sequence[str] = (),
        **streams: Any,
    ) -> Done:
        """Run golive to its end. No traceback ever reaches a user."""
        if behind:
            with self.start(*arguments, env=env, behind=behind, **streams) as process:
                out, err = process.communicate(timeout=timeout_s)
            code = process.returncode
        else:
            ran = golive(*arguments, cwd=self.folder, env=self.environ(env), timeout_s=timeout_s, **streams)
            code, out, err = ran.returncode, ran.stdout, ran.stderr
        assert "Traceback" not in err + out
        return Done(code, out, err)

    def refused(self, *arguments: str, lines: int = 1, **options: object) -> str:
        """Run golive, which refuses: exit code 2, nothing on stdout, as many lines on stderr."""
        done = self.golive(*arguments, **options)
        assert done.code == 2, done
        assert done.out == ""
        told = done.err.splitlines()
        assert len(told) == lines, done.err
        assert all(line.startswith("golive: ") and line.isprintable() and len(line) < 1000 for line in told), done.err
        return done.err


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.write("profiles/plugin.py", TOY)
    made.profile("environment: toy\nplugins: [plugin.py]\n")
    return made


@pytest.fixture(scope="module")
def module_place(tmp_path_factory) -> Place:
    """A folder for the tests of a module that look at what one run brought."""
    return Place(tmp_path_factory.mktemp("place"))
