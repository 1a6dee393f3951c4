"""Opens a page in a Chromium under a fixed throttle, and measures how it comes up; in a process of its own.

Reads what to open as JSON, and writes what it saw. LCP and CLS are counted in a world of their own beside the page's
scripts, which cannot reach into it. What a page says of itself is left whole here: whoever asked knows which secrets
may be in it, frees it of them, and cuts it. A message of the browser's has a bound of its own (devtools.py).
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from golive_checks.systems.page.client.browser_start import argv
from golive_checks.systems.page.client.devtools import Chromium, DevtoolsRefusedError, LateError, LostError

START_S, ANSWER_S, STEP_S = 20.0, 5.0, 0.2
WORLD = "golive"
MAX_FAILED = 3
OK = 200
"""What answers anything else is not asked again."""

SCREEN = {"width": 412, "height": 823, "deviceScaleFactor": 1.75, "mobile": True}
CPU_SLOWDOWN = 4
NETWORK = {"latency": 150 * 3.75, "downloadThroughput": 1600 * 0.9 * 1024 / 8, "uploadThroughput": 750 * 0.9 * 1024 / 8}
"""Lighthouse's phone and its "slow 4G" (core/config/constants.js, screenEmulationMetrics and mobileSlow4G).

That is a round trip of 150 ms, 1.6 Mbit/s down and 750 kbit/s up. DevTools delays whole requests and not packets, so
that Lighthouse has it wait 3.75 times as long, for the handshakes, and takes a tenth off the rates; so does golive.
"""

COUNTING = """
(() => {
  let lcp = null, cls = 0, shifts = 0, worst = null, window_ = 0, first = 0, last = 0, heard = 0;
  const named = node => {
    const element = node && node.nodeType === 3 ? node.parentElement : node;
    if (!element || !element.localName) return "";
    const classes = Array.from(element.classList || []).slice(0, 2).map(name => "." + name).join("");
    return element.localName + (element.id ? "#" + element.id : "") + classes;
  };
  const observe = (type, take) =>
    new PerformanceObserver(list => list.getEntries().forEach(take)).observe({type, buffered: true});
  observe("largest-contentful-paint", entry => {
    heard += 1;
    lcp = {ms: entry.startTime, element: named(entry.element), url: String(entry.url || "")};
  });
  observe("layout-shift", entry => {
    heard += 1;
    if (entry.hadRecentInput) return;
    const goesOn = window_ && entry.startTime - last < 1000 && entry.startTime - first < 5000;
    window_ = goesOn ? window_ + entry.value : entry.value;
    first = goesOn ? first : entry.startTime;
    last = entry.startTime;
    cls = Math.max(cls, window_);
    shifts += 1;
    if (!worst || entry.value > worst.value) {
      worst = {value: entry.value, ms: entry.startTime, element: named((entry.sources[0] || {}).node)};
    }
  });
  globalThis.counted = () => JSON.stringify({lcp, cls, shifts, worst, heard, ready: document.readyState});
})()
"""
"""LCP is the last candidate; CLS the largest window of shifts, each less than 1 s after the one before, 5 s in all.

