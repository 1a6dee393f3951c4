"""Which faults are looked at together, and that a second look is counted."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from batches import MOST, batches, commute, together

from golive_lab.fault import Fault
from golive_lab.faults import UnknownFaultError, catalogue, find, seeded
from golive_lab.world import healthy

if TYPE_CHECKING:
    from collections.abc import Callable

    from golive_lab.world import World

CONFTEST = Path(__file__).parents[1] / "conftest.py"


def web(**changes: object) -> Callable[[World], World]:
    return lambda world: replace(world, web=replace(world.web, **changes))


def env(add: str) -> Callable[[World], World]:
    return lambda world: replace(world, env=replace(world.env, api=world.env.api.replace("PORT=", add)))


def fault(name: str, change: Callable[[World], World], **details: object) -> Fault:
    return Fault(name, f"check.{name}", "made up", change, **details)  # type: ignore[arg-type]


GZIP, BROTLI = fault("gzip", web(gzip=False)), fault("brotli", web(brotli=False))


def test_every_fault_is_in_one_batch_and_a_batch_is_one_world_in_which_none_is_lost() -> None:
    folded = batches(catalogue())
    assert sorted(fault.id for batch in folded for fault in batch) == sorted(fault.id for fault in catalogue())
    for batch in folded:
        assert 1 <= len(batch) <= MOST
        seeded(*(fault.id for fault in batch))


@pytest.mark.parametrize(
    ("one", "other", "fit"),
    [
        pytest.param(GZIP, BROTLI, True, id="two fields"),
        pytest.param(GZIP, fault("too", web(gzip=None)), False, id="two values of one field"),
        pytest.param(GZIP, fault("same", web(gzip=False)), False, id="the same change"),
        pytest.param(fault("a", env("A=\nPORT=")), fault("b", env("PORT=\nB=")), True, id="two lines of one text"),
        pytest.param(fault("a", env("A=\nPORT=")), fault("b", env("B=\nPORT=")), False, id="the order would matter"),
        pytest.param(GZIP, replace(BROTLI, turns_red=GZIP.turns_red), False, id="one check"),
        pytest.param(GZIP, replace(BROTLI, also=("check.g*",)), False, id="the other may turn its check red"),
        pytest.param(GZIP, replace(BROTLI, also=("check.x",)), True, id="a third check"),
        pytest.param(GZIP, replace(BROTLI, phase="before"), True, id="one of them at any time"),
        pytest.param(
            replace(GZIP, turns_red="smoke.passes"), replace(BROTLI, phase="before"), False, id="at different times"
        ),
        pytest.param(
            replace(GZIP, also=("*",)), replace(BROTLI, phase="before"), False, id="one that may change everything"
        ),
        pytest.param(GZIP, replace(BROTLI, turns_red="front.web-vitals"), False, id="asked only for itself"),
    ],
)
def test_faults_fit_together_where_neither_hides_the_other(one: Fault, other: Fault, *, fit: bool) -> None:
    assert together(one, other) is together(other, one) is fit


def test_what_hides_one_another_is_not_seeded_at_once() -> None:
    gzip_off, same = find("http.gzip-off"), find("http.assets-not-kept")
    assert commute(gzip_off, same)
    assert seeded(gzip_off.id, same.id) == same.change(gzip_off.change(healthy()))
    with pytest.raises(UnknownFaultError, match="touch the same thing"):
        seeded("http.assets-not-kept", "http.assets-no-word")
    with pytest.raises(UnknownFaultError, match="changes nothing"):
        seeded("http.assets-not-kept", "http.assets-not-kept")


@pytest.mark.parametrize(
    ("looks", "code", "workers"),
    [
        pytest.param(5, 0, (), id="as many as are allowed"),
        pytest.param(6, 1, ("-n", "2"), id="one more, by workers"),
        pytest.param(6, 1, (), id="one more", marks=pytest.mark.long),
        pytest.param(5, 0, ("-n", "2"), id="as many as are allowed, by workers", marks=pytest.mark.long),
    ],
)
def test_more_than_a_handful_of_second_looks_fails_a_run_in_which_all_passed(
    tmp_path: Path, looks: int, code: int, workers: tuple[str, ...]
) -> None:
    shutil.copy(CONFTEST, tmp_path)
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        f"@pytest.mark.parametrize('n', range({looks}))\n"
        "@pytest.mark.parametrize('again', range(3))\n"
        "def test_it(n, again, record_property):\n"
        "    record_property('second look', f'the fault {n}')\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *workers, "."]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == code, run.stdout + run.stderr
    assert f"second looks: {looks}, 5 allowed" in run.stdout
    assert f"the fault {looks - 1}" in run.stdout
    assert f"{looks * 3} passed" in run.stdout
