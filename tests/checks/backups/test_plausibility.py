from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.checks.backups.conftest import backup, backups, of

from golive import Now, Outcome, Unavailable, Verdict
from golive_checks.backups.plausibility import Plausibility, plausible
from golive_checks.subjects.backups import BackupSource, InPgBackRest
from golive_checks.systems.backups.contents import Contents
from golive_checks.systems.backups.facts import Backups
from golive_checks.systems.postgres.damage import Damage, DamageKind

SOURCE = BackupSource("nightly")
NAME = backup().name
CONTENTS = Contents(NAME, "a custom archive of pg_dump", "12 tables with data")


def judge(now: Now, seen: Backups, inside: Any = CONTENTS, source: BackupSource = SOURCE, **ask: Any) -> Verdict:
    return plausible(source, seen, inside, now, Plausibility(**ask))


def sizes(*given: int, **more: Any) -> Backups:
    return of([backup(10 + 24 * number, size) for number, size in enumerate(given)], **more)


@pytest.mark.parametrize(
    ("seen", "outcome", "word"),
    [
        (
            sizes(1000, 1000, 1000, 1000),
            Outcome.PASS,
            "1 kB; a custom archive of pg_dump; 12 tables with data; whole: read to its end; 100%",
        ),
        (sizes(500, 1000, 1000, 1000), Outcome.PASS, "50% of the median of the 3 before it"),
        (sizes(499, 1000, 1000, 1000), Outcome.FAIL, "has 499 bytes, 49% of the median of the 3 before it"),
        (sizes(100, 1, 1000, 1000), Outcome.FAIL, "10% of the median"),
        (sizes(100, 1000, 1000), Outcome.PASS, "10% of the median of the 2"),  # two are no measure
        (sizes(5000, 1000, 1000, 1000), Outcome.PASS, "500%"),
        (sizes(100), Outcome.PASS, "100 bytes; a custom"),
        (backups(10, 34, 58, 82, size=None), Outcome.PASS, "2026-03-15T0200.dump; a custom"),
        (sizes(1000, 0, 0, 0), Outcome.PASS, "1 kB"),  # a tool that tells no size of old ones
    ],
)
def test_sizes(seen: Backups, outcome: Outcome, word: str, now: Now) -> None:
    verdict = judge(now, seen)
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_sizes_are_compared_within_a_kind(now: Now) -> None:
    full = [backup(34 + 24 * n, 9_000, kind="full") for n in range(5)]
    assert judge(now, of([backup(10, 100, kind="incr"), *full])).outcome is Outcome.PASS
    assert judge(now, of([backup(10, 100, kind="full"), *full])).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("unfinished", "outcome", "word"),
    [
        (backup(1, 0), Outcome.FAIL, "main-2026-03-15T1100.dump is empty"),
        (backup(11, 0), Outcome.PASS, NAME),  # an older one is told of no more
        (backup(1, 10), Outcome.PASS, NAME),  # it may be being written
        (backup(9, 10), Outcome.PASS, NAME),
        (backup(9, None), Outcome.PASS, NAME),
    ],
)
def test_unfinished(unfinished: Any, outcome: Outcome, word: str, now: Now) -> None:
    verdict = judge(now, backups(10, unfinished=(unfinished,)))
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_one_that_is_never_finished_warns(now: Now) -> None:
    verdict = judge(now, backups(40, unfinished=(backup(20, 10),)))
    assert (verdict.outcome, verdict.summary) == (
        Outcome.WARN,
        "main-2026-03-14T1600.dump was started 20 h ago and is not finished",
    )


def test_what_failed_since(now: Now) -> None:
    seen = of([backup(1, error="Barman says that it is FAILED"), backup(10), backup(20, error="old")])
    assert judge(now, seen).summary == "main-2026-03-15T1100.dump: Barman says that it is FAILED"
    complaint = backups(10, complaints=("pgBackRest says status 5: mismatch",))
    assert judge(now, complaint).summary == "pgBackRest says status 5: mismatch"


def test_none_at_all(now: Now) -> None:
    gap = Unavailable("there is no backup to look into")
    assert judge(now, Backups((), (), 0), gap).summary == "there is no backup"
    empty = Backups((), (), 0, unfinished=(backup(1, 0),))
    assert judge(now, empty, gap).summary == "main-2026-03-15T1100.dump is empty (and 1 more)"


