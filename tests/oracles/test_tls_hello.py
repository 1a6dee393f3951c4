"""The hello of browsers: what the Chromium that is installed says, and a server that takes the newest of it alone."""

from __future__ import annotations

import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chromium_pages import browser, self_signed
from env_readers import NODE

from golive import Environment
from golive_checks.dated import table
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.tls.client.answer import HelloOutcome
from golive_checks.systems.tls.client.client import Tls, TlsLimits, TlsTarget
from golive_checks.systems.tls.client.messages import Bytes, extensions
from golive_checks.systems.tls.client.offers import BROWSERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROTOCOLS, GROUPS, SIGNATURES, VERSIONS, SHARES = 16, 10, 13, 43, 51
LIMIT_S = 60.0
HYBRID = 0x11EC
SERVE = """
const tls = require('tls'), fs = require('fs');
const pem = fs.readFileSync(process.argv[1]);
const server = tls.createServer({key: pem, cert: pem, ecdhCurve: 'X25519MLKEM768', minVersion: 'TLSv1.3'});
server.on('tlsClientError', () => {});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
"""


def numbers(vector: bytes) -> list[int]:
    """Read numbers of two bytes, without those that stand there to be ignored (RFC 8701)."""
    body, found = Bytes(vector), list[int]()
    while body.left:
        found.append(body.number(2))
    return [each for each in found if each & 0x0F0F != 0x0A0A]


def hello_of_chromium(folder: Path) -> tuple[list[int], dict[int, bytes]]:
    """Let Chromium open a site that only listens: the suites and extensions of its first hello."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(LIMIT_S)
        url = f"https://app.example:{listening.getsockname()[1]}/"
        with browser(url, folder / "profile", "--host-resolver-rules=MAP *.example 127.0.0.1"):
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as stream:
                connection.settimeout(LIMIT_S)
                head = stream.read(5)
                record = Bytes(stream.read(int.from_bytes(head[3:5])))
    assert (head[0], record.number(1)) == (22, 1), "the first message is no hello"
    body = Bytes(record.vector(3))
    body.take(34)
    body.vector(1)
    suites = numbers(body.vector(2))
    body.vector(1)
    return suites, extensions(Bytes(body.vector(2)))


def test_the_table_says_what_chromium_says(tmp_path: Path) -> None:
    facts = table("browsers").facts
    suites, held = hello_of_chromium(tmp_path)
    assert suites == facts["suites"]
    assert numbers(Bytes(held[GROUPS]).vector(2)) == facts["groups"]
    assert numbers(Bytes(held[SIGNATURES]).vector(2)) == facts["signatures"]
    assert numbers(Bytes(held[VERSIONS]).vector(1)) == [0x0304, 0x0303]
    assert facts["versions"] == ["TLS 1.3", "TLS 1.2"]
    named = Bytes(Bytes(held[PROTOCOLS]).vector(2))
    assert [named.vector(1).decode() for _ in facts["protocols"]] == facts["protocols"]
    shares, groups = Bytes(Bytes(held[SHARES]).vector(2)), list[int]()
    while shares.left:
        groups.append(shares.number(2))
        shares.vector(2)
    assert [each for each in groups if each & 0x0F0F != 0x0A0A] == facts["shares"]


@contextmanager
def serving_the_hybrid_group_alone(certificate: Path) -> Iterator[int]:
    with subprocess.Popen([NODE, "-e", SERVE, certificate], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            yield int(server.stdout.readline())
        finally:
            server.kill()


async def test_a_server_of_the_hybrid_group_alone_is_open_to_browsers(tmp_path: Path) -> None:
    with serving_the_hybrid_group_alone(self_signed(tmp_path / "site.pem")) as port:
        tls = Tls(Pace(RateLimit(), Environment("test")), NetworkRoutes(Vantage()), TlsLimits())
        heard = await tls.hello(TlsTarget("app.example", "127.0.0.1", port), BROWSERS)
    assert (heard.answer.seen, heard.answer.version, heard.answer.group) == (HelloOutcome.ACCEPTED, "TLS 1.3", HYBRID)
    assert len(heard.chain) == 1
