"""A bounded load on one address of a host, sent by a process of its own."""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from golive import Client, RunInfo, Unavailable
from golive_checks.probes.clients.http_message import ACCEPT_JSON, Access, Endpoint, agent
from golive_checks.probes.clients.pace import Pace
from golive_checks.probes.clients.route import Routes
from golive_checks.probes.clients.walls import RATE_LIMITED

WORKER = (sys.executable, "-P", "-m", "golive_checks.probes.clients.load_worker")
GRACE_S = 10.0
"""How long it may take to start, and to end after its last request should have been answered."""


@dataclass(frozen=True)
class Shape:
    """How much is sent."""

    requests: int
    per_second: float
    concurrency: int
    timeout_s: float


class Loads(Client):
    """Sends loads, one at a time for each host."""

    def __init__(self, pace: Pace, routes: Routes, run: RunInfo) -> None:
        self._pace, self._routes, self._agent = pace, routes, agent(run)
        self._one_at_a_time = asyncio.Lock()

    async def send(
        self, at: Endpoint, path: str, shape: Shape, *, access: Access, ca_file: str
    ) -> tuple[list[float], dict[str, int]]:
        """Send it; return the seconds of each answer, and how many there were of each status, errors and timeouts."""
        self._routes.demand(at.ip)
        headers = {
            "host": at.origin.partition("://")[2],
            "user-agent": self._agent,
            "accept": ACCEPT_JSON,
            "accept-encoding": "gzip",
            **access.sent(),
        }
        ask = {
            "ip": at.ip,
            "port": at.port,
            "host": at.host,
            "path": path,
            "headers": headers,
            "ca_file": ca_file,
            "requests": shape.requests,
            "per_second": shape.per_second,
            "concurrency": shape.concurrency,
            "timeout_s": shape.timeout_s,
        }
        async with self._one_at_a_time, self._pace.slot(at.host):
            said = await self._ask(ask, shape.requests / shape.per_second + shape.timeout_s + GRACE_S)
        if "failed" in said:
            raise Unavailable(f"no load could be sent to {at.origin} ({at.ip}): {said['failed']}")
        if str(RATE_LIMITED) in said["counted"]:
            self._pace.leave_alone(at.host, "after it answered 429 to a load")
        return said["latencies_s"], said["counted"]

    async def _ask(self, ask: Mapping[str, Any], limit_s: float) -> dict[str, Any]:
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        worker = await asyncio.create_subprocess_exec(*WORKER, stdin=pipe, stdout=pipe, stderr=nothing, env={})
        try:
            async with asyncio.timeout(limit_s):
                answer, _ = await worker.communicate(json.dumps(ask).encode())
            said: dict[str, Any] = json.loads(answer)
        except TimeoutError:
            raise Unavailable(f"the load had not ended within {limit_s:g} s") from None
        except ValueError:
            raise Unavailable(f"the load ended without an answer, with code {worker.returncode}") from None
        else:
            return said
        finally:
            if worker.returncode is None:
                worker.kill()
                await worker.wait()
