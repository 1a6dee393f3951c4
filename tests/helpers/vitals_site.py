"""A site of pages on loopback, opened by a real Chromium as the probe opens them."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from golive import Environment, RunInfo, Unavailable
from golive_checks.subjects import Host
from golive_checks.subjects.visits import Visit
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.client.message import Access, Tenancy
from golive_checks.systems.http.front import Front, HttpReply
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.page.client.browser import Browsers, BrowserSettings
from golive_checks.systems.page.vitals import Opened, WebVitals, web_vitals
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.asgi import HttpAnswer, Listener, Receive, Scope, Send, body_of, lifespan, serving
from golive_lab.parts.certificates import ca_file, write
from golive_lab.parts.edge.contexts import server_context
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.world.names import API, APP, SHOP
from golive_lab.world.tls import EdgeTls

RUN = RunInfo("0123abcd", "9.9")
QUICK = Visit("app/", host="app", runs=1, quiet_s=0.6, timeout_s=15)
PATIENT = Visit("app/", host="app", runs=1, quiet_s=1.5, timeout_s=15)
HTML = "text/html; charset=utf-8"
SECRET = "made-up-for-this-test"  # noqa: S105 - as it says
ACCESS = {"access": {"headers": Access(headers={"X-Wall": SECRET}).headers}}
TEXT = "<h1>Vos ventes et vos stocks, partout et toujours</h1>"

Handler = Callable[[str], HttpAnswer | None]
"""Answers a path of a host; None: never."""


def page(body: str) -> HttpAnswer:
    return HttpAnswer(200, HTML, f"<!doctype html><meta name=viewport content=width=device-width>{body}".encode())


@dataclass
class Site:
    place: StackPlace
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
        tenancy: Tenancy | None = None,
    ) -> dict[str, Any]:
        fronts = dict[Address, Front | Unavailable]()
        for key, name in (("app", APP), ("api", API), ("shop", SHOP)):
            if name not in without:
                host = Host(name, key=key, role="app", port=self.place.ports.https, own=(own or {}).get(key, {}))
                ip = self.place.addresses[0]
                fronts[Address(f"{name}@{ip}", host, ip)] = Front(HttpReply("/", 200, "HTTP/1.1", (), 0))
        return {
            "fronts": fronts,
            "browsers": Browsers(
                settings or BrowserSettings(), Pace(RateLimit(), Environment("x")), NetworkRoutes(Vantage()), RUN
            ),
            "access": Access(),
            "tenancy": tenancy or Tenancy(),
            "trust": Trust(ca_file=str(ca_file(self.place))) if trust else Trust(),
        }

    def origin(self, host: str) -> str:
        return f"https://{host}:{self.place.ports.https}"


@asynccontextmanager
async def site(app: Handler | HttpAnswer, api: Handler | None = None) -> AsyncIterator[Site]:
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
        await (found or HttpAnswer(404, "text/plain", b"")).send(send)

    with standing() as place:
        write(EdgeTls(), place)
        context = server_context(EdgeTls(), place, place.addresses[0], ("http/1.1",))
        here = Site(place)
        async with serving([(Listener(place.addresses[0], place.ports.https, context), application)]):
            yield here


def folders(golive: int = 0) -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob(f"golive-browser-{golive or os.getpid()}-*"))


async def opened(content: str | HttpAnswer | Handler, **given: Any) -> Opened:
    async with site(page(content) if isinstance(content, str) else content) as here:
        return (await here.open(**given)).runs[0]
