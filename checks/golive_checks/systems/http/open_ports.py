"""Which ports of a machine take connections from where golive runs."""

import asyncio
from dataclasses import dataclass

from pydantic import Field

from golive import Entry, Fact, Subject, Unavailable, probe, subjects
from golive_checks.subjects.hosts import HostName, Ip, Port
from golive_checks.systems.http.client.knocking import PortState, knock_at
from golive_checks.systems.http.other_hosts import MAX_ADDRESSES, OtherHosts
from golive_checks.systems.machine.client.pace import Pace
from golive_checks.systems.machine.client.route import NetworkRoutes

USUAL = (2375, 3306, 5432, 5672, 6379, 9090, 9200, 9229, 11211, 15672, 27017)
"""Docker, MySQL, Postgres, RabbitMQ, Redis, Prometheus, Elasticsearch, Node's debugger, memcached, RabbitMQ's console,
MongoDB."""


class OpenPortsEntry(Entry):
    """A machine at which only what is meant to may answer the world. golive has to run outside of its network."""

    host: HostName
    """Its name: each of its addresses is tried."""
    addresses: tuple[Ip, ...] = Field(default=(), max_length=MAX_ADDRESSES)
    """Where to look instead of at the addresses that the DNS has, such as the origin behind a CDN."""
    closed: tuple[Port, ...] = Field(default=USUAL, min_length=1, max_length=50)
    """The ports that must not answer; left out: the usual ones of databases, caches, queues, metrics and debuggers."""
    answers: Port = 443
    """A port that does answer: where it does not, the others stay unknown."""


@dataclass(frozen=True)
class ExposedMachine(Subject):
    """A machine at which only what is meant to may answer the world."""

    host: str = ""
    addresses: tuple[str, ...] = ()
    closed: tuple[int, ...] = ()
    answers: int = 443


@subjects("open_ports", empty="the profile names no machine whose ports are tried (open_ports)")
def machines(key: str, entry: OpenPortsEntry) -> tuple[ExposedMachine, ...]:
    """Name the machines of the profile."""
    return (ExposedMachine(key, entry.host.lower(), entry.addresses, entry.closed, entry.answers, own=entry.own()),)


@dataclass(frozen=True)
class PortLook:
    """What a port at an address did."""

    ip: str
    port: int
    state: PortState


@dataclass(frozen=True)
class PortLooks(Fact):
    """The ports that must not answer, at each address."""

    looks: tuple[PortLook, ...]


@probe("http.open-ports")
async def open_ports(machine: ExposedMachine, others: OtherHosts, pace: Pace, routes: NetworkRoutes) -> PortLooks:
    """Connect to each port once, and hang up."""
    ips = list(machine.addresses) or await others.addresses(machine.host)
    if not ips:
        raise Unavailable(f"{machine.host} has no address", fix="Correct its name, or name its addresses.")
    # A firewall on the way that drops everything would make each port look closed.
    for ip in ips:
        if await knock_at(machine.host, ip, machine.answers, pace, routes) != "open":
            raise Unavailable(
                f"{machine.host} ({ip}) does not answer on port {machine.answers} either",
                fix="Name as `answers` a port that is open to the place where golive runs.",
            )
    tried = [(ip, port) for ip in ips for port in machine.closed]
    states = await asyncio.gather(*(knock_at(machine.host, ip, port, pace, routes) for ip, port in tried))
    return PortLooks(tuple(PortLook(ip, port, state) for (ip, port), state in zip(tried, states, strict=True)))
