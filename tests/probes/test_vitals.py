"""A real Chromium on pages that are slow, restless, broken, hostile or elsewhere, served on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from golive import Environment, RunInfo, Unavailable
from golive_checks.probes.clients import browser
from golive_checks.probes.clients.browser import Browsers, BrowserSettings
from golive_checks.probes.clients.http_message import Access
from golive_checks.probes.clients.pace import Kindness, Pace
from golive_checks.probes.clients.route import Routes, Vantage
from golive_checks.probes.clients.trust import Trust
from golive_checks.probes.dns import Address
from golive_checks.probes.http import Front, Reply, over_https
from golive_checks.probes.vitals import Opened, WebVitals, web_vitals
from golive_checks.subjects import Host
from golive_checks.subjects.visits import Visit
from golive_lab.asgi import Answer, Door, Receive, Scope, Send, body_of, lifespan, serving
from golive_lab.certificates import ca_file, write
from golive_lab.front import _picture as picture
from golive_lab.names import API, APP, SHOP
from golive_lab.ports import Place, standing
from golive_lab.tls import Tls, server_context

RUN = RunInfo("0123abcd", "9.9")
QUICK = Visit("app/", host="app", runs=1, quiet_s=0.6, timeout_s=15)
PATIENT = Visit("app/", host="app", runs=1, quiet_s=1.5, timeout_s=15)
HTML = "text/html; charset=utf-8"
SECRET = "made-up-for-this-test"  # noqa: S105 - as it says
TEXT = "<h1>Vos ventes et vos stocks, partout et toujours</h1>"

Handler = Callable[[str], Answer | None]
"""Answers a path of a host; None: never."""


def page(body: str) -> Answer:
    return Answer(200, HTML, f"<!doctype html><meta name=viewport content=width=device-width>{body}".encode())


@dataclass
class Site:
    place: Place
    asked: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)
    """Of each request its host, its path, its headers."""

    def of(self, host: str, path: str = "") -> list[Mapping[str, str]]:
        return [headers for name, at, headers in self.asked if name == host and path in {"", at}]

    async def open(self, visit: Visit = QUICK, **given: Any) -> WebVitals:
        return await web_vitals(visit, **self.asking(**given))

    def asking(
        self,
        settings: BrowserSettings | None = None,
        *,
        trust: bool = True,
        own: Mapping[str, Any] | None = None,
        without: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        fronts = dict[Address, Front | Unavailable]()
        for key, name in (("app", APP), ("api", API), ("shop", SHOP)):
            if name not in without:
                host = Host(name, key=key, role="app", port=self.place.ports.https, own=(own or {}).get(key, {}))
                ip = self.place.addresses[0]
                fronts[Address(f"{name}@{ip}", host, ip)] = Front(Reply("/", 200, "HTTP/1.1", (), 0))
        return {
            "fronts": fronts,
            "browsers": Browsers(
                settings or BrowserSettings(), Pace(Kindness(), Environment("x")), Routes(Vantage()), RUN
            ),
            "access": Access(),
            "trust": Trust(ca_file=str(ca_file(self.place))) if trust else Trust(),
        }

    def origin(self, host: str) -> str:
        return f"https://{host}:{self.place.ports.https}"


@asynccontextmanager
async def site(app: Handler | Answer, api: Handler | None = None) -> AsyncIterator[Site]:
    """Serve the app's pages, and what its API answers."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        await body_of(receive)
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        name = headers.get("host", "").partition(":")[0]
        here.asked.append((name, scope["path"], {**headers, "method": scope["method"]}))
        handler = api if name == API else app
        found = handler(scope["path"]) if callable(handler) else handler
        if found is None:
            await asyncio.sleep(60)
        await (found or Answer(404, "text/plain", b"")).send(send)

    with standing() as place:
        write(Tls(), place)
        context = server_context(Tls(), place, place.addresses[0], ("http/1.1",))
        here = Site(place)
        async with serving([(Door(place.addresses[0], place.ports.https, context), application)]):
            yield here


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "LEAST_S", 1.0)


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    yield
    assert folders() == set()


