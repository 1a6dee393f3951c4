"""Only what a drill of this source, in this environment, has written counts as evidence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from golive import Environment, Unavailable
from golive_checks.subjects import Recovery
from golive_checks.systems.drill.evidence import DrillEvidence, Flaw, drill_evidence
from golive_checks.systems.machine.client.files import Files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from drill_bench import Bench


async def read(path: Path, environment: str = "staging", source: str = "nightly") -> DrillEvidence:
    of = Recovery(source, evidence=str(path))
    return await drill_evidence(of, Environment(environment), Unavailable("not now", not_permitted=True), Files())


async def test_what_a_drill_writes_is_read(dumps: Mapping[str, Path], bench: Bench) -> None:
    bench.put(dumps["custom"])
    record = (await bench.drill(max_rto_s=60)).record
    seen = await read(bench.evidence)
    assert (seen.flaw, seen.backup, seen.operator, seen.queries) == (None, "main", "Awa", 1)
    assert seen.ended_at == record.ended_at
    assert seen.server == record.server
    assert abs(seen.rto_s - record.rto_s) < 0.1
    elsewhere = await read(bench.evidence, environment="production")
    assert elsewhere == DrillEvidence(Flaw.OTHER_ENVIRONMENT, "staging")
    assert (await read(bench.evidence, source="offsite")) == DrillEvidence(Flaw.OTHER_SOURCE, "nightly")


async def test_a_failed_drill_leaves_the_last_good_evidence(dumps: Mapping[str, Path], bench: Bench) -> None:
    bench.put(dumps["custom"])
    await bench.drill()
    before = bench.evidence.read_text()
    bench.put(b"rubbish")
    assert (await bench.drill()).record.not_restored
    assert bench.evidence.read_text() == before


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ({"passed": False}, Flaw.FAILED),
        ({"passed": "yes"}, Flaw.FAILED),
        ({"queries": []}, Flaw.UNASKED),
        ({"golive_restore_evidence": 2}, Flaw.OTHER_FORMAT),
        ({"ended_at": "2026-01-05T00:00:00"}, Flaw.OTHER_TEXT),
        ({"ended_at": 5}, Flaw.OTHER_TEXT),
        ({"backup": "x"}, Flaw.OTHER_TEXT),
    ],
)
async def test_what_does_not_count(
    change: dict[str, Any], flaw: Flaw, dumps: Mapping[str, Path], bench: Bench, tmp_path: Path
) -> None:
    bench.put(dumps["custom"])
    await bench.drill()
    other = tmp_path / "other.json"
    other.write_text(json.dumps(json.loads(bench.evidence.read_text()) | change))
    assert (await read(other)).flaw is flaw


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '{"golive_restore_evidence": 1}'])
async def test_what_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "e.json").write_text(text)
    assert (await read(tmp_path / "e.json")).flaw
    assert (await read(tmp_path / "nowhere.json")).flaw is Flaw.ABSENT