def test_contents(now: Now) -> None:
    broken = replace(CONTENTS, damages=(Damage(DamageKind.LAST_BLOCK_OPEN),))
    verdict = judge(now, backups(10), broken)
    assert (verdict.outcome, verdict.summary) == (
        Outcome.FAIL,
        f"{NAME}: it is cut off: its last block of data has no end",
    )
    verdict = judge(now, backups(10), replace(CONTENTS, unseen="all but its first 16 MB"))
    assert (verdict.outcome, verdict.unseen) == (Outcome.PASS, (f"{NAME}: all but its first 16 MB",))


def test_contents_that_were_not_seen(now: Now) -> None:
    verdict = judge(now, backups(10), Unavailable("the server refuses", fix="Ask."))
    assert (verdict.outcome, verdict.fix) == (Outcome.UNKNOWN, "Ask.")
    assert verdict.summary == f"{NAME} could not be read: the server refuses"
    verdict = judge(now, sizes(1, 1000, 1000, 1000), Unavailable("the server refuses"))
    assert (verdict.outcome, verdict.unseen) == (Outcome.FAIL, (f"{NAME}: the server refuses",))
    strange = judge(now, backups(10), Contents(NAME, "", strange=True))
    assert strange.outcome is Outcome.UNKNOWN
    assert "max_local_bytes: 0" in strange.fix
    not_read = judge(now, backups(10), Contents(NAME, "", unseen="its contents"))
    assert not_read.outcome is Outcome.PASS
    assert not_read.unseen
    assert "whole" not in not_read.summary
    assert "not read: its contents" in not_read.summary


def test_what_does_not_keep_it_from_being_restored_is_a_warning(now: Now) -> None:
    doubtful = judge(now, backups(10), replace(CONTENTS, doubts=(Damage(DamageKind.BEHIND_ARCHIVE, (9,)),)))
    assert (doubtful.outcome, doubtful.summary) == (
        Outcome.WARN,
        f"{NAME}: 9 bytes follow its end, which pg_restore does not read: a second dump perhaps",
    )


def test_encryption(now: Now) -> None:
    source = replace(SOURCE, must_be_encrypted=True)
    verdict = judge(now, backups(10), CONTENTS, source)
    assert (verdict.outcome, verdict.summary) == (Outcome.FAIL, f"nothing shows that {NAME} is encrypted")
    assert "age" in verdict.fix
    assert judge(now, backups(10), CONTENTS).outcome is Outcome.PASS
    sealed = judge(now, backups(10), replace(CONTENTS, encrypted="AES256"), source)
    assert (sealed.outcome, "encrypted by AES256" in sealed.summary) == (Outcome.PASS, True)


def test_each_backup_that_a_tool_keeps_must_be_encrypted(now: Now) -> None:
    source = BackupSource("tool", where=InPgBackRest(("pgbackrest",), "main"), must_be_encrypted=True)
    seen = of(
        [backup(10, encrypted="aes"), backup(34), backup(58), backup(82, error="bad"), backup(106, encrypted="a")]
    )
    sealed = replace(CONTENTS, encrypted="aes")
    verdict = judge(now, seen, sealed, source)
    assert verdict.outcome is Outcome.FAIL
    assert f"nothing shows that older backups are encrypted: {backup(34).name} and {backup(58).name}" in verdict.summary
    assert judge(now, seen, sealed, replace(source, must_be_encrypted=False)).outcome is Outcome.PASS


def test_each_backup_of_a_folder_must_be_encrypted(now: Now) -> None:
    source = replace(SOURCE, must_be_encrypted=True)
    sealed = replace(CONTENTS, encrypted="age")
    assert judge(now, backups(10, 34, 58), sealed, source).outcome is Outcome.PASS
    verdict = judge(now, backups(10, 34, 58), replace(sealed, bare=("one", "two")), source)
    assert (verdict.outcome, verdict.summary) == (
        Outcome.FAIL,
        "nothing shows that older backups are encrypted: one and two",
    )
    many = replace(backups(10, 34, 58), count=100)
    assert judge(now, many, sealed, source).unseen == ("whether the 97 oldest backups are encrypted",)