def folders(golive: int = 0) -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob(f"golive-browser-{golive or os.getpid()}-*"))


async def opened(content: str | Answer | Handler, **given: Any) -> Opened:
    async with site(page(content) if isinstance(content, str) else content) as here:
        return (await here.open(**given)).runs[0]


# --- what is measured -------------------------------------------------------------------------------------------------


async def test_a_page_is_measured_each_time_anew():
    async with site(page(TEXT)) as here:
        seen = await here.open(Visit("app/", host="app", runs=2, quiet_s=0.5, timeout_s=15))
    assert "Chrome/" in seen.browser
    assert seen.sandboxed is (os.geteuid() != 0)
    assert len(seen.runs) == 2
    assert len(here.of(APP, "/")) == 2
    for run in seen.runs:
        assert (run.status, run.media_type, run.lcp_of, run.cls, run.finished) == (200, "text/html", "h1", 0, True)
        assert 500 < (run.lcp_ms or 0) < 2400, "the throttle holds back a request for 562 ms"


async def test_the_largest_picture_or_text_counts_however_late_it_is():
    late = await opened(
        f"{TEXT}<script>setTimeout(() => {{const p = document.createElement('p'); p.id = 'offer';"
        "p.textContent = 'Une offre de bienvenue. '.repeat(40); document.body.append(p)}, 300)</script>",
        visit=PATIENT,
    )
    assert late.lcp_of == "p#offer"
    assert (late.lcp_ms or 0) > 850


async def test_what_moves_by_itself_counts():
    moved = await opened(
        f"{TEXT}<script>setTimeout(() => {{const div = document.createElement('div');"
        "div.style.height = '400px'; document.body.prepend(div)}, 700)</script>",
        visit=PATIENT,
    )
    assert moved.cls > 0.02
    assert moved.shifted in {"h1", "body"}


# --- what is no page that could be measured ---------------------------------------------------------------------------


async def test_an_error_is_told_by_its_status():
    failing = await opened(Answer(503, HTML, b"<h1>Bient\xc3\xb4t</h1>"))
    assert failing.status == 503
    assert (await opened(Answer(500, HTML, b""))).status == 500


async def test_a_host_that_asks_to_be_left_alone_is():
    async with site(Answer(429, HTML, b"<h1>Trop</h1>")) as here:
        given = here.asking()
        seen = await web_vitals(Visit("app/", host="app", quiet_s=0.5), **given)
        assert [run.status for run in seen.runs] == [429]
        with pytest.raises(Unavailable, match="is left alone after it answered 429 to a browser"):
            await web_vitals(QUICK, **given)
        assert len(here.of(APP, "/")) == 1


async def test_another_host_is_told_of_and_not_measured_as_this_one():
    def app(path: str) -> Answer:
        return Answer(302, HTML, b"", (("location", f"{there[0]}/login?token=x"),)) if path == "/" else page(TEXT)

    there = [""]
    async with site(app) as here:
        there[0] = here.origin(SHOP)
        run = (await here.open()).runs[0]
    assert run.elsewhere == there[0]


async def test_a_redirect_on_the_host_itself_is_followed():
    run = await opened(lambda path: Answer(302, HTML, b"", (("location", "/in"),)) if path == "/" else page(TEXT))
    assert (run.status, run.elsewhere, run.moved_to) == (200, "", "")


async def test_a_script_that_goes_on_to_another_page_is_told_of():
    def app(path: str) -> Answer:
        return page(TEXT + "<script>location.href = '/login?next=secret'</script>" if path == "/" else TEXT)

    run = await opened(app)
    assert run.moved_to.endswith("/login")


async def test_an_empty_page_has_no_lcp():
    for body in ("", "<canvas width=300 height=300></canvas>"):
        run = await opened(body)
        assert (run.lcp_ms, run.cls, run.finished) == (None, 0, True)


