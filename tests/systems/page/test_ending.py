"""However it ends, no browser is left."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from vitals_site import ACCESS, SECRET, TEXT, folders, page, site

from golive import Unavailable
from golive_checks.subjects.visits import Visit
from golive_checks.systems.page.client import browser
from golive_checks.systems.page.client.browser import BrowserSettings
from golive_lab.parts.certificates import ca_file


@dataclass
class Process:
    parent: int
    session: int
    line: str


def processes() -> dict[int, Process]:
    """Return what runs on this machine, the dead that nobody has asked for apart."""
    found = {}
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (each / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            state, parent, _, session, *_ = (each / "stat").read_text().rpartition(")")[2].split()
            if state != "Z":
                found[int(each.name)] = Process(int(parent), int(session), line)
    return found


def worker_of(golive: int) -> int:
    """Return the worker of a golive: its session holds all that it has started."""
    found = [pid for pid, p in processes().items() if p.parent == golive and "browser_worker" in p.line]
    assert len(found) == 1
    return found[0]


def lines_of(session: int) -> list[str]:
    return [process.line for process in processes().values() if process.session == session]


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not come to that"
        await asyncio.sleep(0.02)


async def test_a_run_that_is_interrupted_leaves_no_browser_behind():
    async with site(lambda _: page(TEXT + "<script>setInterval(() => fetch('/x'), 100)</script>")) as here:
        visit = Visit("app/", host="app", quiet_s=5)
        task = asyncio.create_task(here.open(visit, own={"app": ACCESS}))
        await until(lambda: len(here.asked) > 1)
        worker = worker_of(os.getpid())
        lines = lines_of(worker)
        assert len(lines) > 4, "the browser is several processes"
        assert SECRET not in "".join(lines)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: not lines_of(worker), 1)


async def test_a_browser_that_never_answers_is_ended(monkeypatch, tmp_path):
    monkeypatch.setattr(browser, "GRACE_S", 1.0)
    stuck = tmp_path / "chromium"
    stuck.write_text("#!/bin/sh\nsleep 61.25\n")
    stuck.chmod(0o755)
    visit = Visit("app/", host="app", runs=1, timeout_s=0.5)
    async with site(page(TEXT)) as here:
        with pytest.raises(Unavailable, match="the browser did not end within"):
            await here.open(visit, settings=BrowserSettings(executable=str(stuck)))
    assert not [process for process in processes().values() if "61.25" in process.line]


ALONE = """
import asyncio, sys
from golive import Environment, RunInfo
from golive_checks.systems.page.client.browser import Browsers, BrowserSettings, BrowserTarget
from golive_checks.systems.http.client.message import Endpoint
from golive_checks.systems.machine.client.pace import RateLimit, Pace
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage

at = Endpoint("app.demo.test", sys.argv[1], int(sys.argv[2]))
browsers = Browsers(BrowserSettings(), Pace(RateLimit(), Environment("x")), NetworkRoutes(Vantage()), RunInfo("a", "1"))
asyncio.run(browsers.open(at, "/", [BrowserTarget(at, sys.argv[3])], runs=1, quiet_s=9, timeout_s=60))
"""


async def test_a_golive_that_is_killed_leaves_no_browser_behind():
    async with site(page(TEXT)) as here:
        place = here.place
        argv = [sys.executable, "-c", ALONE, place.addresses[0], str(place.ports.https), str(ca_file(place))]
        golive = await asyncio.create_subprocess_exec(*argv)
        await until(lambda: len(here.asked) > 0, 20)
        worker = worker_of(golive.pid)
        golive.kill()
        await golive.wait()
        await until(lambda: not lines_of(worker) and not folders(golive.pid))
