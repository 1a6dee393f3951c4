"""Runs statements that undo what a run of golive has stored, which was killed before it could; see guard.py."""

import asyncio
import json
import sys
from typing import Any

from pydantic import SecretStr

from golive import RunInfo
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.postgres.client.connect import PostgresLimits
from golive_checks.systems.postgres.client.trouble import PostgresTrouble
from golive_checks.systems.postgres.client.writes import PostgresWriter
from golive_checks.systems.tls.client.trust import Trust


async def undone(asked: dict[str, Any]) -> bool:
    """Run the statements as golive would have; tell whether the server took them."""
    limits, trust = PostgresLimits(**asked["limits"]), Trust(**asked["trust"])
    writer = PostgresWriter(limits, NetworkRoutes(Vantage()), trust, RunInfo(*asked["run"]))
    try:
        await writer.run(SecretStr(asked["url"]), asked["statements"])
    except PostgresTrouble:
        return False
    return True


if __name__ == "__main__":
    sys.exit(not asyncio.run(undone(json.load(sys.stdin))))
