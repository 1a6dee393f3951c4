"""A bounded load on one address of a host, sent by a process of its own."""

import asyncio
from dataclasses import dataclass

from golive import Client, RunInfo, Unavailable, count_request
from golive_checks.systems.http.client.message import ACCEPT_JSON, Request, agent
from golive_checks.systems.http.client.walls import RATE_LIMITED
from golive_checks.systems.machine.client.pace import Pace
from golive_checks.systems.machine.client.route import NetworkRoutes
from golive_checks.systems.machine.client.worker import ask, worker

WORKER = worker("golive_checks.systems.load.client.worker")
GRACE_S = 10.0
"""How long it may take to start, and to end after its last request should have been answered."""


@dataclass(frozen=True)
class LoadShape:
    """How much is sent."""

    requests: int
    per_second: float
    concurrency: int
    timeout_s: float


class Loads(Client):
    """Sends loads, one at a time for each host."""

    def __init__(self, pace: Pace, routes: NetworkRoutes, run: RunInfo) -> None:
        self._pace, self._routes, self._agent = pace, routes, agent(run)
        self._one_at_a_time = asyncio.Lock()

    async def send(self, request: Request, shape: LoadShape) -> tuple[list[float], dict[str, int]]:
        """Send it; return the seconds of each answer, and how many there were of each status, errors and timeouts."""
        at = request.at
        self._routes.demand(at.ip)
        headers = {
            "host": at.origin.partition("://")[2],
            "user-agent": self._agent,
            "accept": ACCEPT_JSON,
            "accept-encoding": "gzip",
            **request.headers,
            **request.access.sent(),
        }
        question = {
            "ip": at.ip,
            "port": at.port,
            "host": at.host,
            "path": request.path,
            "headers": headers,
            "ca_file": request.ca_file,
            "requests": shape.requests,
            "per_second": shape.per_second,
            "concurrency": shape.concurrency,
            "timeout_s": shape.timeout_s,
        }
        async with self._one_at_a_time, self._pace.slot(at.host):
            count_request(at.host, shape.requests - 1)  # a slot counts as one
            limit_s = shape.requests / shape.per_second + shape.timeout_s + GRACE_S
            answer = await ask(WORKER, question, limit_s=limit_s, what="the load")
        if "failed" in answer:
            raise Unavailable(f"no load could be sent to {at.origin} ({at.ip}): {answer['failed']}")
        if str(RATE_LIMITED) in answer["counted"]:
            self._pace.leave_alone(at.host, "after it answered 429 to a load")
        return answer["latencies_s"], answer["counted"]
