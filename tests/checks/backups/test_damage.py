"""What is said of a backup that is damaged."""

import pytest

from golive_checks.backups.damage import SENTENCES, sentence
from golive_checks.systems.postgres.damage import Damage, DamageKind


def test_each_kind_has_a_sentence() -> None:
    assert set(SENTENCES) == set(DamageKind)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (Damage(DamageKind.OTHER_SIZE, ("PG_VERSION", 1, 3000)), "PG_VERSION has 1 bytes, its manifest says 3,000"),
        (Damage(DamageKind.DATA_ABSENT, ("the table a", 0)), "it is cut off: the data of the table a is not in it"),
        (
            Damage(DamageKind.DATA_ABSENT, ("a {b}", 1200)),
            "it is cut off: the data of a {b} and 1,200 more is not in it",
        ),
        (Damage(DamageKind.EMPTY, within=("tenants", "a.dump")), "tenants: a.dump: it is empty"),
        (Damage(DamageKind.REPORTED, ("its head makes no sense",)), "its head makes no sense"),
    ],
)
def test_names_numbers_and_places(damage: Damage, said: str) -> None:
    assert sentence(damage) == said
