"""The watch over the checks' purity sees what it is there to see."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "touch",
    [
        lambda: Path("/etc/hostname").read_text(),
        lambda: subprocess.run(["true"], check=True),
        lambda: socket.create_connection(("127.0.0.1", 9), timeout=0.1),
        lambda: socket.getaddrinfo("localhost", 80),
    ],
    ids=["open", "spawn", "connect", "resolve"],
)
def test_a_check_that_touches_the_world_is_caught(touch):
    with pytest.raises(AssertionError, match="touched the world"):
        touch()
