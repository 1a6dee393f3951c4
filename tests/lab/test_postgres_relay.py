"""TLS before a Postgres that has none: whoever comes as it is taken down is let go of."""

from __future__ import annotations

import asyncio
import gc
import socket
import sys

import pytest

from golive_lab.parts.ports import standing
from golive_lab.parts.postgres.relay import HOST, relay


@pytest.mark.parametrize("turns", range(6))
def test_who_comes_last_is_let_go_of(turns, monkeypatch):
    """After some turns of the loop a connection is half taken in. A lost socket is told of as it is collected."""
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    with standing() as place, socket.socket() as client:

        async def come_and_close() -> None:
            async with relay(place.ports.postgres, place.ports.dead, None, takes_plain=True):
                client.connect((HOST, place.ports.postgres))
                for _ in range(turns):
                    await asyncio.sleep(0)

        with asyncio.Runner() as runner:
            runner.run(come_and_close())
        gc.collect()
    assert lost == []