async def test_data_is_no_page():
    assert (await opened(Answer(200, "application/json", b"{}"))).media_type == "application/json"


async def test_a_page_that_never_has_all_its_pictures_is_left():
    def app(path: str) -> Answer | None:
        return page(TEXT + "<img src=/never.png>") if path == "/" else None

    run = await opened(app, visit=Visit("app/", host="app", runs=1, quiet_s=0.5, timeout_s=3))
    assert (run.finished, run.lcp_of) == (False, "h1")


async def test_a_host_that_is_not_there_is_a_gap():
    async with site(page(TEXT)) as here:
        place = here.place
    with pytest.raises(Unavailable, match=r"the browser does not open .*: net::ERR_CONNECTION_REFUSED"):
        await Site(place).open()


async def test_a_certificate_of_no_authority_that_is_trusted_is_a_gap():
    async with site(page(TEXT)) as here:
        with pytest.raises(Unavailable, match="net::ERR_CERT_AUTHORITY_INVALID"):
            await here.open(trust=False)
        assert here.asked == []


async def test_a_host_that_the_profile_does_not_have_is_a_gap():
    async with site(page(TEXT)) as here:
        with pytest.raises(Unavailable, match="no host ap, which web_vitals names"):
            await here.open(Visit("ap/", host="ap"))


async def test_what_the_page_did_not_get_is_told_of():
    async with site(lambda _: page(TEXT + f"<script>fetch('{there[0]}/list?token=x')</script>")) as here:
        there = [here.origin(API)]
        given = here.asking()
        for address in given["fronts"]:
            if address.host.key == "api":
                given["fronts"][address] = Unavailable("left alone")
        run = (await web_vitals(QUICK, **given)).runs[0]
    assert (run.failures, run.failed) == (1, (f"{there[0]}/list",))
    assert here.of(API) == []


# --- hostile pages ----------------------------------------------------------------------------------------------------

LIES = """
<script>
  window.PerformanceObserver = function () { throw 1 };
  PerformanceEntry.prototype.toJSON = () => ({startTime: 1});
  Object.defineProperty(PerformanceEntry.prototype, "startTime", {get: () => 1});
  window.counted = () => JSON.stringify({lcp: {ms: 1}, cls: 0});
  JSON.stringify = () => '{"lcp": {"ms": 1}}';
</script>
"""


async def test_a_page_cannot_tell_lies_about_itself():
    run = await opened(LIES + TEXT)
    assert (run.lcp_ms or 0) > 500
    assert run.lcp_of == "h1"


async def test_a_page_that_asks_and_prints_and_opens_windows_is_measured():
    run = await opened(
        f"{TEXT}<script>alert(1); confirm(2); print(); open('/x'); onbeforeunload = () => 'stay'</script>"
    )
    assert (run.finished, run.lcp_of) == (True, "h1")


async def test_a_page_that_names_things_badly_is_cut_short():
    run = await opened(f'<h1 id="{"x" * 5000}" class="\x1b[31m&#10;red">{TEXT}</h1>')
    assert len(run.lcp_of) <= 100
    assert run.lcp_of.isprintable()


async def test_a_page_that_computes_for_ever_is_ended():
    busy = f"{TEXT}<script>setTimeout(() => {{for (;;);}}, 50)</script>"
    with pytest.raises(Unavailable, match="the browser is kept busy by the page's scripts until time is over"):
        await opened(busy, visit=Visit("app/", host="app", runs=1, timeout_s=4))


async def test_a_picture_is_told_without_its_query():
    noise = picture(320, 160)

    def app(path: str) -> Answer:
        return page("<img id=hero src='/a.png?token=x'>") if path == "/" else Answer(200, "image/png", noise)

    async with site(app) as here:
        run = (await here.open()).runs[0]
    assert run.lcp_of == f"img#hero {here.origin(APP)}/a.png"


# --- as golive reaches hosts ------------------------------------------------------------------------------------------


