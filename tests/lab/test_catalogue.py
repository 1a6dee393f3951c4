"""The catalogue of faults against the checks there are."""

from __future__ import annotations

import fnmatch
from collections import Counter
from typing import get_args

import pytest

from golive import plugins
from golive.engine.resolve import resolve
from golive.model import Outcome
from golive.scope import COVERED
from golive_lab import faults
from golive_lab.fault import Fault
from golive_lab.faults import UnknownFaultError, catalogue, find, seeded
from golive_lab.parts.part import Kind
from golive_lab.world import healthy

FAULTS = catalogue()
OWN = "custom.minutes-name-a-lawyer"
"""The demo profile's own check, in place of the declared one that judges it."""
CHECKS = {COVERED.id, OWN, *(check.info.id for check in resolve(plugins.load(()).modules).checks)} - {"custom.holds"}


def named(fault: Fault) -> str:
    return fault.id


def test_every_check_has_a_fault() -> None:
    assert CHECKS - {fault.turns_red for fault in FAULTS} == set()


def test_no_two_faults_have_one_id() -> None:
    assert [name for name, count in Counter(fault.id for fault in FAULTS).items() if count > 1] == []


def test_no_fault_is_called_like_a_check() -> None:
    assert {fault.id for fault in FAULTS} & CHECKS <= {fault.id for fault in FAULTS if fault.turns_red == fault.id}


@pytest.mark.parametrize("fault", FAULTS, ids=named)
def test_a_fault_names_checks_that_exist(fault: Fault) -> None:
    assert fault.turns_red in CHECKS
    assert [pattern for pattern in fault.also if not fnmatch.filter(CHECKS, pattern)] == []
    assert fault.turns_red not in fault.also
    assert fault.title
    assert not fault.title.endswith(".") or fault.title.endswith("...")
    assert fault.outcome in {Outcome.FAIL, Outcome.WARN, Outcome.UNKNOWN}
    assert fault.stacks
    assert set(fault.stacks) <= set(get_args(Kind))


@pytest.mark.parametrize("fault", FAULTS, ids=named)
def test_a_fault_changes_the_world_and_always_in_the_same_way(fault: Fault) -> None:
    assert seeded(fault.id) != healthy()
    assert seeded(fault.id) == seeded(fault.id)


def test_a_fault_is_found_by_its_id_and_by_the_check_it_turns_red() -> None:
    fault = FAULTS[0]
    assert find(fault.id) == fault
    assert find(fault.turns_red).turns_red == fault.turns_red


def test_a_misspelt_fault_is_told_the_nearest() -> None:
    with pytest.raises(UnknownFaultError, match=r"the nearest is tls\.certificate-current"):
        find("tls.certificate-curent")


def test_a_fault_that_changes_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    idle = Fault("idle", turns_red=FAULTS[0].turns_red, title="nothing", change=lambda world: world)
    monkeypatch.setattr(faults, "catalogue", lambda: (idle,))
    with pytest.raises(UnknownFaultError, match="changes nothing"):
        seeded("idle")
