"""Where and how the edge speaks TLS, as Python serves it."""

from __future__ import annotations

import ssl
import warnings
from typing import TYPE_CHECKING

from golive_lab.parts.certificates import chain_file, key_file
from golive_lab.world.names import HOSTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world.tls import EdgeTls


def edge_port(tls: EdgeTls, place: StackPlace) -> int:
    """Tell where the edge listens for https: behind the front where there is one."""
    return place.ports.spare[-1] if tls.front else place.ports.https


def server_context(tls: EdgeTls, place: StackPlace, address: str, alpn: Sequence[str] = ()) -> ssl.SSLContext:
    """Make the context with which a Python edge serves all hosts on one address, told apart by SNI."""
    contexts = {host: _context(tls, place, host, address, alpn) for host in HOSTS}

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        connection.context = contexts.get(name or "", first)

    first = contexts[HOSTS[0]]
    first.sni_callback = choose
    return first


def _context(tls: EdgeTls, place: StackPlace, host: str, address: str, alpn: Sequence[str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():  # Python deprecates TLS 1.0 and 1.1; here they are a fault to be seen
        warnings.simplefilter("ignore", DeprecationWarning)
        versions = [ssl.TLSVersion[protocol.replace(".", "_")] for protocol in tls.protocols]
        context.minimum_version, context.maximum_version = min(versions), max(versions)
    context.set_ciphers(tls.openssl_ciphers)
    if tls.prefers_own_order:
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    else:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    context.options |= ssl.OP_NO_COMPRESSION
    if alpn:
        context.set_alpn_protocols(list(alpn))
    context.load_cert_chain(chain_file(place, host, address), key_file(place, host, address))
    if host in tls.other_key:
        context.load_cert_chain(chain_file(place, host), key_file(place, host))
    return context
