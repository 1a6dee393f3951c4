"""A matrix's combinations: what `exclude` leaves counts, and not what comes before it."""

from __future__ import annotations

import yaml

from golive_checks.systems.ci.matrix import legs_of

WIDE = f"""
shard: [{", ".join(map(str, range(1, 21)))}]
browser: [{", ".join(f"b{n}" for n in range(20))}]
exclude: [{", ".join(f"{{browser: b{n}}}" for n in range(1, 20))}]
"""


def test_what_is_excluded_takes_no_place_of_what_is_left() -> None:
    legs = legs_of(yaml.compose(WIDE))
    assert {leg["shard"] for leg in legs} == {str(n) for n in range(1, 21)}
    assert {leg["browser"] for leg in legs} == {"b0"}
