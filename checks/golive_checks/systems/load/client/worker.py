"""Sends a bounded load and times it, in a process of its own: golive's other probes would make every answer late.

Reads what to send as JSON, and writes what came. Requests start at a fixed rate however long others take, and each is
timed from the moment at which it should have started: a server that stands still is not forgiven the requests that
had to wait for it (Gil Tene's "coordinated omission").
"""

import asyncio
import collections
import errno
import json
import ssl
import sys
from collections.abc import Iterator
from typing import Any

import h11

from golive import Unavailable
from golive.wording import data_size
from golive_checks.systems.http.client.tls import trusting

PIECE_BYTES = 64 * 1024
BODY_LIMIT_BYTES = 4_000_000
HEADERS_LIMIT_BYTES = 256 * 1024
"""As browsers allow; h11's own limit is smaller than what some servers send."""
WARM_UP_S = 0.05
TOO_MANY = "429"
OWN_TROUBLE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})
"""What this machine ran out of, ports included: no failure of the server's."""


class CannotLoadError(Exception):
    """The load says nothing about the server, for this reason."""


class Connection:
    """One connection, opened when it is wanted."""

    def __init__(self, ask: dict[str, Any], context: ssl.SSLContext) -> None:
        self.ask, self.context = ask, context
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None
        self.speaks = h11.Connection(h11.CLIENT, HEADERS_LIMIT_BYTES)

    async def connect(self) -> asyncio.StreamWriter:
        """Open it, unless it stands."""
        if self.writer is None:
            ask = self.ask
            self.reader, self.writer = await asyncio.open_connection(
                ask["ip"], ask["port"], ssl=self.context, server_hostname=ask["host"]
            )
            self.speaks = h11.Connection(h11.CLIENT, HEADERS_LIMIT_BYTES)
        return self.writer

    def close(self) -> None:
        """Give it up."""
        if self.writer is not None:
            self.writer.transport.abort()
            self.writer = None

    async def get(self) -> int:
        """Ask once, read the whole answer, and return its status."""
        writer = await self.connect()
        request = h11.Request(method="GET", target=self.ask["path"], headers=list(self.ask["headers"].items()))
        writer.write(self.speaks.send(request) or b"")
        writer.write(self.speaks.send(h11.EndOfMessage()) or b"")
        await writer.drain()
        status, size = 0, 0
        while True:
            event = self.speaks.next_event()
            if event is h11.NEED_DATA:
                if self.reader is None:
                    raise ConnectionError
                self.speaks.receive_data(await self.reader.read(PIECE_BYTES))
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                size += len(event.data)
                if size > BODY_LIMIT_BYTES:
                    raise CannotLoadError(f"its answer is larger than {data_size(BODY_LIMIT_BYTES)}")
            elif isinstance(event, h11.EndOfMessage):
                break
            elif isinstance(event, h11.ConnectionClosed):
                raise ConnectionError
        # HTTP/1.0, or Connection: close: nothing more may be sent on it.
        if self.speaks.our_state is h11.MUST_CLOSE or self.speaks.their_state is h11.MUST_CLOSE:
            self.close()
        else:
            self.speaks.start_next_cycle()
        return status


async def load(ask: dict[str, Any]) -> dict[str, Any]:
    """Send it all."""
    try:
        context = trusting(ask["ca_file"])
    except Unavailable as gap:
        return {"failed": gap.reason}
    loop = asyncio.get_running_loop()
    connections = [Connection(ask, context) for _ in range(ask["concurrency"])]
    numbers: Iterator[int] = iter(range(ask["requests"]))
    latencies, counted = list[float](), collections.Counter[str]()
    found = await asyncio.gather(*(connection.connect() for connection in connections), return_exceptions=True)
    if problem := next((each for each in found if isinstance(each, BaseException)), None):
        return {"failed": _reason(problem)}
    began = loop.time() + WARM_UP_S

    async def work(connection: Connection) -> None:
        for number in numbers:
            if TOO_MANY in counted:
                return  # it asks to be left alone
            due = began + number / ask["per_second"]
            if (early := due - loop.time()) > 0:
                await asyncio.sleep(early)
                due = loop.time()  # to wake up late is this process's own doing; to be sent late for others is not
            came = await _once(connection, ask["timeout_s"])
            counted[came] += 1
            if came.isdecimal():
                latencies.append(loop.time() - due)

    try:
        await asyncio.gather(*(work(connection) for connection in connections))
    except CannotLoadError as problem:
        return {"failed": str(problem)}
    for connection in connections:
        connection.close()
    return {"latencies_s": [round(each, 6) for each in latencies], "counted": dict(counted)}


async def _once(connection: Connection, timeout_s: float) -> str:
    """Ask once, and name what came: a status, `timeout` or `error`."""
    try:
        async with asyncio.timeout(timeout_s):
            return str(await connection.get())
    except TimeoutError:
        connection.close()
        return "timeout"
    except (OSError, h11.RemoteProtocolError) as error:
        if getattr(error, "errno", None) in OWN_TROUBLE:
            raise CannotLoadError(f"this machine opens no more connections ({error})") from None
        connection.close()
        return "error"


def _reason(problem: BaseException) -> str:
    if isinstance(problem, ssl.SSLError):
        return "its certificate is not trusted"
    return "it refuses connections" if isinstance(problem, ConnectionRefusedError) else "no connection"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(load(json.load(sys.stdin)))))
