"""Tries whether a port takes connections: one connection, closed at once, and not a byte is sent."""

import asyncio
import errno
from typing import Literal

from golive import Unavailable
from golive_checks.systems.machine.client.pace import Pace
from golive_checks.systems.machine.client.route import EXHAUSTED, NetworkRoutes

PortState = Literal["open", "refused", "silent"]
TIMEOUT_S = 3.0


async def knock_at(name: str, ip: str, port: int, pace: Pace, routes: NetworkRoutes) -> PortState:
    """Connect and hang up. `silent` is a firewall that drops, or one that says that there is no way."""
    routes.demand(ip)
    async with pace.slot(name):
        try:
            async with asyncio.timeout(TIMEOUT_S):
                _, writer = await asyncio.open_connection(ip, port)
        except TimeoutError:
            return "silent"
        except ConnectionRefusedError:
            return "refused"
        except OSError as problem:
            if problem.errno in EXHAUSTED:
                raise Unavailable("this machine cannot open a socket", defect=True) from None
            if problem.errno in {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ECONNRESET, errno.EACCES}:
                return "silent"
            raise Unavailable(f"{ip} port {port}: no connection", transient=True) from None
        writer.close()
        return "open"
