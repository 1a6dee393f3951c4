"""Where Caddy leads a request and what it hands on: golive's reading of generated Caddyfiles, and Caddy asked."""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import sys
import threading
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from echo import Echo

from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.nginx.client.gixy import Gixy
from golive_checks.systems.nginx.client.parser import NginxParser
from golive_checks.systems.nginx.routing import ends, serving
from golive_checks.systems.proxy.config import ProxyConfig, proxy_audit, proxy_config
from golive_lab.parts.ports import standing
from golive_lab.parts.process import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_checks.systems.nginx.places import ProxyPlace

CADDY = str(Path(sys.executable).with_name("caddy"))
SEED = 20261129
ALL = 150
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
HEADS = "admin off\n auto_https off\n"
UPS = [
    "",
    "",
    "header_up Host {upstream_hostport}",
    "header_up Host {host}",
    "header_up -X-Forwarded-For",
    "header_up -X-Forwarded-*",
    "header_up X-Forwarded-For {remote_host}",
    "header_up X-Forwarded-For {header.X-Forwarded-For}",
    "header_up X-Forwarded-Proto https",
    "header_up -Upgrade",
    "header_up -Connection",
    "header_up Host fixed.test",
]
SETS = [
    "",
    "",
    "header X-Frame-Options DENY",
    "header {\nX-Frame-Options DENY\n-Server\n}",
    "header >X-Content-Type-Options nosniff",
    "header /api/* Referrer-Policy no-referrer",
    "header X-Frame-Options DENY\nheader /api* -X-Frame-Options",
    "request_body {\nmax_size 50\n}",
    "request_body /api/* {\nmax_size 90\n}",
    "request_header Host other.test",
    "request_header X-Forwarded-For 6.6.6.6",
    "encode gzip",
    "basic_auth /private/* {\nbob $2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG\n}",
]
PLACES = [
    "handle /api/* {\nPASS\n}",
    "handle_path /v1/* {\nPASS\n}",
    "handle /ws {\nPASS\n}",
    "route /admin* {\nrespond 403\n}",
    "respond /admin 403",
    "respond /admin/* 404",
    "redir /old* https://elsewhere.test{uri} permanent",
    "@up {\npath /ws\nheader Connection *Upgrade*\nheader Upgrade websocket\n}\nhandle @up {\nPASS\n}",
    "@no not path /api/*\nhandle @no {\nrespond 404\n}",
    "@re path_regexp ^/v[12]/\nrespond @re 410",
    "@both {\npath /api/*\nnot path /api/open*\n}\nrespond @both 401",
    "rewrite /v1/old /api/new",
    "uri /v1/* strip_prefix /v1",
    "reverse_proxy /dead* 127.0.0.1:1",
    "route {\nrespond /ws 404\nPASS\n}",
]
LAST = ["handle {\nPASS\n}", "PASS", "PASS", "handle {\nrespond 404\n}", ""]
PATHS = ["/", "/api/x", "/API/x", "/api", "/ws", "/v1/x", "/v1/old", "/v1/api/x", "/admin", "/admin/x", "//admin"]
PATHS += ["/dead", "/old/1", "/api/open", "/private/x"]
KNOWN = {"x-frame-options", "x-content-type-options", "referrer-policy"}


class Quiet(ThreadingHTTPServer):
    """Says nothing of requests that Caddy breaks off."""

    def handle_error(self, *_: Any) -> None:
        pass


