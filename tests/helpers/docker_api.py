"""What Traefik asks a Docker daemon for: containers with labels, all of them running at 127.0.0.1."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VERSION = "1.43"


class Daemon(ThreadingHTTPServer):
    """Holds the labels of each container."""

    daemon_threads = True
    labels: Mapping[str, Mapping[str, str]]
    stopped: threading.Event

    def handle_error(self, *_: Any) -> None:
        pass


class DockerApi(BaseHTTPRequestHandler):
    """Answers what Traefik's provider asks; its stream of events stays silent."""

    protocol_version = "HTTP/1.1"
    server: Daemon

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith("/events"):
            self.send_response(200)
            self.end_headers()
            self.server.stopped.wait()
            return
        self.answer(self.content(path))

    def do_HEAD(self) -> None:
        self.answer("OK")

    def content(self, path: str) -> Any:
        if path.endswith("/_ping"):
            return "OK"
        if path.endswith("/version"):
            return {"ApiVersion": VERSION, "MinAPIVersion": "1.24", "Version": "24.0.0"}
        if path.endswith("/containers/json"):
            return [{"Id": name, "Names": [f"/{name}"], "Labels": held} for name, held in self.server.labels.items()]
        name = path.split("/")[-2]
        network = {"bridge": {"IPAddress": "127.0.0.1", "NetworkID": "n"}}
        return {
            "Id": name,
            "Name": f"/{name}",
            "State": {"Status": "running", "Running": True},
            "HostConfig": {"NetworkMode": "bridge"},
            "Config": {"Labels": self.server.labels[name], "Hostname": name},
            "NetworkSettings": {"Networks": network, "Ports": {}},
        }

    def answer(self, content: Any) -> None:
        data = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Api-Version", VERSION)
        self.send_header("Content-Type", "text/plain" if isinstance(content, str) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def docker_api(labels: Mapping[str, Mapping[str, str]]) -> Iterator[int]:
    """Serve containers; yield the port."""
    with Daemon(("127.0.0.1", 0), DockerApi) as daemon:
        daemon.labels, daemon.stopped = labels, threading.Event()
        threading.Thread(target=daemon.serve_forever, args=(0.05,), daemon=True).start()
        yield daemon.server_port
        daemon.stopped.set()
        daemon.shutdown()
