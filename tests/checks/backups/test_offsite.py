from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.checks.backups.conftest import backup, backups, of

from golive import Now, Outcome, Unavailable, Verdict
from golive_checks.backups.offsite import Offsite, offsite
from golive_checks.subjects.backups import BackupSource, InBarman, InBucket, InFolder, InPgBackRest, InRds, Where
from golive_checks.subjects.buckets import BucketPlace
from golive_checks.systems.backups.facts import Backups

NIGHTLY = BackupSource("nightly", of="main")
COPY = BackupSource("offsite", of="main", copy_of="nightly", medium="object storage", provider="scw.cloud")
SEEN = backups(10, 34, 58, 82)


def judge(now: Now, others: dict[BackupSource, Any], source: BackupSource = NIGHTLY, **ask: Any) -> Verdict:
    everywhere = {source: SEEN, **others}
    return offsite(source, everywhere[source], everywhere, now, Offsite(**ask))


@pytest.mark.parametrize(
    ("copy", "outcome", "word"),
    [
        (SEEN, Outcome.PASS, "3 copies, the live database included: nightly (disk), offsite (object storage of scw"),
        (backups(10, 34, 58), Outcome.PASS, "3 copies"),  # further back nobody looks again
        (backups(34, 58, 82), Outcome.FAIL, "offsite lacks main-2026-03-15T0200.dump, of 2026-03-15 02:00 UTC; its"),
        (backups(58), Outcome.FAIL, "02:00 UTC; its newest is main-2026-03-13T0200.dump"),
        (of([backup(10), backup(34, 999), backup(58)]), Outcome.FAIL, "has 999 bytes in offsite and 1,000 in nightly"),
        (of([backup(10, None), backup(34), backup(58)]), Outcome.PASS, "3 copies"),
        (Backups((), (), 0), Outcome.FAIL, "and 2 more; it has none"),
        (Unavailable("its bucket refuses"), Outcome.UNKNOWN, "could not be looked at: offsite: its bucket refuses"),
    ],
)
def test_a_copy(copy: Any, outcome: Outcome, word: str, now: Now) -> None:
    verdict = judge(now, {COPY: copy})
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_what_is_new_may_still_be_on_its_way(now: Now) -> None:
    everywhere = {NIGHTLY: backups(2, 26), COPY: backups(26)}
    assert offsite(NIGHTLY, everywhere[NIGHTLY], everywhere, now, Offsite()).outcome is Outcome.PASS
    assert offsite(NIGHTLY, everywhere[NIGHTLY], everywhere, now, Offsite(max_lag_h=1)).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("copy", "outcome", "word"),
    [
        (backups(9), Outcome.PASS, "3 copies"),
        (backups(15), Outcome.PASS, "3 copies"),
        (backups(40), Outcome.FAIL, "the newest in offsite is 30 h behind: 2026-03-13 20:00 UTC"),
        (Backups((), (), 0), Outcome.FAIL, "there is no backup in offsite"),
    ],
)
def test_a_copy_that_is_made_by_itself(copy: Backups, outcome: Outcome, word: str, now: Now) -> None:
    verdict = judge(now, {replace(COPY, compare_by="time"): copy})
    assert verdict.outcome is outcome
    assert word in verdict.summary


@pytest.mark.parametrize(
    ("others", "ask", "outcome", "word"),
    [
        ({}, {}, Outcome.FAIL, "2 copies of the data, including the live database; 3 are required"),
        ({}, {"copies": 2, "places": 1}, Outcome.PASS, "2 copies"),
        ({replace(COPY, medium="disk", provider=""): SEEN}, {}, Outcome.FAIL, "is on disk, with a provider that is"),
        ({replace(COPY, medium="disk"): SEEN}, {}, Outcome.FAIL, "all of it is on disk, with scw.cloud"),
        ({replace(COPY, medium="disk"): SEEN}, {"live_provider": "ovh"}, Outcome.PASS, "3 copies"),
        ({replace(COPY, medium="tape"): SEEN}, {"places": 3}, Outcome.FAIL, "all of it is on disk and tape"),
        ({BackupSource("wal", of="main", medium="snapshot"): SEEN}, {}, Outcome.PASS, "wal (snapshot)"),
        ({BackupSource("wal", of="main", medium="snapshot"): Backups((), (), 0)}, {}, Outcome.FAIL, "2 copies"),
        ({BackupSource("files", of="other", medium="snapshot"): SEEN}, {}, Outcome.FAIL, "2 copies"),
        ({BackupSource("wal", of="main"): Unavailable("x")}, {}, Outcome.UNKNOWN, "wal: x"),
    ],
)
def test_three_two_one(
    others: dict[BackupSource, Any], ask: dict[str, Any], outcome: Outcome, word: str, now: Now
) -> None:
    verdict = judge(now, others, **ask)
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_sources_of_no_named_database_are_not_of_one(now: Now) -> None:
    alone, other = BackupSource("a"), BackupSource("b", medium="snapshot")
    assert judge(now, {other: SEEN}, alone).outcome is Outcome.FAIL


