"""The two edges, nginx and the lab's own, are made from one description: they must answer alike."""

import base64
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest

from golive_lab.parts.api.api import API
from golive_lab.parts.certificates import CERTIFICATES, ca_file
from golive_lab.parts.edge.edge import EDGE
from golive_lab.parts.edge.front import FRONTS, OLD_HOME, files, folder
from golive_lab.parts.edge.nginx_real import NGINX
from golive_lab.parts.part import Part
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.world import healthy
from golive_lab.world.app import API_PATH, WEBHOOK_PATH, WEBSOCKET_PATH, App, FrontBuild
from golive_lab.world.health import LIVE_PATH, READY_PATH
from golive_lab.world.leaks import ServedFiles
from golive_lab.world.login import EXPORT_PATH
from golive_lab.world.names import API as API_HOST
from golive_lab.world.names import APP, HOSTS, SHOP

STACKS = {"nginx": (CERTIFICATES, FRONTS, API, NGINX), "python": (CERTIFICATES, EDGE)}


@dataclass(frozen=True)
class Got:
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module", params=STACKS.values(), ids=STACKS)
def place(request: pytest.FixtureRequest) -> Iterator[StackPlace]:
    parts: tuple[Part, ...] = request.param
    with standing() as here, ExitStack() as running:
        for part in parts:
            running.enter_context(part.start(healthy(), here))
        yield here


def connect(place: StackPlace, host: str, *, secure: bool = True, address: int = 0) -> socket.socket:
    port = place.ports.https if secure else place.ports.http
    plain = socket.create_connection((place.addresses[address], port), timeout=5)
    if not secure:
        return plain
    context = ssl.create_default_context(cafile=ca_file(place))
    context.set_alpn_protocols(["http/1.1"])
    return context.wrap_socket(plain, server_hostname=host)


def ask(
    place: StackPlace, host: str, path: str, *, secure: bool = True, method: str = "GET", accept: str = "gzip"
) -> Got:
    with connect(place, host, secure=secure) as connection:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Accept-Encoding: {accept}", "Connection: close"]
        body = b"{}" if method == "POST" else b""
        connection.sendall("\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body)
        data = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for name, _, value in (line.partition(":") for line in rest):
        headers[name.lower()] = ", ".join(filter(None, [headers.get(name.lower()), value.strip()]))
    return Got(int(first.split()[1]), headers, body)


HSTS = "max-age=31536000; includeSubDomains"
ALWAYS = {"server": "nginx", "strict-transport-security": HSTS}
PACKED = {"content-encoding": "gzip", "vary": "Accept-Encoding"}
ANSWERS = [
    (APP, "/", 200, {**ALWAYS, **PACKED, "cache-control": "no-cache"}),
    (SHOP, "/index.html", 200, {**ALWAYS, **PACKED, "cache-control": "no-cache"}),
    (APP, "/some/route", 200, {**ALWAYS, **PACKED, "cache-control": "no-cache"}),
    (APP, "/favicon.svg", 200, {**ALWAYS, "cache-control": "public, max-age=3600"}),
    (APP, "/assets/none-12345678.js", 404, ALWAYS),
    (API_HOST, API_PATH, 200, {**ALWAYS, "content-encoding": "gzip", "cache-control": "no-store"}),
    (API_HOST, LIVE_PATH, 200, {**ALWAYS, "cache-control": "no-store"}),
    (API_HOST, READY_PATH, 200, {**ALWAYS, "cache-control": "no-store"}),
    (API_HOST, "/none", 404, ALWAYS),
]


@pytest.mark.parametrize(("host", "path", "status", "headers"), ANSWERS)
def test_answers(place: StackPlace, host: str, path: str, status: int, headers: dict[str, str]) -> None:
    got = ask(place, host, path)
    assert got.status == status
    assert {name: got.headers.get(name) for name in headers} == headers


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        (APP, "/", 200),
        (APP, OLD_HOME, 308),
        (APP, "/assets/none.js", 404),
        (API_HOST, API_PATH, 200),
        (API_HOST, "/none", 404),
        (API_HOST, EXPORT_PATH, 401),
    ],
)
def test_every_kind_of_answer_has_the_security_headers(place: StackPlace, host: str, path: str, status: int) -> None:
    got = ask(place, host, path)
    assert got.status == status
    expected = {name.lower(): value for name, value in healthy().web.headers.of(host, place.ports.https)}
    assert {name: got.headers.get(name) for name in expected} == expected


def test_an_answer_that_may_be_packed_and_depends_on_the_origin_says_both(place: StackPlace) -> None:
    varies = {name.strip() for name in ask(place, API_HOST, API_PATH).headers["vary"].split(",")}
    assert varies == {"Accept-Encoding", "Origin"}


@pytest.mark.parametrize(("accept", "encoding"), [("br, gzip", "br"), ("gzip", "gzip"), ("identity", None)])
def test_assets(place: StackPlace, accept: str, encoding: str | None) -> None:
    for path, content in files(App(), place, APP).items():
        if not path.startswith("/assets/"):
            continue
        got = ask(place, APP, path, accept=accept)
        assert (got.status, got.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
        assert got.headers.get("content-encoding") == (None if path.endswith("png") else encoding)
        assert got.headers["x-cache"] in {"HIT", "MISS"}
        assert encoding or got.headers["content-length"] == str(len(content))


@pytest.mark.parametrize("host", HOSTS)
def test_clear_http_leads_to_https(place: StackPlace, host: str) -> None:
    got = ask(place, host, "/a?b=c", secure=False)
    assert (got.status, got.headers["location"]) == (301, f"https://{host}:{place.ports.https}/a?b=c")


def test_an_unsigned_event_is_refused(place: StackPlace) -> None:
    assert ask(place, API_HOST, WEBHOOK_PATH, method="POST").status == 400


@pytest.mark.parametrize("address", [0, 1])
def test_the_websocket_opens_and_echoes(place: StackPlace, address: int) -> None:
    with connect(place, API_HOST, address=address) as connection:
        key = base64.b64encode(bytes(16)).decode()
        lines = [f"GET {WEBSOCKET_PATH} HTTP/1.1", f"Host: {API_HOST}", "Upgrade: websocket", "Connection: Upgrade"]
        more = [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", ""]
        connection.sendall("\r\n".join([*lines, *more]).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        assert head.startswith(b"HTTP/1.1 101 ")
        connection.sendall(bytes([0x81, 0x82, 0, 0, 0, 0]) + b"hi")  # a masked text frame (RFC 6455, section 5.2)
        assert connection.recv(10) == bytes([0x81, 2]) + b"hi"


def test_health_tells_the_version(place: StackPlace) -> None:
    got = ask(place, API_HOST, LIVE_PATH)
    assert json.loads(got.body)["version"] == healthy().app.version


def test_a_front_is_built_alike_each_time_and_anew_for_another_content() -> None:
    with standing() as place:
        built = files(App(), place, APP)
        assert built == files(App(), place, APP)
        leaking = files(App(front=FrontBuild(extra_script='const k="x"')), place, APP)
        assert len(set(built) - set(leaking)) == 1
        large = [path for path in built if path.startswith("/assets/")] + ["/index.html"]
        assert all(len(built[path]) > 1024 for path in large)


def test_what_one_world_leaks_the_next_does_not_serve() -> None:
    leaky = replace(healthy(), app=replace(healthy().app, leaks=ServedFiles(files=("/.env",))))
    with standing() as place:
        env = folder(place, APP) / ".env"
        with FRONTS.start(leaky, place):
            assert env.exists()
        with FRONTS.start(healthy(), place):
            assert not env.exists()
