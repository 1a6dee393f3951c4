"""Ports that must not answer."""

import pytest

from golive import Outcome
from golive_checks.security.open_ports import ports_closed
from golive_checks.systems.http.open_ports import ExposedMachine, PortLook, PortLooks

MACHINE = ExposedMachine("db", host="db.example", closed=(5432, 6379))
REFUSED, SILENT = PortLook("192.0.2.1", 5432, "refused"), PortLook("192.0.2.1", 6379, "silent")


@pytest.mark.parametrize(
    ("looks", "outcome", "summary"),
    [
        ((REFUSED, SILENT), Outcome.PASS, "2 ports are closed to the place where golive runs"),
        ((REFUSED, PortLook("192.0.2.1", 6379, "open")), Outcome.FAIL, "takes connections on port 6379 (192.0.2.1)"),
    ],
)
def test_ports(looks: tuple[PortLook, ...], outcome: Outcome, summary: str) -> None:
    judged = ports_closed(MACHINE, PortLooks(looks))
    assert (judged.outcome, summary in judged.summary) == (outcome, True)
