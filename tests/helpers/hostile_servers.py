"""Servers that misbehave, each in one way, on both of the lab's loopback addresses."""

from __future__ import annotations

import functools
import itertools
import os
import select
import socket
import ssl
import struct
import tempfile
import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import yaml

from golive_lab import PROFILE
from golive_lab.parts.certificates import issue
from golive_lab.parts.ports import addresses
from golive_lab.stack import up, variables
from golive_lab.world import World
from golive_lab.world.dns import DemoZone, Name
from golive_lab.world.tls import Chain

NOISE = os.urandom(65536)
EMPTY_RECORDS = b"\x16\x03\x03\x00\x00" * 10_000
Talk = Callable[[socket.socket], None]

PAGE = b"<!doctype html><html lang=en><head><title>x</title></head><body>x</body></html>"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def nothing(link: socket.socket) -> None:
    """Take the connection and say nothing, ever."""
    while link.recv(65536):
        pass


def garbage(link: socket.socket) -> None:
    link.recv(65536)
    link.sendall(os.urandom(5000))


def flood(link: socket.socket) -> None:
    link.recv(65536)
    while True:
        link.sendall(NOISE)


def drip(link: socket.socket) -> None:
    """A record header that promises much, then a byte a second."""
    link.recv(65536)
    for byte in itertools.chain(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03", itertools.repeat(0)):
        link.sendall(bytes([byte]))
        time.sleep(1)


def reset(link: socket.socket) -> None:
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def plain_http(link: socket.socket) -> None:
    """A web server that speaks no TLS on its https port."""
    link.recv(65536)
    link.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def endless_records(link: socket.socket) -> None:
    """Well-formed, empty TLS records without end."""
    link.recv(65536)
    while True:
        link.sendall(EMPTY_RECORDS)


TCP: dict[str, Talk] = {
    "nothing": nothing,
    "garbage": garbage,
    "flood": flood,
    "drip": drip,
    "reset": reset,
    "plain": plain_http,
    "records": endless_records,
}
"""What misbehaves before there is any TLS."""


def asked(link: socket.socket) -> bytes:
    """Read a request's head."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = link.recv(65536)
        if not piece:
            raise OSError("gone")
        head += piece
    return head


def silent(link: socket.socket) -> None:
    asked(link)
    nothing(link)


def endless_headers(link: socket.socket) -> None:
    asked(link)
    link.sendall(OK)
    for number in itertools.count():
        link.sendall(b"".join(b"X-%d-%d: %s\r\n" % (number, n, b"y" * 500) for n in range(100)))


def one_endless_header(link: socket.socket) -> None:
    asked(link)
    link.sendall(OK + b"X: ")
    while True:
        link.sendall(b"y" * 65536)


def huge_body(link: socket.socket) -> None:
    asked(link)
    link.sendall(OK + b"Content-Length: %d\r\n\r\n" % (10 * 1024**3))
    while True:
        link.sendall(b"<p>" * 20_000)


def endless_chunks(link: socket.socket) -> None:
    asked(link)
    link.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        link.sendall(b"1\r\nx\r\n" * 10_000)


@functools.cache
def compressed() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(200)) + packer.flush()


def bomb(link: socket.socket) -> None:
    """200 MB of nothing, compressed."""
    body = compressed()
    asked(link)
    link.sendall(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def dripping(link: socket.socket) -> None:
    asked(link)
    for byte in itertools.chain(OK, itertools.repeat(ord("x"))):
        link.sendall(bytes([byte]))
        time.sleep(1)


def not_http(link: socket.socket) -> None:
    asked(link)
    link.sendall(b"220 mail.demo.test ESMTP\r\n" + os.urandom(2000))


def redirects(link: socket.socket) -> None:
    """Each answer sends the client on to yet another path."""
    while True:
        path = asked(link).split()[1].decode("latin-1")
        link.sendall(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s/x\r\n\r\n" % path.rstrip("/").encode())


HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31m ::error::pwned ##[error]pwned <script>alert(1)</script> "
    "**bold** `code` | cell | ![x](http://evil.example/x.png) [go](https://evil.example) @org/team "
    "www.evil.example a@evil.example #1 \u202egnp.exe\u200b &amp; ]]> %0A::warning::x"
)


def words(link: socket.socket) -> None:
    """Hostile words wherever HTTP lets a server put its own."""
    evil = HOSTILE.encode("utf-8").replace(b"\r", b"").replace(b"\n", b"")
    names = (
        b"Server",
        b"Strict-Transport-Security",
        b"Content-Security-Policy",
        b"X-Frame-Options",
        b"X-Content-Type-Options",
        b"Referrer-Policy",
        b"Permissions-Policy",
        b"Cache-Control",
        b"Set-Cookie",
        b"Vary",
        b"Access-Control-Allow-Origin",
        b"Content-Language",
        b"ETag",
        b"Location",
    )
    page = b"<title>%s</title><script src='%s'></script><script src='/a.js?%s'></script>" % (evil, evil, b"\x1b[2J")
    while True:
        asked(link)
        fields = b"".join(b"%s: %s\r\n" % (name, evil) for name in names)
        link.sendall(
            b"HTTP/1.1 503 %s\r\nContent-Type: text/html; charset=\x1b[31m\r\n" % evil
            + fields
            + b"Content-Length: %d\r\n\r\n" % len(page)
            + page
        )


def interim(link: socket.socket) -> None:
    """Answers before the answer, which never comes."""
    asked(link)
    while True:
        link.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 2000)


def hints(link: socket.socket) -> None:
    asked(link)
    while True:
        link.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" * 1000)


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    """Return a frame of HTTP/2 (RFC 9113, section 4.1)."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def frames_for_ever(endless: bytes, first: bytes = b"") -> Talk:
    """Greet in HTTP/2, then say one thing without end. What the client says is read and dropped."""

    def talk(link: socket.socket) -> None:
        link.recv(65536)
        link.sendall(SETTINGS + first)
        while True:
            if select.select([link], [], [], 0)[0]:
                link.recv(65536)
            link.sendall(endless * 1000)

    return talk


SETTINGS = frame(4)
HEAD_200, HEAD_103 = frame(1, 4, 1, b"\x88"), frame(1, 4, 1, b"\x08\x03103")
"""`:status` by the static table (RFC 7541, appendix A), END_HEADERS set."""

HTTP: dict[str, Talk] = {
    "silent": silent,
    "headers": endless_headers,
    "header": one_endless_header,
    "body": huge_body,
    "chunks": endless_chunks,
    "bomb": bomb,
    "dripping": dripping,
    "nothttp": not_http,
    "redirects": redirects,
}
"""What misbehaves in HTTP, behind TLS that is in order."""

FLOODS: dict[str, Talk] = {"interim": interim, "hints": hints}
FLOODS_OF_HTTP2: dict[str, Talk] = {
    "settings": frames_for_ever(SETTINGS),
    "pings": frames_for_ever(frame(6, payload=bytes(8))),
    "interim2": frames_for_ever(HEAD_103),
    "empty": frames_for_ever(frame(0, 0, 1), first=HEAD_200),
}
"""What sends as fast as it can, without end, and none of it an answer."""


@contextmanager
def serving(talk: Talk, chain: tuple[bytes, bytes] | None, protocol: str = "http/1.1") -> Iterator[int]:
    """Serve on both addresses, behind TLS where there is a chain and its key, and yield the port."""
    with ExitStack() as held:
        context = held.enter_context(_context(chain, protocol)) if chain else None
        first = held.enter_context(socket.create_server((addresses()[0], 0), backlog=100))
        port = first.getsockname()[1]
        second = held.enter_context(socket.create_server((addresses()[1], port), backlog=100))
        links: set[socket.socket] = set()
        for listener in (first, second):
            threading.Thread(target=_accept, args=(listener, talk, context, links), daemon=True).start()
        yield port
        for listener in (first, second):
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
        for link in list(links):
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)