async def test_it_says_who_asks_and_asks_the_hosts_of_the_profile_where_they_are():
    body = TEXT + "<script>fetch('%s/data')</script>"
    async with site(lambda _: page(body % here_is[0]), lambda _: Answer(200, "text/plain", b"x")) as here:
        here_is = [here.origin(API)]
        await here.open()
    asked = here.of(APP, "/")[0]
    assert "HeadlessChrome/" in asked["user-agent"]
    assert asked["user-agent"].endswith("golive/9.9 (+readiness check; run 0123abcd)")
    assert here.of(API, "/data")[0]["user-agent"] == asked["user-agent"]


async def test_a_host_of_the_profile_whose_addresses_do_not_answer_is_nowhere():
    async with site(page(TEXT)) as here:
        given = here.asking()
        for address in given["fronts"]:
            if address.host.key == "app":
                given["fronts"][address] = Unavailable("left alone")
        with pytest.raises(Unavailable, match="left alone"):
            await web_vitals(QUICK, **given)
        assert here.asked == []


ACCESS = {"access": {"headers": Access(headers={"X-Wall": SECRET}).headers}}


async def test_what_opens_a_wall_goes_to_its_host_alone():
    def app(path: str) -> Answer:
        if path == "/away.png":
            return Answer(302, HTML, b"", (("location", f"{there[0]}/seen.png"),))
        return page(f"{TEXT}<img src=/own.png><img src=/away.png><img src={there[0]}/direct.png>")

    there = [""]
    async with site(app, lambda _: Answer(200, "image/png", b"")) as here:
        there[0] = here.origin(API)
        seen = await here.open(own={"app": ACCESS})
    assert seen.runs[0].lcp_of == "h1"
    assert [h.get("x-wall") for h in here.of(APP)] == [SECRET] * len(here.of(APP))
    assert len(here.of(APP)) >= 3
    assert {path for name, path, _ in here.asked if name == API} == {"/seen.png", "/direct.png"}
    assert [h.get("x-wall") for h in here.of(API)] == [None, None]


async def test_a_page_that_asks_its_api_behind_a_wall_is_let_through_to_it():
    body = TEXT + "<script>fetch('%s/data').then(r => r.text()).then(t => fetch('/got-' + t))</script>"
    allow = (("access-control-allow-origin", "*"),)
    async with site(lambda _: page(body % there[0]), lambda _: Answer(200, "text/plain", b"it", allow)) as here:
        there = [here.origin(API)]
        await here.open(own={"api": ACCESS})
    assert here.of(APP, "/got-it"), here.asked
    assert here.of(API, "/data")[-1]["x-wall"] == SECRET
    assert "x-wall" not in here.of(APP, "/")[0]


# --- browsers ---------------------------------------------------------------------------------------------------------


async def test_without_a_browser_it_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(browser, "PLACES", ())
    async with site(page(TEXT)) as here:
        with pytest.raises(Unavailable, match="no Chromium on this machine") as gap:
            await here.open()
        assert here.asked == []
    assert gap.value.fix.startswith("apt-get install chromium-headless-shell")


