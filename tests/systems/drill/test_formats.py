"""Every format of pg_dump is restored by the real programs into a real server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drill_bench import Bench

FORMATS = {
    "custom": "custom",
    "directory": "directory",
    "tar": "tar",
    "plain": "plain",
    "inserts": "plain",
    "gzip": "plain, gzip",
    "zstd": "plain, zstd",
    "custom-gzip": "custom, gzip",
}


@pytest.mark.parametrize("name", FORMATS)
async def test_a_dump_is_restored_asked_and_removed(name: str, dumps: Mapping[str, Path], bench: Bench) -> None:
    bench.put(dumps[name])
    seen = await bench.drill()
    assert bench.shortfalls(seen) == []
    assert seen.record.format == FORMATS[name]
    assert seen.record.left_out["event trigger"] == 1
    assert [(a.rows, a.value) for a in seen.record.answers] == [(1, "500")]
    assert seen.record.rto_s > 0
    assert 9 * 3600 <= seen.record.rpo_s < 9 * 3600 + 60
    assert bench.scratch.databases() == set()
    told = json.loads(bench.evidence.read_text())
    assert (told["passed"], told["environment"], told["operator"]) == (True, "staging", "Awa")
    assert bench.evidence.stat().st_mode & 0o777 == 0o600
