"""With 50 ms between golive and the stack: how much longer a whole run takes than its own critical path.

A relay before each port holds what passes for half a round trip in each direction, and a new TCP connection for a whole
one before the first byte: connect() itself is answered by the kernel of this machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import GOLIVE, PROJECT, Result

from golive_lab.parts.ports import addresses
from golive_lab.run import stack_for

ROUND_TRIP_S = 0.050
RELAYED = ("HTTPS", "HTTP", "RESOLVER", "NS1", "NS2")


def results() -> list[Result]:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder, stack_for("demo") as variables:
        ports = {name: int(variables[f"GOLIVE_LAB_{name}_PORT"]) for name in RELAYED}
        with relays(ports) as far:
            env = {**os.environ, **variables, **{f"GOLIVE_LAB_{name}_PORT": str(port) for name, port in far.items()}}
            trace, report = Path(folder) / "trace.json", Path(folder) / "report.json"
            command = [GOLIVE, "check", "demo", "--trace", str(trace), "-o", f"json:{report}"]
            done = subprocess.run(command, env=env, cwd=PROJECT, capture_output=True, text=True, check=False)
            if not trace.exists():
                sys.exit(f"the run ended without a trace: {done.stdout}{done.stderr}")
        traced = json.loads(trace.read_text())
    path_s = traced["otherData"]["critical_path_s"]
    wall_s = max(bar["ts"] + bar["dur"] for bar in traced["traceEvents"]) / 1e6
    detail = f"{wall_s:.2f} s against {path_s:.2f} s"
    return [Result("a whole run at 50 ms round trip against its critical path", wall_s / path_s, 1.5, detail=detail)]


@contextmanager
def relays(ports: dict[str, int]) -> Iterator[dict[str, int]]:
    """Let a relay stand before each port, on every address, and yield the relays' ports."""
    far: dict[str, int] = {}
    ready, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def stand() -> None:
        held: list[asyncio.Server | asyncio.DatagramTransport] = []
        for name, port in ports.items():
            for address in addresses():
                server, transport = await relay(address, far.get(name, 0), port)
                far[name] = server.sockets[0].getsockname()[1]
                held += [server, transport]
        ready.set()
        await stop.wait()
        for each in held:
            each.close()

    thread = threading.Thread(target=lambda: asyncio.Runner(loop_factory=lambda: loop).run(stand()), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield far
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


async def relay(address: str, port: int, to: int) -> tuple[asyncio.Server, asyncio.DatagramTransport]:
    """Relay TCP and UDP from one port to another, on the same address."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(ROUND_TRIP_S)
        try:
            far_reader, far_writer = await asyncio.open_connection(address, to)
        except OSError:
            writer.close()
            return
        await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))

    server = await asyncio.start_server(connected, address, port)
    loop = asyncio.get_running_loop()
    bound = server.sockets[0].getsockname()[1]
    transport, _ = await loop.create_datagram_endpoint(lambda: Datagrams(address, to), local_addr=(address, bound))
    return server, transport


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes, each piece half a round trip later, and the end after it."""
    loop = asyncio.get_running_loop()
    last = 0.0
    while True:
        try:
            piece = await reader.read(65536)
        except OSError:
            piece = b""
        last = max(last, loop.time() + ROUND_TRIP_S / 2)
        if not piece:
            loop.call_at(last, writer.close)
            return
        loop.call_at(last, writer.write, piece)


class Datagrams(asyncio.DatagramProtocol):
    """Passes datagrams on, and what comes back to whom it belongs."""

    def __init__(self, address: str, to: int) -> None:
        self.far = (address, to)
        self.transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport = transport  # type: ignore[assignment] # asyncio gives a datagram transport here

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Ask on the sender's behalf from a socket of its own."""
        loop = asyncio.get_running_loop()
        loop.call_later(ROUND_TRIP_S / 2, lambda: loop.create_task(self.ask(data, addr)))

    async def ask(self, data: bytes, addr: tuple[str, int]) -> None:
        """Send, await the answer, and bring it back."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes] = loop.create_future()

        class Back(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, _: tuple[str, int]) -> None:
                if not answer.done():
                    answer.set_result(data)

        transport, _ = await loop.create_datagram_endpoint(Back, remote_addr=self.far)
        transport.sendto(data)
        try:
            said = await asyncio.wait_for(answer, 10)
            loop.call_later(ROUND_TRIP_S / 2, self.transport.sendto, said, addr)
        except TimeoutError:
            return
        finally:
            transport.close()
