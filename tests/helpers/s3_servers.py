"""S3 servers for tests: the lab's real one, and one that answers by a script what none that runs here would say."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from golive import Environment, RunInfo
from golive.engine.threads import DaemonExecutor
from golive_checks.subjects import Bucket, BucketPlace, Key
from golive_checks.systems.aws.client.aws import AwsSettings, Sessions
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.s3.client.client import S3
from golive_lab.parts.certificates import ca_file
from golive_lab.parts.s3.content import objects, operator
from golive_lab.stack import Stack
from golive_lab.world import World, healthy
from golive_lab.world.storage import APPLICATION, AUDITOR, REGION, UPLOADS, Credentials


def s3_client(*, timeout_s: float = 10.0, production: bool = False) -> S3:
    run = RunInfo("0123abcd", "9.9")
    pace = Pace(RateLimit(), Environment("x", production=production))
    return S3(AwsSettings(timeout_s=timeout_s), Sessions(run), pace, run)


def s3_key(of: Credentials) -> Key:
    return Key(SecretStr(of.access_key_id), SecretStr(of.secret_access_key))


@dataclass(frozen=True)
class Seaweed:
    """The lab's S3 server."""

    stack: Stack

    def become(self, world: World | None = None) -> None:
        """Let it be as the world has it, without what an earlier test has stored."""
        world = world or healthy()
        self.stack.become(world)
        for name, state in world.storage.buckets.items():
            objects(self.operator(), name, state)

    def place(self, key: Credentials = APPLICATION, name: str = UPLOADS) -> BucketPlace:
        place = self.stack.place
        endpoint = f"https://localhost:{place.ports.s3}"
        return BucketPlace(name, endpoint, REGION, path_style=True, ca_file=str(ca_file(place)), key=s3_key(key))

    def bucket(self, name: str = UPLOADS, prefix: str = "golive/") -> Bucket:
        return Bucket("uploads", app=self.place(name=name), audit=self.place(AUDITOR, name), prefix=prefix)

    def operator(self) -> Any:
        return operator(self.stack.place)


@dataclass
class Asked:
    """A request that came to a scripted server."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Script = Callable[[Asked], tuple[int, Mapping[str, str], bytes]]


@dataclass
class Scripted:
    """A server that answers each request as a script says, and keeps what was asked."""

    port: int
    asked: list[Asked] = field(default_factory=list)
    open: int = 0
    """So many connections."""

    def place(self, name: str = "shop-files") -> BucketPlace:
        return BucketPlace(name, f"http://127.0.0.1:{self.port}", REGION, path_style=True, key=s3_key(APPLICATION))


@contextmanager
def scripted(script: Script) -> Iterator[Scripted]:
    """Serve by a script: for what no server that runs here would say."""

    counting = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            with counting:
                found.open += 1
            super().handle()
            with counting:
                found.open -= 1

        def do(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, body)
            found.asked.append(asked)
            status, given, content = script(asked)
            self.send_response(status)
            for name, value in {
                "content-length": str(len(content)),
                **{n.lower(): v for n, v in given.items()},
            }.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        found = Scripted(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield found
        server.shutdown()


def s3_error(code: str) -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>so it is</Message></Error>".encode()


def use_daemon_threads(loop: Any) -> None:
    """Let the loop's end not wait for a thread that a hostile server holds, as golive's own does not."""
    loop.set_default_executor(DaemonExecutor())