def test_what_fails_is_told_even_where_another_copy_is_not_seen(now: Now) -> None:
    verdict = judge(now, {COPY: backups(58), replace(COPY, name="third"): Unavailable("gone")})
    assert verdict.outcome is Outcome.FAIL


def test_a_copy_is_judged_where_its_original_is(now: Now) -> None:
    assert judge(now, {NIGHTLY: SEEN}, COPY).summary == "it is the copy of nightly, and judged there"
    assert judge(now, {NIGHTLY: SEEN}, COPY).outcome is Outcome.NA
    assert judge(now, {}, COPY).summary == "copy_of names 'nightly', which is not another backup source of the profile"
    itself = replace(COPY, copy_of="offsite")
    assert judge(now, {}, itself).outcome is Outcome.FAIL
    third = replace(COPY, name="third", copy_of="offsite")
    assert judge(now, {NIGHTLY: SEEN, COPY: SEEN}, third).summary == (
        "copy_of names offsite, which is itself a copy; name nightly"
    )


def test_a_copy_in_the_same_bucket_is_none(now: Now) -> None:
    place = BucketPlace("backups")
    source = replace(NIGHTLY, where=InBucket(place, "a/"))
    verdict = judge(now, {replace(COPY, where=InBucket(place, "b/")): SEEN}, source)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.summary.startswith("offsite is in the same bucket as nightly")


S3 = InBucket(BucketPlace("backups", "https://s3.test"), "a/")


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (InFolder("/srv/backups"), InFolder("/srv/./backups/"), "folder"),
        (InFolder("/srv/backups"), InFolder("/srv/backups/copy"), "folder"),
        (InFolder("/srv/backups"), InFolder("/srv/backups2"), ""),
        (InFolder("/srv/backups"), S3, ""),
        (S3, InBucket(BucketPlace("backups", "https://S3.test/", "eu", path_style=True), "b/"), "bucket"),
        (S3, InBucket(BucketPlace("backups", "https://other.test"), "a/"), ""),
        (
            InPgBackRest(("pgbackrest", "info"), "main"),
            InPgBackRest(("pgbackrest", "info", "--x"), "main", 1),
            "reposit",
        ),
        (InPgBackRest(("pgbackrest", "info"), "main", 1), InPgBackRest(("pgbackrest", "info"), "main", 2), ""),
        (InPgBackRest(("pgbackrest", "info"), "main"), InPgBackRest(("ssh", "db2", "pgbackrest"), "main"), ""),
        (InBarman(("barman",), "main"), InBarman(("barman",), "main"), "server"),
        (InRds("db1"), InRds("db1"), "instance"),
        (InRds("db1"), InRds(cluster="db1"), ""),
    ],
)
def test_one_place_holds_one_copy(one: Where, other: Where, shared: str, now: Now) -> None:
    source = replace(NIGHTLY, where=one, medium="disk")
    beside = BackupSource("second", where=other, of="main", medium="tape")
    verdict = judge(now, {beside: SEEN}, source)
    assert verdict.outcome is (Outcome.FAIL if shared else Outcome.PASS)
    verdict = judge(now, {replace(COPY, where=other): SEEN}, source)
    assert (f"offsite is in the same {shared}" in verdict.summary) is bool(shared)


def test_an_empty_source_is_no_copy(now: Now) -> None:
    empty, copy = Backups((), (), 0), replace(COPY, compare_by="time")
    verdict = offsite(NIGHTLY, empty, {NIGHTLY: empty, copy: SEEN}, now, Offsite())
    assert (verdict.outcome, "2 copies of the data" in verdict.summary) == (Outcome.FAIL, True)
