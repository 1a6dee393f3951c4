"""Only what a drill of this source, in this environment, has written counts as evidence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from golive import Environment, Unavailable
from golive_checks.subjects import Recovery
from golive_checks.systems.drill.evidence import DrillEvidence, drill_evidence
from golive_checks.systems.machine.client.files import Files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from drill_bench import Bench


async def read(path: Path, environment: str = "staging", source: str = "nightly") -> DrillEvidence:
    of = Recovery(source, evidence=str(path))
    return await drill_evidence(of, Environment(environment), Unavailable("not now", withheld=True), Files())


async def test_what_a_drill_writes_is_read(dumps: Mapping[str, Path], bench: Bench) -> None:
    bench.put(dumps["custom"])
    record = (await bench.drill(max_rto_s=60)).record
    seen = await read(bench.evidence)
    assert (seen.trouble, seen.backup, seen.operator, seen.queries) == ("", "main", "Awa", 1)
    assert seen.ended_at == record.ended_at
    assert seen.server == record.server
    assert abs(seen.rto_s - record.rto_s) < 0.1
    assert (await read(bench.evidence, environment="production")).trouble == (
        "is of the environment staging, not of production"
    )
    assert (await read(bench.evidence, source="offsite")).trouble == "is of the source nightly, not of offsite"


async def test_a_failed_drill_leaves_the_last_good_evidence(dumps: Mapping[str, Path], bench: Bench) -> None:
    bench.put(dumps["custom"])
    await bench.drill()
    before = bench.evidence.read_text()
    bench.put(b"rubbish")
    assert (await bench.drill()).record.trouble
    assert bench.evidence.read_text() == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"passed": False}, "is of a drill that failed"),
        ({"passed": "yes"}, "is of a drill that failed"),
        ({"queries": []}, "is of a drill that asked the copy nothing"),
        ({"golive_restore_evidence": 2}, "is of format 2, which this golive cannot read"),
        ({"ended_at": "2026-01-05T00:00:00"}, "is no evidence that golive drill wrote"),
        ({"ended_at": 5}, "is no evidence that golive drill wrote"),
        ({"backup": "x"}, "is no evidence that golive drill wrote"),
    ],
)
async def test_what_does_not_count(
    change: dict[str, Any], said: str, dumps: Mapping[str, Path], bench: Bench, tmp_path: Path
) -> None:
    bench.put(dumps["custom"])
    await bench.drill()
    other = tmp_path / "other.json"
    other.write_text(json.dumps(json.loads(bench.evidence.read_text()) | change))
    assert (await read(other)).trouble == said


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '{"golive_restore_evidence": 1}'])
async def test_what_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "e.json").write_text(text)
    assert (await read(tmp_path / "e.json")).trouble
    assert (await read(tmp_path / "nowhere.json")).trouble == "does not exist, or is empty"
