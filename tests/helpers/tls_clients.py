"""Which of the TLS sites clients open: Chromium, curl and Node; and which chains OpenSSL verifies strictly."""

from __future__ import annotations

import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

from chromium_pages import browser
from tls_sites import Site, issued, pem, root

from golive_lab.parts.process import program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PAGE = """<!doctype html><script>
const urls = %s, opened = {};
const open = async ([name, url]) => {
  try { await fetch(url, {mode: 'no-cors', cache: 'no-store'}); opened[name] = true; } catch { opened[name] = false; }
};
(async () => {
  const left = Object.entries(urls);
  const work = async () => { while (left.length) await open(left.shift()); };
  await Promise.all([work(), work(), work(), work()]);
  await fetch('/opened', {method: 'POST', body: JSON.stringify(opened)});
})();
</script>"""
NODE = """
const tls = require('tls'), fs = require('fs');
const [ca, ports] = [fs.readFileSync(process.argv[1]), JSON.parse(process.argv[2])];
const open = ([name, port]) => new Promise(done => {
  const socket = tls.connect({host: '127.0.0.1', port, servername: name, ca}, () => {
    socket.destroy(); done([name, true]);
  });
  socket.on('error', () => done([name, false]));
});
(async () => {
  const opened = {};
  for (const each of Object.entries(ports)) { const [name, well] = await open(each); opened[name] = well; }
  console.log(JSON.stringify(opened));
})();
"""
LIMIT_S = 120.0


def by_chromium(ports: Mapping[str, int], folder: Path) -> dict[str, bool]:
    """Let one page fetch from every site, in a Chromium that trusts the sites' root."""
    home = folder / "home"
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    certutil = [program("certutil"), "-d", f"sql:{store}"]
    subprocess.run([*certutil, "-N", "--empty-password"], check=True, capture_output=True)
    subprocess.run(
        [*certutil, "-A", "-t", "C,,", "-n", "root", "-i", root_file(folder)], check=True, capture_output=True
    )
    opened: dict[str, bool] = {}
    done = threading.Event()
    page = PAGE % json.dumps({name: f"https://{name}:{port}/" for name, port in ports.items()})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def do_POST(self) -> None:
            opened.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            done.set()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        with browser(
            f"http://127.0.0.1:{server.server_port}/",
            folder / "profile",
            "--host-resolver-rules=MAP *.example 127.0.0.1",
            home=home,
        ):
            assert done.wait(LIMIT_S), f"Chromium gave no answer in {LIMIT_S:.0f} s"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    return opened


def root_file(folder: Path) -> Path:
    file = folder / "root.pem"
    file.write_bytes(pem([root()]))
    return file


def by_curl(ports: Mapping[str, int], folder: Path) -> dict[str, bool]:
    ca = root_file(folder)

    def opens(name: str, port: int) -> bool:
        where = ["--resolve", f"{name}:{port}:127.0.0.1", "--cacert", ca, f"https://{name}:{port}/"]
        done = subprocess.run([program("curl"), "-s", "-m", "20", *where], capture_output=True, check=False)
        return done.returncode == 0

    return {name: opens(name, port) for name, port in ports.items()}


def by_node(ports: Mapping[str, int], folder: Path) -> dict[str, bool]:
    argv = [program("node"), "-e", NODE, str(root_file(folder)), json.dumps(ports)]
    return dict(json.loads(subprocess.run(argv, capture_output=True, check=True, timeout=LIMIT_S).stdout))


def by_strict_openssl(sites: Sequence[Site], folder: Path) -> dict[str, bool]:
    """Verify as Python 3.13 does, by X509_V_FLAG_X509_STRICT."""
    ca = root_file(folder)

    def verifies(site: Site) -> bool:
        sent, _ = issued(site)
        leaf, above = folder / "leaf.pem", folder / "above.pem"
        leaf.write_bytes(pem(sent[:1]))
        above.write_bytes(pem(sent[1:] or [root()]))
        how = ["-x509_strict", "-purpose", "sslserver", "-verify_hostname", site.name, "-auth_level", "2"]
        where = ["-no-CApath", "-no-CAstore", "-CAfile", ca, "-untrusted", above, leaf]
        return (
            subprocess.run([program("openssl"), "verify", *how, *where], capture_output=True, check=False).returncode
            == 0
        )

    return {site.name: verifies(site) for site in sites}