def generated() -> list[str]:
    of, made = random.Random(SEED), list[str]()
    for _ in range(ALL):
        passes = lambda: f"reverse_proxy 127.0.0.1:BACK {{\n{of.choice(UPS)}\n}}"  # noqa: E731 - one expression
        lines = [*of.sample(SETS, k=2), *of.sample(PLACES, k=of.choice([1, 2, 3])), of.choice(LAST)]
        made.append("\n".join(line.replace("PASS", passes()) for line in lines))
    return made[:: ALL // COUNT]


def opens(port: int) -> bool:
    with socket.socket() as door:
        return door.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def serving_sites(folder: Path, sites: list[str]) -> Iterator[tuple[int, Path]]:
    with standing(folder) as place, Quiet(("127.0.0.1", place.ports.api), Echo) as app:
        threading.Thread(target=app.serve_forever, daemon=True).start()
        port, file = place.ports.http, folder / "Caddyfile"
        text = "\n".join(f"http://s{n}.test:{port} {{\n{site}\n}}" for n, site in enumerate(sites))
        file.write_text(f"{{\n{HEADS}}}\n{text.replace('BACK', str(place.ports.api))}\n")
        own = [f"{name}={folder}" for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")]
        argv = ["env", *own, CADDY, "run", "--config", str(file), "--adapter", "caddyfile"]
        with running(argv, log=folder / "caddy.log", ready=lambda: opens(port)):
            yield port, file
        app.shutdown()


def sent(port: int, n: int, path: str, *, size: int = 0, **more: str) -> tuple[int, dict[str, str], dict[str, str]]:
    """Ask a site: the status, the answer's headers, and those that the application was sent, if it was."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    headers = {"Host": f"s{n}.test", "X-Forwarded-For": "9.9.9.9", **more}
    connection.request("POST" if size else "GET", path, body=b"x" * size or None, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    got = {name.lower(): value for name, value in answer.getheaders()}
    return answer.status, got, json.loads(text)["headers"] if "x-app" in got else {}


def disagreements(n: int, port: int, path: str, place: ProxyPlace) -> Iterator[str]:
    """Yield what the real Caddy does at a place otherwise than golive says."""
    status, got, told = sent(port, n, path)
    if "www-authenticate" in got:  # nothing that stands behind the password was asked
        if bool(told):
            yield f"the application was asked, and so was a password, golive says {place}"
        return
    dead = place.proxied and any(backend.port == 1 for backend in place.proxied.backends)
    if bool(told) != (place.proxied is not None and not dead and place.rule != "basic_auth"):
        yield f"the application was {'' if told else 'not '}asked ({status}), golive says {place}"
        return
    ours = {each.name.lower() for each in place.adds if each.always or status < 500}
    if place.rule != "basic_auth" and ours != {*got} & KNOWN:
        yield f"answers have {sorted({*got} & KNOWN)}, golive says {sorted(ours)}"
    if not told or place.proxied is None:
        return
    said = {name: place.proxied.header(name) for name in ("host", "x-forwarded-for", "x-forwarded-proto")}
    meant = {"$host": f"s{n}.test", "$scheme": "http", "$remote_addr": "127.0.0.1", "": None}
    meant["$proxy_add_x_forwarded_for"] = "127.0.0.1"
    for name, values in said.items():
        text = meant.get(values[0], values[0])
        handed_on = values[0] == "$http_x_forwarded_for"  # perhaps as another directive has changed it before
        if values[0] != "$proxy_host" and not handed_on and told.get(name) != text:
            yield f"{name} is {told.get(name)}, golive says {values[0]}"
    if (limit := place.body_limit.value) < 1000:
        yield from (
            f"a body of {size} is answered by {there}, golive says at most {limit}"
            for size in (int(limit), int(limit) + 1)
            if (bool((there := sent(port, n, path, size=size))[2])) != (size <= limit)
        )


def of_handshake(n: int, port: int, place: ProxyPlace) -> Iterator[str]:
    """Yield how a WebSocket's handshake fares otherwise than golive says."""
    _, _, told = sent(port, n, "/ws", Connection="Upgrade", Upgrade="websocket")
    passes = place.proxied is not None and all(place.proxied.header(name)[0] for name in ("upgrade", "connection"))
    if ("upgrade" in told and "upgrade" in told.get("connection", "").lower()) != passes:
        yield f"the handshake {'does not reach' if passes else 'reaches'} the application, golive says {place}"


async def read(proxy: ReverseProxy) -> ProxyConfig:
    return await proxy_config(proxy, NginxParser(), CommandRunner(CommandLimits()), Files())


async def test_caddy_does_what_golive_reads(tmp_path: Path) -> None:
    print(f"seed {SEED}, {COUNT} of {ALL} configurations")
    sites, wrong = generated(), list[str]()
    with serving_sites(tmp_path, sites) as (port, file):
        config = await read(ReverseProxy("edge", program="Caddy", main=str(file), run_as=CADDY))
        for n, site in enumerate(sites):
            (server,) = serving(config.servers, f"s{n}.test")
            for path in PATHS:
                places = ends(server, path.replace("//", "/"))
                assert len(places) == 1, (site, path)
                wrong += [f"{path}: {text}:\n{site}" for text in disagreements(n, port, path, places[0])]
            (place,) = ends(server, "/ws", upgrade=True)
            wrong += [f"/ws: {text}:\n{site}" for text in of_handshake(n, port, place)]
    assert not wrong, f"{len(wrong)} of {len(sites)} x {len(PATHS)}\n" + "\n\n".join(wrong)


async def test_what_caddy_refuses_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Caddyfile").write_text("shop.test {\n\treverse_proxy {\n\t\tno_such_option\n\t}\n}\n")
    proxy = ReverseProxy("edge", program="Caddy", main=str(tmp_path / "Caddyfile"), run_as=CADDY)
    seen = await proxy_audit(proxy, NginxParser(), CommandRunner(CommandLimits()), Gixy(), Files())
    assert "no_such_option" in seen.broken
    assert seen.broken_at
    assert seen.broken_at.line == 3
