"""A headless Chromium that opens a page and measures how it comes up; see browser_worker.py."""

import asyncio
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from golive import Client, RunInfo, Settings, Unavailable, shortened
from golive.profile.types import FilePath
from golive_checks.systems.http.client.message import Endpoint, agent
from golive_checks.systems.http.client.walls import RATE_LIMITED
from golive_checks.systems.machine.client.pace import Pace
from golive_checks.systems.machine.client.route import NetworkRoutes
from golive_checks.systems.machine.client.worker import ask, worker

WORKER = worker("golive_checks.systems.page.client.browser_worker")
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "microsoft-edge",
)
PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)
PLAYWRIGHT = (
    (".cache/ms-playwright", "chromium*/chrome-*linux*/*"),
    ("Library/Caches/ms-playwright", "chromium*/chrome-*mac*/*"),
)
"""Where Playwright keeps its browsers (playwright.dev/docs/browsers), below a user's home."""
ITS_NAMES = ("headless_shell", "chrome-headless-shell", "chrome")
MEND = (
    "apt-get install chromium-headless-shell, or npx playwright install --with-deps chromium, "
    "or name one in browser.executable"
)
MAX_WORDS = 300
"""Of what the browser says of itself so many characters are kept."""
LEAST_S = 5.0
"""No page is left sooner, however quiet it is: what a script does a moment later is to be seen."""
GRACE_S = 30.0
"""For the browser to start, to be spoken to and to end, beside what the pages take."""


class BrowserSettings(Settings):
    """Which browser opens pages where the profile asks for web_vitals."""

    home: ClassVar[str] = "browser"

    executable: FilePath = ""
    """A Chromium, a Chrome or a headless shell of either; unset: what is on PATH, else what Playwright installed."""


@dataclass(frozen=True)
class BrowserTarget:
    """A host of the profile, as the browser is to reach it: where, trusting which CA, and with which headers."""

    at: Endpoint
    ca_file: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Browsers(Client):
    """Opens pages, one at a time: two would make each other late."""

    def __init__(self, wanted: BrowserSettings, pace: Pace, routes: NetworkRoutes, run: RunInfo) -> None:
        self._wanted, self._pace, self._routes, self._agent = wanted, pace, routes, agent(run)
        self._one_at_a_time = asyncio.Lock()

    @property
    def sandboxed(self) -> bool:
        """Whether the browser shuts its pages in: Chromium refuses to as root."""
        return os.geteuid() != 0

    async def open(
        self, at: Endpoint, path: str, doors: Sequence[BrowserTarget], *, runs: int, quiet_s: float, timeout_s: float
    ) -> dict[str, Any]:
        """Open a page so many times, each in a fresh context; return the browser's name and what each time showed."""
        self._routes.demand(at.ip)
        program = executable(self._wanted)
        async with self._one_at_a_time, self._pace.slot(at.host):
            with scratch() as folder:
                question = {
                    "url": at.origin + path,
                    "hosts": [_as_dict(door) for door in doors],
                    "agent": self._agent,
                    "runs": runs,
                    "quiet_s": quiet_s,
                    "least_s": LEAST_S,
                    "timeout_s": timeout_s,
                    "executable": program,
                    "sandbox": self.sandboxed,
                    "folder": str(folder),
                }
                # Chromium writes to its home; the rest of our environment may hold secrets and stays out.
                kept = {name: str(folder) for name in ("HOME", "TMPDIR", "XDG_RUNTIME_DIR")}
                environ = {**kept, "PATH": os.defpath, "LANG": "C.UTF-8"}
                limit_s = runs * (timeout_s + GRACE_S / 2) + GRACE_S
                answer = await ask(WORKER, question, limit_s=limit_s, what="the browser", environ=environ)
        if "failed" in answer:
            fix = (
                "see whether it starts here at all: without a user namespace its sandbox does not"
                if (self.sandboxed and not answer["started"])
                else ""
            )
            raise Unavailable(f"{at.origin}{path}: {shortened(answer['failed'], MAX_WORDS)} ({program})", fix=fix)
        if any(run["status"] == RATE_LIMITED for run in answer["runs"]):
            self._pace.leave_alone(at.host, "after it answered 429 to a browser")
        return answer


def _as_dict(door: BrowserTarget) -> dict[str, Any]:
    at = door.at
    return {
        "name": at.host,
        "ip": at.ip,
        "port": at.port,
        "origin": at.origin,
        "ca_file": door.ca_file,
        "headers": dict(door.headers),
    }


def executable(wanted: BrowserSettings) -> str:
    """Find a browser.

    Raises:
        Unavailable: there is none.
    """
    if wanted.executable:
        if not os.access(wanted.executable, os.X_OK):
            raise Unavailable(f"{wanted.executable} is no program", fix="correct browser.executable in the profile")
        return wanted.executable
    there = next(_installed(), "")
    if not there:
        raise Unavailable("no Chromium on this machine to open the page with", fix=MEND)
    return there


def _installed() -> Iterator[str]:
    yield from filter(None, map(shutil.which, NAMES))
    yield from filter(os.path.exists, PLACES)
    for folder, pattern in PLAYWRIGHT:
        found = Path.home().joinpath(folder).glob(pattern)
        yield from sorted((str(each) for each in found if each.name in ITS_NAMES), reverse=True)


@contextmanager
def scratch() -> Iterator[Path]:
    """Lend a folder for all that the browser writes, and remove it, also from under processes that are just ending."""
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix=f"golive-browser-{os.getpid()}-"))
    try:
        yield folder
    finally:
        for _ in range(20):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(0.01)
