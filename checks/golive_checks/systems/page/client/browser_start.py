"""How the browser is started: alone with the page, the profile's addresses, and trust in the profile's authority."""

import base64
import hashlib
import socket
from collections.abc import Mapping
from typing import Any

from golive import Unavailable
from golive_checks.systems.http.client.tls import trusting

HANDSHAKE_S = 5.0

FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",  # golive connects directly, whatever this machine's proxy is
    "--disable-background-networking",  # and what follows: it loads the page and nothing else
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-field-trial-config",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-dev-shm-usage",  # which has 64 MB in a container
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-features=Translate,MediaRouter,OptimizationHints,OptimizationGuideModelDownloading",
    "--mute-audio",
    "--password-store=basic",
    "--use-mock-keychain",
)


def argv(ask: Mapping[str, Any]) -> list[str]:
    """Return the command that starts Chromium: with the profile's addresses, and trust in its own authority."""
    rules = ",".join(f"MAP {host['name']} {_ip(host['ip'])}" for host in ask["hosts"])
    pins = ",".join(sorted(filter(None, map(_pin, ask["hosts"]))))
    return [
        ask["executable"],
        *FLAGS,
        f"--user-data-dir={ask['folder']}/profile",
        f"--host-resolver-rules={rules}",
        *([f"--ignore-certificate-errors-spki-list={pins}"] if pins else []),
        *([] if ask["sandbox"] else ["--no-sandbox"]),
        "about:blank",
    ]


def _ip(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip or "~NOTFOUND"


def _pin(host: Mapping[str, Any]) -> str:
    """Return the digest of a host's key, which its certificate binds to it by the profile's own authority; or nothing.

    Chromium knows no authority but the public ones, and accepts a key that it is given.
    """
    if not host["ca_file"] or not host["ip"]:
        return ""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        with (
            socket.create_connection((host["ip"], host["port"]), HANDSHAKE_S) as plain,
            trusting(host["ca_file"]).wrap_socket(plain, server_hostname=host["name"]) as secure,
        ):
            leaf = x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b"")
    except (OSError, ValueError, Unavailable):  # Chromium will say so itself
        return ""
    key = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()
