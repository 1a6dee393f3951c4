"""golive on a pseudo-terminal."""

from __future__ import annotations

import os
import pty
from concurrent.futures import ThreadPoolExecutor

from warm_golive import golive


def on_a_terminal(place, *arguments, columns=80, env=None):
    """Run golive on a pseudo-terminal of its own, and return all that it wrote and its exit code."""
    primary, secondary = pty.openpty()
    terminal = dict.fromkeys(("stdin", "stdout", "stderr"), secondary)
    environ = place.environ({"TERM": "xterm-256color", "COLUMNS": str(columns), **(env or {})})
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(golive, *arguments, cwd=place.folder, env=environ, **terminal)
        running.add_done_callback(lambda _: os.close(secondary))  # which is the end of what can be read
        text = b""
        while piece := read(primary):
            text += piece
    os.close(primary)
    return text.decode(), running.result().returncode


def read(terminal):
    """Return what was written next; nothing where it is closed."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""
