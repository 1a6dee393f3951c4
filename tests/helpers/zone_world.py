"""A root, a parent and zones on loopback: each server at an address of its own, and all of them at one port."""

from __future__ import annotations

import asyncio
import json
import subprocess
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import dns.exception
import dns.message
import dns.query

from golive import Environment, Outcome, Unavailable
from golive_checks.subjects import Host
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_lab.parts.ports import standing
from golive_lab.parts.process import program, running

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from golive import Verdict

ROOT, PARENT, FIRST, SECOND, DEAD = (f"127.53.0.{n}" for n in (1, 2, 11, 12, 99))
RESOLVER = "127.0.0.1"
HELPER = Path(__file__).with_name("zonemaster.pl")
RED = {"ERROR", "CRITICAL"}
PARENT_HEAD = [
    "$TTL 300",
    "@ SOA ns.test. hostmaster.test. 1 14400 3600 1209600 300",
    "@ NS ns.test.",
    f"ns A {PARENT}",
    "elsewhere NS ns.elsewhere.test.",
    f"ns.elsewhere A {SECOND}",
]
"""The zone `test`, which delegates all others; `elsewhere.test` stands at the second server."""
ELSEWHERE = f"$TTL 300\n@ SOA ns h 1 14400 3600 1209600 300\n@ NS ns\nns A {SECOND}\nweb A 192.0.2.1\n"
TOP = f"""\
$TTL 300
. SOA ns.root. hostmaster.root. 1 14400 3600 1209600 300
. NS ns.root.
ns.root. A {ROOT}
test. NS ns.test.
ns.test. A {PARENT}
"""
KNOT = """\
server:
    rundir: "{folder}"
    listen: {address}@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "{folder}"
log:
  - target: stderr
    any: error
template:
  - id: default
    storage: "{folder}"
    zonefile-load: whole
    zonefile-sync: -1
    journal-content: none
    semantic-checks: off
zone:
"""
NAMED = """\
options {{
    directory "{folder}"; port {port}; listen-on {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion yes;
    pid-file none; session-keyfile none; dnssec-validation no; empty-zones-enable no; qname-minimization off;
}};
controls {{ }};
zone "." {{ type hint; file "hints"; }};
"""
"""The one resolver that asks every server at a port of one's choice: its own."""


@contextmanager
def zones_standing(folder: Path, parent: str, held: Mapping[str, Mapping[str, str]]) -> Iterator[int]:
    """Serve the root, the parent and the texts of zones by the address of their server; yield the port of all."""
    everything = {ROOT: {".": TOP}, PARENT: {"test": parent}, **held}
    with standing(folder) as place, ExitStack() as up:
        port = place.ports.ns1
        for address, zones in everything.items():
            home = folder / address
            home.mkdir()
            config = KNOT.format(folder=home, address=address, port=port)
            for n, (zone, text) in enumerate(zones.items()):
                (home / f"zone-{n}").write_text(text)
                config += f'  - domain: "{zone}"\n    file: "zone-{n}"\n'
            (home / "knot.conf").write_text(config)
            argv = ["knotd", "-c", str(home / "knot.conf")]
            up.enter_context(running(argv, log=home / "log", ready=lambda where=address: answers(where, port)))
        (folder / "hints").write_text(f". 300 NS ns.root.\nns.root. 300 A {ROOT}\n")
        (folder / "named.conf").write_text(NAMED.format(folder=folder, port=port))
        argv = ["named", "-g", "-n", "1", "-c", str(folder / "named.conf")]
        up.enter_context(running(argv, log=folder / "named", ready=lambda: answers(RESOLVER, port)))
        yield port


def answers(where: str, port: int) -> bool:
    """Tell whether a DNS server answers there, whatever it says."""
    try:
        dns.query.udp(dns.message.make_query("test.", "SOA"), where, timeout=0.2, port=port)
    except (OSError, dns.exception.DNSException):
        return False
    return True


def by_golive(
    zones: Sequence[str],
    port: int,
    judge: Callable[[Host, Dns, NetworkRoutes, DnsSettings], Awaitable[Sequence[Verdict]]],
) -> dict[str, list[str]]:
    """Return what golive does not let pass of each zone's www, by zone; `judge` looks, and returns its verdicts."""
    ask = DnsSettings(resolvers=(f"{RESOLVER}:{port}",), timeout_s=5)

    async def red(zone: str, client: Dns, routes: NetworkRoutes) -> list[str]:
        try:
            verdicts = await judge(Host(f"www.{zone}"), client, routes, ask)
        except Unavailable as gap:
            return [f"unknown: {gap.reason}"]
        return [f"{v.outcome}: {v.summary}" for v in verdicts if v.outcome in {Outcome.FAIL, Outcome.UNKNOWN}]

    async def all_of_them() -> dict[str, list[str]]:
        client, routes = Dns(Pace(RateLimit(), Environment("oracle"))), NetworkRoutes(Vantage())
        found = {zone: await red(zone, client, routes) for zone in zones}
        await client.aclose()
        return found

    return asyncio.run(all_of_them())


def by_zonemaster(zones: Sequence[str], port: int, *modules: str) -> dict[str, list[str]]:
    """Return what Zonemaster calls an error, by zone."""
    argv = [program("perl"), str(HELPER), str(port), ROOT, ",".join(modules), *zones]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=1200)
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return {
        zone: [f"{m['level']} {m['tag']}" for m in said if m["zone"] == zone and m["level"] in RED] for zone in zones
    }