def test_golive_itself_imports_nothing_that_speaks_to_a_browser():
    code = (
        "import sys, golive_checks.observability; print([m for m in sys.modules if 'devtools' in m or 'browser_' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_playwrights_own_is_found_the_newest_first(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(browser, "PLACES", ())
    for version in ("1148", "1155"):
        program = tmp_path / f".cache/ms-playwright/chromium_headless_shell-{version}/chrome-linux/headless_shell"
        program.parent.mkdir(parents=True)
        program.touch()
    assert "-1155/" in browser.executable(BrowserSettings())


@pytest.mark.parametrize(
    ("program", "reason"),
    [("/bin/true", "the browser has ended"), ("/etc/passwd", "is no program"), ("/nowhere/chrome", "is no program")],
)
async def test_a_browser_that_is_none_is_a_gap(program, reason):
    async with site(page(TEXT)) as here:
        with pytest.raises(Unavailable, match=reason):
            await here.open(settings=BrowserSettings(executable=program))


# --- beside Google's own library --------------------------------------------------------------------------------------

LIBRARY = Path(sys.prefix, "node/node_modules/web-vitals/dist/web-vitals.iife.js")
BESIDE = """
import json, sys, time
from golive_checks.probes.clients import browser_worker as worker

REPORT = '''
;const theirs = {lcp: null, cls: null};
for (const name of ["LCP", "CLS"])
  webVitals["on" + name](seen => { theirs[name.toLowerCase()] = seen.value }, {reportAllChanges: true});
'''

class Beside(worker.Visit):
    def prepare(self):
        super().prepare()
        self.call("Page.addScriptToEvaluateOnNewDocument", source=open(sys.argv[1]).read() + REPORT)

    def wait(self, until):
        if self.ask["url"].endswith("/tap"):
            self.chromium.listen(time.monotonic() + 1.5)
            for kind in ("mousePressed", "mouseReleased"):
                self.call("Input.dispatchMouseEvent", type=kind, x=50, y=50, button="left", clickCount=1)
        counted = super().wait(until)
        told = self.call("Runtime.evaluate", expression="JSON.stringify(theirs)")
        return {**counted, "theirs": json.loads(told["result"]["value"])}

worker.Visit = Beside
sys.stdout.write(json.dumps(worker.look(json.load(sys.stdin))))
"""

PUSH = """<script>
  const push = (after, high) => setTimeout(() => {
    const div = document.createElement("div");
    div.style.height = high + "px";
    document.body.prepend(div);
  }, after);
</script>"""
PAGES_BESIDE = {
    "/still": TEXT,
    "/late": TEXT
    + "<script>setTimeout(() => document.body.append('Bienvenue et bon travail. '.repeat(30)), 400)</script>",
    "/one-window": f"{TEXT}{PUSH}<script>push(300, 40); push(900, 60); push(1600, 30)</script>",
    "/two-windows": f"{TEXT}{PUSH}<script>push(300, 40); push(1900, 120); push(2300, 10)</script>",
    "/long-window": TEXT + PUSH + "<script>for (let n = 0; n < 9; n++) push(300 + n * 800, 20)</script>",
    "/tap": f"{TEXT}{PUSH}<script>addEventListener('click', () => push(50, 200))</script>",
}


@pytest.mark.parametrize("path", PAGES_BESIDE)
async def test_it_counts_as_googles_own_library_does(path, monkeypatch, tmp_path):
    script = tmp_path / "beside.py"
    script.write_text(BESIDE)
    monkeypatch.setattr(browser, "WORKER", (sys.executable, "-P", str(script), str(LIBRARY)))
    async with site(lambda path: page(PAGES_BESIDE[path]) if path in PAGES_BESIDE else None) as here:
        given = here.asking()
        at = over_https(next(iter(given["fronts"])))
        doors = [browser.Door(at, str(ca_file(here.place)))]
        said = await given["browsers"].open(at, path, doors, runs=1, quiet_s=2.0, timeout_s=20)
    ours = said["runs"][0]
    theirs = ours["theirs"]
    assert (ours["lcp"]["ms"], ours["cls"]) == pytest.approx((theirs["lcp"], theirs["cls"]))
    assert (ours["cls"] > 0) is ("window" in path)


# --- how it ends ------------------------------------------------------------------------------------------------------


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
from golive_checks.probes.clients.browser import Browsers, BrowserSettings, Door
from golive_checks.probes.clients.http_message import Endpoint
from golive_checks.probes.clients.pace import Kindness, Pace
from golive_checks.probes.clients.route import Routes, Vantage

at = Endpoint("app.demo.test", sys.argv[1], int(sys.argv[2]))
browsers = Browsers(BrowserSettings(), Pace(Kindness(), Environment("x")), Routes(Vantage()), RunInfo("a", "1"))
asyncio.run(browsers.open(at, "/", [Door(at, sys.argv[3])], runs=1, quiet_s=9, timeout_s=60))
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
