import pytest
from typer.testing import CliRunner

from golive_lab.cli import lab
from golive_lab.parts import SYSTEMS
from golive_lab.parts.part import Kind
from golive_lab.stack import stages


def test_each_part_that_is_told_of_is_there() -> None:
    kinds: tuple[Kind, ...] = ("demo", "real")
    there = {part.name for kind in kinds for stage in stages(kind) for part in stage}
    assert {name for system in SYSTEMS for name in system.parts} <= there


@pytest.mark.parametrize("word", ["Prometheus", "recorded answers", "nginx", "Node.js with prom-client"])
def test_parts_are_told(word: str) -> None:
    told = CliRunner().invoke(lab, ["parts"])
    assert told.exit_code == 0
    assert word in told.stdout
