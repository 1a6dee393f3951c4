"""Ports of this machine, tried as any client tries them."""

import socket

import pytest

from golive import Environment, Unavailable
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.http.open_ports import ExposedMachine, open_ports
from golive_checks.systems.http.other_hosts import OtherHosts
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_lab.parts.ports import standing


async def test_what_listens_is_open_and_what_does_not_is_refused() -> None:
    pace = Pace(RateLimit(), Environment("x"))
    asked = (OtherHosts(Dns(pace), DnsSettings(), None, None), pace, NetworkRoutes(Vantage()))  # type: ignore[arg-type]  # no HTTP
    with standing() as place, socket.create_server(("127.0.0.1", place.ports.spare[0])):
        there, dead = place.ports.spare[0], place.ports.dead
        machine = ExposedMachine("x", "x.test", ("127.0.0.1",), (there, dead), there)
        assert [look.state for look in (await open_ports(machine, *asked)).looks] == ["open", "refused"]
        away = ExposedMachine("x", "x.test", ("127.0.0.1",), (there,), dead)
        with pytest.raises(Unavailable, match="does not answer on port"):
            await open_ports(away, *asked)