https://web.dev/articles/lcp and https://web.dev/articles/cls
"""


class BrowserVisit:
    """One visit to a page, in a context of its own: without cookies, and with an empty cache."""

    def __init__(self, chromium: Chromium, ask: Mapping[str, Any]) -> None:
        self.chromium, self.ask = chromium, ask
        self.session, self.frame, self.loader = "", "", ""
        self.world: int | None = None
        self.status, self.media_type, self.at = 0, "", ""
        self.loaded, self.moved, self.active = False, "", time.monotonic()
        self.asked: dict[str, str] = {}
        """Of each request that is under way, its URL."""
        self.failed: list[str] = []

    def call(self, method: str, **parameters: Any) -> Any:
        """Ask the page's session for something that is there at once."""
        return self.chromium.call(method, self.session, until=time.monotonic() + ANSWER_S, **parameters)

    def measure(self) -> dict[str, Any]:
        """Open the page, wait until it is quiet or time is over, and tell how it came up."""
        chromium, until = self.chromium, time.monotonic() + self.ask["timeout_s"]
        context = self.call("Target.createBrowserContext")["browserContextId"]
        # The target of a page is named as its main frame.
        self.frame = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=self.frame, flatten=True)["sessionId"]
        chromium.listeners[self.session] = self.on_event
        self.prepare()
        went = chromium.call("Page.navigate", self.session, until=until, url=self.ask["url"])
        self.loader = self.loader or went.get("loaderId", "")
        counted = self.wait(until)
        error = str(went.get("errorText", ""))
        del chromium.listeners[self.session]
        self.session = ""
        self.call("Target.disposeBrowserContext", browserContextId=context)
        return {
            "status": self.status,
            "media_type": self.media_type,
            "at": self.at,
            "error": error,
            "moved": self.moved,
            "failed": self.failed[:MAX_FAILED],
            "failures": len(self.failed),
            "finished": self.loaded,
            **counted,
        }

    def prepare(self) -> None:
        """Make it a phone on a slow network, and count from its first paint on."""
        self.call("Page.enable")
        self.call("Network.enable", maxPostDataSize=0)
        self.call("Runtime.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=COUNTING, worldName=WORLD)
        self.call("Emulation.setDeviceMetricsOverride", **SCREEN)
        self.call("Emulation.setTouchEmulationEnabled", enabled=True)
        self.call("Emulation.setUserAgentOverride", userAgent=self.ask["agent"])
        # Nobody has a service worker on a first visit, and it would answer from outside the throttle.
        self.call("Network.setBypassServiceWorker", bypass=True)
        self.call("Network.emulateNetworkConditions", offline=False, **NETWORK)
        self.call("Emulation.setCPUThrottlingRate", rate=CPU_SLOWDOWN)
        if any(host["headers"] for host in self.ask["hosts"]):
            self.call("Fetch.enable", patterns=[{"urlPattern": "*"}])

    def wait(self, until: float) -> dict[str, Any]:
        """Listen until the page has loaded and nothing more comes for a while."""
        counted: dict[str, Any] = {}
        least = time.monotonic() + self.ask["least_s"]
        while (now := time.monotonic()) < until and not self.moved:
            self.chromium.listen(min(now + STEP_S, until))
            before, counted = counted, self.counted(until) or counted
            if before.get("heard") != counted.get("heard"):
                self.active = time.monotonic()
            if self.loaded and time.monotonic() > max(least, self.active + self.ask["quiet_s"]):
                break
        return counted

    def counted(self, until: float) -> dict[str, Any]:
        """Ask what has been counted by now; nothing where there is no page yet, or no more."""
        if self.world is None:
            return {}
        question = {"expression": "counted()", "contextId": self.world}
        late = max(until, time.monotonic() + ANSWER_S)
        try:
            params = self.chromium.call("Runtime.evaluate", self.session, until=late, **question)
        except DevtoolsRefusedError:  # it has just gone on to another page
            return {}
        except LateError:
            raise LostError("is kept busy by the page's scripts until time is over") from None
        found: dict[str, Any] = json.loads(params["result"]["value"])
        return found

    def on_event(self, method: str, params: Mapping[str, Any]) -> None:
        """Take in what the page's session tells."""
        if method == "Fetch.requestPaused":
            self.let_pass(params)
        elif method == "Page.javascriptDialogOpening":
            # A dialog stops the page's scripts until somebody answers it.
            self.chromium.send("Page.handleJavaScriptDialog", self.session, accept=False)
        elif method == "Page.loadEventFired":
            self.loaded, self.active = True, time.monotonic()
        elif method == "Runtime.executionContextCreated":
            context = params["context"]
            if context["name"] == WORLD and context["auxData"].get("frameId") == self.frame:
                self.world = context["id"]
        elif method == "Network.responseReceived" and params["type"] == "Document":
            self.document(params)
        elif method in {"Network.requestWillBeSent", "Network.loadingFinished", "Network.loadingFailed"}:
            self.active = time.monotonic()
            self.request(method, params)
        elif method == "Page.frameNavigated" and "parentId" not in params["frame"]:
            frame = params["frame"]
            self.loader = self.loader or frame["loaderId"]
            if frame["loaderId"] != self.loader:
                self.moved = frame["url"]

    def request(self, method: str, params: Mapping[str, Any]) -> None:
        """Keep which requests of the page came to nothing: what it then shows may not be what people see."""
        if method == "Network.requestWillBeSent":
            self.asked[params["requestId"]] = params["request"]["url"]
            return
        url = self.asked.pop(params["requestId"], "")
        if method == "Network.loadingFailed" and not params.get("canceled"):
            self.failed.append(url)

    def document(self, params: Mapping[str, Any]) -> None:
        """Keep what the page's own document answered."""
        if params["requestId"] == params["loaderId"] and self.loader in {"", params["loaderId"]}:
            answer = params["response"]
            self.status, self.at = answer["status"], answer["url"]
            self.media_type = answer["mimeType"]

    def let_pass(self, params: Mapping[str, Any]) -> None:
        """Let a request go on: with what opens the wall before a host to that host alone, and to no other."""
        request = params["request"]
        secret: dict[str, str] = next(
            (h["headers"] for h in self.ask["hosts"] if h["origin"] == _origin(request["url"])), {}
        )
        names = {name.lower() for host in self.ask["hosts"] for name in host["headers"]}
        headers = {n: v for n, v in request["headers"].items() if n.lower() not in names} | secret
        sent = [{"name": name, "value": value} for name, value in headers.items()]
        self.chromium.send("Fetch.continueRequest", self.session, requestId=params["requestId"], headers=sent)


def _origin(url: str) -> str:
    try:
        there = urlsplit(url)
        port = f":{there.port}" if there.port not in {None, 443} else ""
    except ValueError:
        return ""
    return f"{there.scheme}://{there.hostname}{port}"


def look(ask: dict[str, Any]) -> dict[str, Any]:
    """Open the page as often as is asked."""
    golive = os.getppid()
    try:
        chromium = Chromium(argv(ask))
    except LostError as lost:
        return {"failed": f"the browser {lost}", "started": False}
    started = False
    try:
        version = chromium.call("Browser.getVersion", until=time.monotonic() + START_S)
        started = True
        ask["agent"] = f"{version['userAgent']} {ask['agent']}"
        chromium.call("Browser.setDownloadBehavior", until=time.monotonic() + ANSWER_S, behavior="deny")
        runs = list[dict[str, Any]]()
        while len(runs) < ask["runs"] and (not runs or runs[-1]["status"] == OK):
            runs.append(BrowserVisit(chromium, ask).measure())
        return {"browser": version["product"], "runs": runs}
    except LostError as lost:
        return {"failed": f"the browser {lost}", "started": started}
    finally:
        chromium.end()
        if os.getppid() != golive:  # it was killed, and nobody is left to do so
            shutil.rmtree(ask["folder"], ignore_errors=True)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(look(json.load(sys.stdin))))
