"""The DNS of the real stack: Knot DNS as the two name servers, unbound as the validating resolver."""

from __future__ import annotations

import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import dns.exception
import dns.message
import dns.query
import dns.zone

from golive_lab.parts.dns.zones import PARENT, zones
from golive_lab.parts.part import Part
from golive_lab.parts.process import running
from golive_lab.world.dns import ZoneServer
from golive_lab.world.names import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from golive_lab.parts.dns.zones import Zones
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.dns import ClientResolver

HOST = "127.0.0.1"

KNOT = """\
server:
    rundir: "{folder}"
    listen: {host}@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "{folder}"
log:
  - target: stderr
    any: warning
"""
KNOT_ZONE = """\
zone:
  - domain: {zone}.
    file: "{file}"
    zonefile-load: whole
    zonefile-sync: -1
    journal-content: none
    semantic-checks: off
"""
"""The zone comes signed: a fault in its signatures is served as it stands."""

UNBOUND = """\
server:
    directory: "{folder}"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    logfile: ""
    interface: {host}
    port: {port}
    access-control: 127.0.0.0/8 {access}
    num-threads: 1
    do-not-query-localhost: no
    module-config: "validator iterator"
    trust-anchor: "{anchor}"
    local-zone: "." refuse
    local-zone: "{parent}." transparent
remote-control:
    control-enable: no
auth-zone:
    name: "{parent}."
    zonefile: "{parent_file}"
    for-downstream: no
    for-upstream: yes
stub-zone:
    name: "{zone}."
    stub-addr: {host}@{ns1}
"""
"""It never asks beyond this machine; and it asks the first name server alone, so that what it says does not depend on
luck where the two differ."""


@contextmanager
def real(world: World, place: StackPlace) -> Iterator[None]:
    """Run the servers until the block ends."""
    served = zones(world.dns, place.addresses)
    folder = place.folder / "dns"
    folder.mkdir(exist_ok=True)
    with ExitStack() as up:
        for name, server, zone, port in (
            ("ns1", world.dns.ns1, served.ns1, place.ports.ns1),
            ("ns2", world.dns.ns2, served.ns2, place.ports.ns2),
        ):
            if server.answers != "nothing":
                up.enter_context(_knot(folder / name, server, zone, port))
        up.enter_context(_knot(folder / "parent", ZoneServer(), served.parent, place.ports.parent_ns))
        if world.dns.resolver.answers != "nothing":
            up.enter_context(_unbound(folder / "resolver", world.dns.resolver, served, place))
        yield


DNS = Part("dns", real, reads=lambda world: world.dns)


@contextmanager
def _knot(folder: Path, server: ZoneServer, zone: dns.zone.Zone, port: int) -> Iterator[None]:
    if server.answers == "without authority":
        raise ValueError("an authoritative server cannot be made to answer without authority: the demo stack's can")
    folder.mkdir(exist_ok=True)
    file, config = folder / "zone", folder / "knot.conf"
    zone.to_file(str(file), relativize=False)
    text = KNOT.format(folder=folder, host=HOST, port=port)
    if server.answers == "authoritative":
        assert zone.origin is not None  # noqa: S101 - for the type checker: these zones have one
        text += KNOT_ZONE.format(zone=zone.origin.to_text(omit_final_dot=True), file=file)
    config.write_text(text)
    with running(["knotd", "-c", str(config)], log=folder / "log", ready=lambda: _answers(port)):
        yield


@contextmanager
def _unbound(folder: Path, resolver: ClientResolver, served: Zones, place: StackPlace) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    parent_file, config = folder / "parent", folder / "unbound.conf"
    served.parent.to_file(str(parent_file), relativize=False)
    config.write_text(
        UNBOUND.format(
            folder=folder,
            host=HOST,
            port=place.ports.resolver,
            access="allow" if resolver.answers == "all" else "refuse",
            anchor=served.trust_anchor,
            parent=PARENT,
            parent_file=parent_file,
            zone=ZONE,
            ns1=place.ports.ns1,
        )
    )
    argv = ["unbound", "-d", "-p", "-c", str(config)]
    with running(argv, log=folder / "log", ready=lambda: _answers(place.ports.resolver)):
        yield


def _answers(port: int) -> bool:
    """Return whether a DNS server answers there, whatever it says."""
    query = dns.message.make_query(f"{PARENT}.", "SOA")
    try:
        socket.create_connection((HOST, port), timeout=0.2).close()  # refused at once, where UDP would just be silent
        dns.query.udp(query, HOST, timeout=0.2, port=port)
    except (OSError, dns.exception.DNSException):
        return False
    return True
