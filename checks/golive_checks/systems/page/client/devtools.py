"""Speaks the DevTools protocol with a Chromium of one's own, over pipes: no port of this machine is opened for it.

For a worker of its own: it blocks, and the Chromium that it starts stays in the worker's process group, so that
whoever ends that group ends both, however many processes Chromium has become.
"""

import contextlib
import fcntl
import json
import os
import select
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

READS, WRITES = 3, 4
"""The descriptors of --remote-debugging-pipe."""
PIECE_BYTES = 1 << 16
MAX_MESSAGE_BYTES = 1 << 26
"""Of a message: a page that is made of one data: URL is quoted in full."""
END_S = 2.0
LOOK_S = 0.5
"""How often it is seen whether whoever wanted it is still there."""

Event = Callable[[str, Mapping[str, Any]], None]


class LostError(Exception):
    """Chromium has ended, did not answer in time, or refused what was asked; one line that says which."""


class LateError(LostError):
    """Chromium did not answer in time."""


class DevtoolsRefusedError(LostError):
    """Chromium goes on, but refused what was asked."""


class Chromium:
    """A running Chromium. What it says between the answers goes to whoever listens to its session."""

    def __init__(self, argv: Sequence[str]) -> None:
        # Set apart from 3 and 4, which both are to become in the child.
        ours_out, ours_in, its_in, its_out = _pipes()
        # Chromium's --remote-debugging-pipe reads from descriptor 3 and writes to 4, and to no others.
        os.dup2(its_in, READS)
        os.dup2(its_out, WRITES)
        quiet = subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the browser that the profile names, or PATH
                argv, stdin=quiet, stdout=quiet, stderr=quiet, pass_fds=(READS, WRITES)
            )
        except OSError as error:
            raise LostError(f"could not be started: {error.strerror}") from None
        finally:
            for each in (READS, WRITES, its_in, its_out):
                os.close(each)
        self._in, self._out, self._parent = ours_in, ours_out, os.getppid()
        self._unread = bytearray()
        self._next = 0
        self.listeners: dict[str, Event] = {}
        """By session; they may send, and call nothing."""

    def call(self, method: str, session: str = "", /, *, until: float, **parameters: Any) -> Any:
        """Ask for something, and return the answer, which must be there at that time of the monotonic clock."""
        asked = self.send(method, session, **parameters)
        while True:
            packet = self._read(until)
            if packet is None or time.monotonic() > until:
                raise LateError(f"did not answer {method} in time")
            if packet.get("id") == asked:
                break
            self._dispatch(packet)
        if "error" in packet:
            raise DevtoolsRefusedError(f"refuses {method}: {packet['error'].get('message')}")
        return packet["result"]

    def send(self, method: str, session: str = "", /, **parameters: Any) -> int:
        """Ask for something without waiting for the answer; its number."""
        self._next += 1
        message = {"id": self._next, "method": method, "params": parameters}
        data = json.dumps({**message, "sessionId": session} if session else message).encode() + b"\0"
        try:
            while data:
                data = data[os.write(self._out, data) :]
        except OSError:
            raise LostError("has ended") from None
        return self._next

    def listen(self, until: float) -> None:
        """Hand on what it tells, until that time."""
        while time.monotonic() < until and (packet := self._read(until)):
            self._dispatch(packet)

    def _dispatch(self, packet: Mapping[str, Any]) -> None:
        if "method" in packet and (listener := self.listeners.get(packet.get("sessionId", ""))):
            listener(packet["method"], packet["params"])

    def _read(self, until: float) -> dict[str, Any] | None:
        """Return its next message; None where none came until then."""
        searched = 0
        # Messages end with a NUL. What was searched is not searched again: a large message comes in many pieces.
        while (end := self._unread.find(0, searched)) < 0:
            searched = len(self._unread)
            left = until - time.monotonic()
            # A caller that was killed cannot end us, and the browser would run on.
            if os.getppid() != self._parent:
                raise LostError("is nobody's: its caller has ended")
            if left <= 0:
                return None
            if not select.select([self._in], [], [], min(left, LOOK_S))[0]:
                continue
            piece = os.read(self._in, PIECE_BYTES)
            if not piece:
                raise LostError("has ended")
            self._unread += piece
            if len(self._unread) > MAX_MESSAGE_BYTES:
                raise LostError("is larger than golive reads")
        message = bytes(self._unread[:end])
        del self._unread[: end + 1]
        packet: dict[str, Any] = json.loads(message)
        return packet

    def end(self) -> None:
        """End it: it goes when it hears no more, and is killed where it does not."""
        for each in (self._out, self._in):
            os.close(each)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S)
            return
        self._process.kill()
        self._process.wait()


def _pipes() -> tuple[int, int, int, int]:
    """Make both pipes, above what Chromium wants for them: ours to write and to read, its to read and to write."""
    its_in, ours_out = os.pipe()
    ours_in, its_out = os.pipe()
    high = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 10) for each in (ours_out, ours_in, its_in, its_out)]
    for each in (its_in, ours_out, ours_in, its_out):
        os.close(each)
    return high[0], high[1], high[2], high[3]
