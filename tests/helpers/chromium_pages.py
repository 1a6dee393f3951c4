"""Pages with headers of their own, loaded by a real Chromium in frames of another site's page: what ran in each.

All names lead to one server on loopback. A page tells what happened by `parent.postMessage`.
"""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from golive_checks.systems.page.client.browser_start import FLAGS
from golive_lab.parts.process import program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Headers = tuple[tuple[str, str], ...]
STRANGER = "https://stranger.example"
LIMIT_S = 120.0

RUNNER = """<!doctype html><body><script>
const urls = %s, next = %s;
const open = url => new Promise(done => {
  const frame = document.createElement('iframe'), heard = [];
  const listen = said => { if (said.source === frame.contentWindow) heard.push(String(said.data)); };
  const end = () => { removeEventListener('message', listen); frame.remove(); done(heard); };
  addEventListener('message', listen);
  frame.onload = () => setTimeout(end, 120);
  setTimeout(end, 10000);
  frame.src = url;
  document.body.append(frame);
});
(async () => {
  const told = {}, left = [...urls];
  const work = async () => { while (left.length) { const url = left.shift(); told[url] = await open(url); } };
  await Promise.all([work(), work(), work(), work()]);
  await fetch('/told', {method: 'POST', body: JSON.stringify(told)});
  if (next) location.href = next;
})();
</script>"""


@dataclass(frozen=True)
class Shown:
    """A page on https://app.example, and the origin of the page that frames it."""

    headers: Headers
    html: str
    top: str = STRANGER


def heard(pages: Sequence[Shown], files: Mapping[str, str]) -> list[frozenset[str]]:
    """Return what each page reported. `files` are scripts by path, the same at every other host."""
    site = Site(pages, files)
    with (
        tempfile.TemporaryDirectory() as scratch,
        served(site.handler(), Path(scratch)) as port,
        browsing(f"{site.tops[0]}/run", port, Path(scratch, "profile")),
    ):
        done = site.complete.wait(LIMIT_S)
    assert done, f"Chromium told of {len(site.told)} of {len(pages)} pages in {LIMIT_S:.0f} s"
    return [frozenset(site.told[url(n)]) for n in range(len(pages))]


def url(n: int) -> str:
    return f"https://app.example/page/{n}"


class Site:
    """What the server holds, and what it has received."""

    def __init__(self, pages: Sequence[Shown], files: Mapping[str, str]) -> None:
        self.pages, self.files = pages, files
        self.tops = list(dict.fromkeys(page.top for page in pages))
        self.told: dict[str, list[str]] = {}
        self.complete = threading.Event()

    def runner(self, top: str) -> str:
        """Return the page that frames those which are to be framed by this origin, and then leads to the next."""
        after = self.tops[self.tops.index(top) + 1 :]
        urls = [url(n) for n, page in enumerate(self.pages) if page.top == top]
        return RUNNER % (json.dumps(urls), json.dumps(f"{after[0]}/run" if after else ""))

    def tell(self, told: Mapping[str, list[str]]) -> None:
        self.told.update(told)
        if len(self.told) == len(self.pages):
            self.complete.set()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if path == "/run":
                    answer(self, site.runner(f"https://{self.headers['Host']}"))
                elif path.startswith("/page/"):
                    page = site.pages[int(path.rpartition("/")[2])]
                    answer(self, page.html, page.headers)
                elif path in site.files:
                    answer(self, site.files[path], kind="text/javascript")
                else:
                    self.send_error(404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer(self, "")
                if self.path == "/told":  # and not what a policy has reported
                    site.tell(json.loads(body))

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def answer(to: BaseHTTPRequestHandler, body: str, headers: Headers = (), kind: str = "text/html") -> None:
    data = body.encode()
    to.send_response(200)
    for name, value in (("Content-Type", kind), ("Content-Length", str(len(data))), *headers):
        to.send_header(name, value.encode().decode("latin-1"))  # which send_header writes: UTF-8 comes out
    to.end_headers()
    to.wfile.write(data)


@contextmanager
def served(handler: type[BaseHTTPRequestHandler], scratch: Path) -> Iterator[int]:
    """Serve over TLS on a free port of loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(scratch / "server.pem"))
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] - a browser breaks connections off
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def browsing(url: str, port: int, profile: Path) -> Iterator[None]:
    """Open a page in a Chromium of one's own, to which every name and port is the server's."""
    with browser(url, profile, "--ignore-certificate-errors", f"--host-resolver-rules=MAP * 127.0.0.1:{port}"):
        yield


@contextmanager
def browser(url: str, profile: Path, *more: str, home: Path | None = None) -> Iterator[None]:
    """Open a page in a Chromium of one's own, which finds the authorities that it trusts in its home."""
    flags = [flag for flag in FLAGS if flag != "--remote-debugging-pipe"]
    argv = [program("chromium-headless-shell"), *flags, "--no-sandbox", *more, f"--user-data-dir={profile}", url]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        [*argv, "--remote-debugging-port=0"],
        stdin=quiet,
        stdout=quiet,
        stderr=quiet,
        start_new_session=True,
        env={**os.environ, "HOME": str(home)} if home else None,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # Debian's program is a script, which would leave the browser behind
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def self_signed(path: Path) -> Path:
    """Write a certificate that no attestation covers, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "app.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("app.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + certificate.public_bytes(pem))
    return path
