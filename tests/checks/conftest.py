"""A check is a pure function: while its test runs, nothing may be opened, connected to or started."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TOUCHES = {"open", "socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec"}
CODE = {".py", ".pyc", ".so", ".dist-info", ".txt"}
TABLE = "token_shapes.toml"
"""Golive's own, which is read with the first text that is masked."""
IMPURE = {"init"}
"""Folders of tests whose subject is allowed to read files."""

watching = False


def is_code(path: Path) -> bool:
    """Return whether an import reads this, or writes it: pytest's compiled modules end in a process id at first."""
    return path.suffix in CODE or path.name == TABLE or "__pycache__" in path.parts


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse what a pure function does not do. Imports open code, wherever it lies."""
    if watching and event in TOUCHES and not (event == "open" and is_code(Path(str(arguments[0])))):
        raise AssertionError(f"a check touched the world: {event} {arguments[:2]}")


sys.addaudithook(refuse)


@pytest.fixture(autouse=True)
def pure(request: pytest.FixtureRequest) -> Iterator[None]:
    global watching  # noqa: PLW0603 - an audit hook stays for the whole process and needs a switch
    watching = request.path.parent.name not in IMPURE
    yield
    watching = False
