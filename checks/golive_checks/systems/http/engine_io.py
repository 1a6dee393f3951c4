"""What Engine.IO and Socket.IO say on the wire, in the versions that are in use. Pure.

Engine.IO 4 carries Socket.IO 5 (socket.io 3 and 4), Engine.IO 3 carries Socket.IO 4 (socket.io 2). Source:
https://github.com/socketio/engine.io-protocol and https://github.com/socketio/socket.io-protocol, "History".
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Literal

from golive import shortened

Version = Literal[3, 4]

# Engine.IO's packets: a digit, then what it carries.
OPEN, PING, PONG, MESSAGE, UPGRADE = "0", "2", "3", "4", "5"
# Socket.IO's packets, in Engine.IO's messages. Version 4 of the protocol calls the latter ERROR.
CONNECT, CONNECT_ERROR = MESSAGE + "0", MESSAGE + "4"
SEPARATOR = "\x1e"
"""Between the packets of one polling answer of Engine.IO 4."""
TRANSPORT_UNKNOWN, VERSION_UNSUPPORTED = 0, 5
"""Engine.IO's error codes (engine.io, lib/server.ts)."""
WITH_LENGTH = re.compile(r"(\d{1,6}):")
"""Before each packet of a polling answer of Engine.IO 3: its length in units of UTF-16."""
RESERVED = frozenset({"EIO", "transport", "sid", "t", "b64"})
"""Query parameters that a client sets itself."""
SAID_LIMIT = 100
"""Characters of what a server says of a refusal that a fact keeps."""


class StopKind(StrEnum):
    """How a server answers otherwise than one that lets a client in."""

    CLOSED = auto()
    """The WebSocket ended; `number` is the code that it was closed with, 0 for none."""
    ENGINE_IO_3 = auto()
    NEVER_LET_IN = auto()
    NOT_ENGINE_IO = auto()
    OTHER_VERSION = auto()
    """Of Engine.IO than `number`, the one that was asked for."""
    REFUSED = auto()
    """It refuses the connection to the namespace."""
    STATUS = auto()
    """A request was answered with `number`."""
    TRANSPORT_OFF = auto()
    """It says that it does not offer this transport."""
    UNEXPECTED = auto()
    """It does not answer as Engine.IO of version `number` does."""
    UPGRADE_STATUS = auto()
    """The upgrade to a WebSocket was answered with `number`."""


@dataclass(frozen=True)
class Stop:
    """What stopped a client. `said` is the server's own word."""

    kind: StopKind
    number: int = 0
    said: str = ""


class StopError(Exception):
    """The server answers otherwise than a healthy one."""

    def __init__(self, kind: StopKind, number: int = 0, said: str = "") -> None:
        super().__init__(kind)
        self.stop = Stop(kind, number, said)


def packets(version: Version, text: str) -> list[str]:
    """Split a polling answer into its packets; of what is no such answer, the whole."""
    if version == 4:  # noqa: PLR2004 - the version
        return text.split(SEPARATOR)
    found, rest = list[str](), text
    while length := WITH_LENGTH.match(rest):
        units = rest[length.end() :].encode("utf-16-le", "surrogatepass")
        end = int(length.group(1)) * 2
        found.append(units[:end].decode("utf-16-le", "replace"))
        rest = units[end:].decode("utf-16-le", "replace")
    return found or [text]


def framed(version: Version, packet: str) -> str:
    """Put a packet of ASCII into the body of a polling request."""
    return packet if version == 4 else f"{len(packet)}:{packet}"  # noqa: PLR2004 - the version


def session(opened: str) -> tuple[str, bool]:
    """Return the session's id from the packet that opens it, and whether the server offers a WebSocket.

    Raises:
        StopError: it opens none.
    """
    if WITH_LENGTH.match(opened):  # after packets(): asked for 4, and answers as 3 does
        raise StopError(StopKind.ENGINE_IO_3)
    try:
        found = json.loads(opened.removeprefix(OPEN))
        return str(found["sid"])[:200], "websocket" in found.get("upgrades", ())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise StopError(StopKind.NOT_ENGINE_IO) from None


def let_in(version: Version, answer: str) -> None:
    """Raise where the namespace is refused, or where version 4 was asked for and the answer has no session's id."""
    if answer.startswith(CONNECT_ERROR):
        raise StopError(StopKind.REFUSED, said=_message_of(answer[len(CONNECT_ERROR) :]))
    if not answer:
        raise StopError(StopKind.NEVER_LET_IN)
    if version == 4 and "sid" not in answer:  # noqa: PLR2004 - the version
        raise StopError(StopKind.ENGINE_IO_3)


def _message_of(rest: str) -> str:
    """Repeat the message of a refusal, a word of the application: `/chat,{"message":"no"}`, or `"no"` in version 3."""
    starts = [rest.index(mark) for mark in '{"' if mark in rest]
    try:
        found = json.loads(rest[min(starts, default=0) :])
    except (ValueError, RecursionError):
        return ""
    message = found.get("message") if isinstance(found, dict) else found
    return _readable(message)


def refused(version: Version, status: int, body: bytes) -> StopError:
    """Read an error of Engine.IO, or of what stands before it."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    code, message = (found.get("code"), found.get("message")) if isinstance(found, dict) else (None, found)
    if code == TRANSPORT_UNKNOWN:
        return StopError(StopKind.TRANSPORT_OFF)
    if code == VERSION_UNSUPPORTED:
        return StopError(StopKind.OTHER_VERSION, version)
    return StopError(StopKind.STATUS, status, _readable(message))


def _readable(message: object) -> str:
    return "".join(c for c in shortened(message, SAID_LIMIT) if c.isprintable()) if isinstance(message, str) else ""
