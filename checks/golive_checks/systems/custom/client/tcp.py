"""Does something listen on a port? A connection is made and closed, and nothing is sent."""

import asyncio
import time
from dataclasses import dataclass

from golive import Client, Unavailable
from golive.wording import duration
from golive_checks.systems.machine.client.pace import Pace
from golive_checks.systems.machine.client.route import NetworkRoutes

TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Knocked:
    """Whether a port takes connections, how long that took, and how it does not."""

    taken: bool
    seconds: float
    said: str = ""


class Tcp(Client):
    """Makes connections, within the pace of the run."""

    def __init__(self, pace: Pace, routes: NetworkRoutes) -> None:
        self._pace = pace
        self._routes = routes

    async def knock(self, host: str, ip: str, port: int) -> Knocked:
        """Connect to a port. A refusal and silence are answers; raises Unavailable where this machine has no route."""
        self._routes.demand(ip)
        async with self._pace.slot(host):
            began = time.perf_counter()
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    _, writer = await asyncio.open_connection(ip, port)
            except TimeoutError:
                return Knocked(
                    taken=False, seconds=time.perf_counter() - began, said=f"is silent for {duration(TIMEOUT_S)}"
                )
            except ConnectionRefusedError:
                return Knocked(taken=False, seconds=time.perf_counter() - began, said="is closed")
            except OSError as error:
                why = error.strerror or type(error).__name__
                raise Unavailable(f"no connection to {ip} port {port}: {why}", transient=True) from error
            seconds = time.perf_counter() - began
            writer.close()
            return Knocked(taken=True, seconds=seconds)