@contextmanager
def among_healthy(ports: Mapping[str, int], limits: Mapping[str, float]) -> Iterator[tuple[dict, dict[str, str]]]:
    """Run the healthy stack, and yield a profile of it and of a host at each port besides, with its variables.

    A port of 0 is one where nothing listens.
    """
    names = {kind: f"{kind}.demo.test" for kind in ports}
    dns = replace(DemoZone(), names={**DemoZone().names, **{name: Name() for name in names.values()}})
    with up("demo", replace(World(), dns=dns)) as stack:
        profile = yaml.safe_load(PROFILE.read_text())
        profile = {k: profile[k] for k in ("environment", "hosts", "dns", "domains", "trust")}
        profile |= {"http": limits, "tls": limits}
        for kind, name in names.items():
            port = ports[kind] or stack.place.ports.dead
            profile["hosts"][kind] = {"name": name, "role": "shop", "port": port, "http_port": port}
        yield profile, variables(stack.place)


@contextmanager
def _context(chain: tuple[bytes, bytes], protocol: str) -> Iterator[ssl.SSLContext]:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("chain.pem", "key.pem")]
        for file, pem in zip(files, chain, strict=True):
            file.write_bytes(pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        context.set_alpn_protocols([protocol])
        yield context


def _accept(listener: socket.socket, talk: Talk, context: ssl.SSLContext | None, links: set[socket.socket]) -> None:
    with suppress(OSError):
        while True:
            link, _ = listener.accept()
            threading.Thread(target=_talk, args=(link, talk, context, links), daemon=True).start()


def _talk(link: socket.socket, talk: Talk, context: ssl.SSLContext | None, links: set[socket.socket]) -> None:
    links.add(link)
    try:
        if context:
            raw = link
            link = context.wrap_socket(raw, server_side=True)
            links.discard(raw)
            links.add(link)
        talk(link)
    except (OSError, ValueError):  # the client has had enough
        pass
    finally:
        links.discard(link)
        link.close()


def outcomes(report: Mapping, host: str) -> dict[str, set[str]]:
    """Return the checks of one host by outcome."""
    found = defaultdict(set)
    for f in report["findings"]:
        if f["subject"].split("@")[0].split("/")[0] == f"{host}.demo.test":
            found[f["outcome"]].add(f["check"])
    return found


def gaps(report: Mapping, host: str) -> set[str]:
    """Return why things of one host are unknown."""
    return {
        f["summary"] for f in report["findings"] if f["subject"].startswith(f"{host}.") and f["outcome"] == "unknown"
    }


def certificate(host: str, padding_bytes: int = 0) -> tuple[bytes, bytes]:
    return issue(Chain(padding_bytes=padding_bytes), host)
