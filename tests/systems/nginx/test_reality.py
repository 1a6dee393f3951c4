"""Where nginx is subtle: what golive makes of a configuration against what the real nginx sends upstream."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from golive_checks.domains.nginx_limits import keepalive_outlived
from golive_checks.subjects import Host
from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.nginx.client.parser import NginxParser
from golive_checks.systems.nginx.places import Proxied
from golive_checks.systems.proxy.config import ProxyConfig, proxy_config
from golive_checks.systems.proxy.policy import ProxyNeeds, ProxyPolicy
from golive_lab.parts.edge.nginx_real import process
from golive_lab.parts.ports import standing

TEMP = " ".join(f"{kind}_temp_path temp;" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))


class Upstream(BaseHTTPRequestHandler):
    """Tells what it was sent, and over which connection, as an application does: HTTP/1.1 and kept alive."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        said = json.dumps({"headers": headers, "from": self.client_address[1]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        if headers.get("connection") == "close" or self.request_version == "HTTP/1.0":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def proxy(folder: Path, http_level: str, location: str) -> Iterator[int]:
    """Run nginx with its `location /` before an upstream; give its port. API stands for the upstream's port."""
    with standing(folder) as place, ThreadingHTTPServer(("127.0.0.1", place.ports.api), Upstream) as upstream:
        threading.Thread(target=upstream.serve_forever, daemon=True).start()
        port = place.ports.http
        inside = f"{http_level} server {{ listen 127.0.0.1:{port}; server_name a.test; location / {{ {location} }} }}"
        text = f"pid pid; events {{}} http {{ access_log off; {TEMP} {inside} }}"
        for name in ("conf", "logs"):
            (folder / name).mkdir(exist_ok=True)
        (folder / "conf/nginx.conf").write_text(text.replace("API", str(place.ports.api)))
        with process(folder, [("127.0.0.1", port)]):
            yield port
        upstream.shutdown()


async def seen(folder: Path) -> ProxyConfig:
    nginx = ReverseProxy("edge", main=str(folder / "conf/nginx.conf"), version="1.22.1")
    return await proxy_config(nginx, NginxParser(), CommandRunner(CommandLimits()), Files())


def ask(port: int) -> dict[str, object]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/", headers={"Host": "a.test", "X-Forwarded-For": "203.0.113.7", "Upgrade": "x"})
    said: dict[str, object] = json.loads(connection.getresponse().read())
    connection.close()
    return said


def proxied(config: ProxyConfig) -> Proxied:
    found = config.servers[0].place.inner[0].proxied
    assert found
    return found


POOL = "upstream pool { server 127.0.0.1:API; keepalive 4; }"
BARE = "upstream pool { server 127.0.0.1:API; }"
KEPT = 'proxy_http_version 1.1; proxy_set_header Connection "";'


@pytest.mark.parametrize(
    ("http_level", "location", "reused"),
    [
        (POOL, f"{KEPT} proxy_pass http://pool;", True),
        (POOL, "proxy_pass http://pool;", False),
        (POOL, "proxy_http_version 1.1; proxy_pass http://pool;", False),
        (POOL, 'proxy_set_header Connection ""; proxy_pass http://pool;', False),
        (POOL, "proxy_http_version 1.1; proxy_set_header Connection close; proxy_pass http://pool;", False),
        (POOL, "proxy_http_version 1.1; proxy_set_header Connection upgrade; proxy_pass http://pool;", True),
        (BARE, f"{KEPT} proxy_pass http://pool;", False),
        ("", f"{KEPT} proxy_pass http://127.0.0.1:API;", False),
        (POOL, f"{KEPT} proxy_pass http://127.0.0.1:API;", False),
        (POOL + KEPT, "proxy_pass http://pool;", True),
        (POOL + KEPT, "proxy_set_header Host x; proxy_pass http://pool;", False),
        (POOL + "map $uri $pool { default pool; }", f"{KEPT} proxy_pass http://$pool;", True),
    ],
)
async def test_whether_connections_are_reused(http_level: str, location: str, reused: object, tmp_path: Path) -> None:
    with proxy(tmp_path, http_level, location) as port:
        assert (ask(port)["from"] == ask(port)["from"]) is reused
    needs = {Host("a.test"): ProxyNeeds(ProxyPolicy())}
    found = keepalive_outlived(ReverseProxy("edge"), await seen(tmp_path), needs)
    assert (found.outcome == "fail") is reused


@pytest.mark.parametrize(
    ("http_level", "location"),
    [
        ("", ""),
        ("proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto $scheme;", ""),
        ("proxy_set_header Host $host;", "proxy_set_header X-Forwarded-Proto $scheme;"),
        ("", "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"),
        ("", 'proxy_set_header X-Forwarded-For ""; proxy_set_header Host literal;'),
        ("", "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"),
        ("map $http_upgrade $c { default upgrade; '' close; }", "proxy_set_header Connection $c;"),
    ],
)
async def test_which_headers_arrive(http_level: str, location: str, tmp_path: Path) -> None:
    with proxy(tmp_path, http_level, f"{location} proxy_pass http://127.0.0.1:API;") as port:
        arrived = ask(port)["headers"]
    assert isinstance(arrived, dict)
    found = proxied(await seen(tmp_path))
    values = {
        "$host": "a.test",
        "$scheme": "http",
        "$proxy_add_x_forwarded_for": "203.0.113.7, 127.0.0.1",
        "$http_upgrade": "x",
    }
    upstream = found.target.removeprefix("http://")
    unset = {"host": upstream, "connection": "close", "x-forwarded-for": "203.0.113.7"}  # the client's own goes through
    for name in ("host", "x-forwarded-for", "x-forwarded-proto", "upgrade", "connection"):
        possible = [values.get(value, value) for value in found.header(name)] or [unset.get(name, "")]
        assert arrived.get(name, "") in possible, name
