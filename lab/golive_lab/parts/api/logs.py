"""The API's log: a file of JSON lines as pino writes them, which logrotate keeps short."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from golive_lab.parts.asgi import header
from golive_lab.world.logs import Logging

if TYPE_CHECKING:
    from pathlib import Path

    from golive_lab.parts.asgi import Scope

FOLDER, FILE, ROTATION = "logs", "api.log", "logrotate.conf"
INFO = 30
"""As pino writes it."""


def prepare(logging: Logging, folder: Path) -> None:
    """Start a new log, and write what rotates it."""
    logs = folder / FOLDER
    logs.mkdir(parents=True, exist_ok=True)
    covered = logs / (FILE if logging.rotated else "web.log")
    rules = "daily\n  rotate 14\n  compress\n  missingok\n  copytruncate"
    (logs / ROTATION).write_text(f"# The logs of the reference stack\n{covered} {{\n  {rules}\n}}\n")
    (logs / FILE).write_text("")


class Log:
    """The log file in a folder, to which each process of the API appends."""

    def __init__(self, logging: Logging, folder: Path) -> None:
        self._logging = logging
        self._file = folder / FOLDER / FILE
        self._file.parent.mkdir(parents=True, exist_ok=True)

    def answered(self, scope: Scope, status: int) -> None:
        """Note a request that was answered."""
        request = header(scope, "x-request-id")
        what = f"{scope['method']} {scope['path']} {status}"
        if self._logging.lines == "half":
            self._write(f"{what} 1.204 ms - 12")
        if self._logging.id == "in text":
            what, request = f"{what} ({request})", ""
        self.note(what, "0b7c1f" if self._logging.id == "made up" else request)

    def note(self, what: str, request: str) -> None:
        """Write a line."""
        now = time.time()
        if self._logging.lines == "text":
            line = f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(now))} INFO [{request}] {what}"
        else:
            level = {"level": INFO} if self._logging.level else {}
            line = json.dumps({**level, "time": int(now * 1000), "reqId": request, "msg": what})
        self._write(line)

    def _write(self, line: str) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
