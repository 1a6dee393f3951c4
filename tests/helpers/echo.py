"""An application behind a proxy: it answers with what it was sent."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any


class Echo(BaseHTTPRequestHandler):
    """Answers with the path, the port, the headers by their names in lower case, the body in hex, and the version."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        got = {
            "path": self.path,
            "port": self.server.server_address[1],
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": body.hex(),
            "version": self.request_version,
        }
        answer = json.dumps(got).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-App", "1")
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET  # noqa: N815 - as the base class calls it

    def log_message(self, *_: Any) -> None:
        pass
