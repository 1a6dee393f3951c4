"""The profile's key `backup_sources`, and the times in the names of backups."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from golive_checks.subjects.backup_names import Stamp, compiled, stamp
from golive_checks.subjects.backups import BackupSource, BackupSourceEntry, InBarman, InRds, backup_sources, zone_of

DAKAR_DAY = dt.date(2026, 1, 5)


def source(**given: Any) -> BackupSource:
    (found,) = backup_sources("nightly", BackupSourceEntry.model_validate(given))
    return found


@pytest.mark.parametrize(
    ("pattern", "name", "moment"),
    [
        ("afrigest-{date}.dump", "afrigest-2026-01-05.dump", ""),
        ("afrigest-{date}.dump", "afrigest-20260105.dump", ""),
        ("{date}T{time}.dump", "2026-01-05T02:15.dump", "2026-01-05T02:15:00+00:00"),
        ("{date}T{time}.dump", "20260105T021530Z.dump", "2026-01-05T02:15:30+00:00"),
        ("{date}_{time}.dump", "2026_01_05_02-15-30.dump", "2026-01-05T02:15:30+00:00"),
        ("{date}T{time}.dump", "20260105T0215+0100.dump", "2026-01-05T01:15:00+00:00"),
        ("{date}T{time}.dump", "20260105T021500-05:00.dump", "2026-01-05T07:15:00+00:00"),
        ("{day}.{month}.{year}-*.sql.gz", "05.01.2026-main.sql.gz", ""),
        ("{year}/{month}/{day}/db-{hour}?.dump", "2026/01/05/db-02h.dump", "2026-01-05T02:00:00+00:00"),
        ("db.{epoch}.dump", "db.1767579300.dump", "2026-01-05T02:15:00+00:00"),
    ],
)
def test_a_name_tells_the_time(pattern: str, name: str, moment: str) -> None:
    found = compiled(pattern).fullmatch(name)
    assert found
    assert stamp(found, dt.UTC) == Stamp(DAKAR_DAY, dt.datetime.fromisoformat(moment) if moment else None)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("afrigest-{date}.dump", "afrigest-2026-0105.dump"),
        ("afrigest-{date}.dump", "afrigest-2026-01-05.dump.tmp"),
        ("afrigest-{date}.dump", "afrigest-2026-13-05.dump"),
        ("afrigest-{date}.dump", "afrigest-2026-02-30.dump"),
        ("afrigest.{date}", "afrigest_2026-01-05"),
        ("{date}T{time}", "2026-01-05T2515"),
        ("*.dump", "a/b.dump"),
    ],
)
def test_a_name_that_does_not_fit(pattern: str, name: str) -> None:
    found = compiled(pattern).fullmatch(name)
    assert found is None or stamp(found, dt.UTC) is None


def test_the_hour_is_of_the_zone_that_the_profile_names() -> None:
    found = compiled("{date}T{time}").fullmatch("2026-01-05T0030")
    assert found
    assert stamp(found, zone_of("Africa/Nairobi")) == Stamp(DAKAR_DAY, dt.datetime(2026, 1, 4, 21, 30, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "needs exactly one of s3, directory, pgbackrest, barman, rds, command; has none"),
        ({"directory": "/b", "rds": {"instance": "x"}}, "has directory and rds"),
        ({"rds": {"instance": "x", "cluster": "y"}}, "needs either instance or cluster"),
        ({"rds": {}}, "needs either instance or cluster"),
        ({"directory": "/b", "pattern": "x-{dat}.dump"}, "{dat} is none of {date}, {time}"),
        ({"directory": "/b", "pattern": "x-{date"}, "'{' without its counterpart"),
        ({"directory": "/b", "pattern": "{date}-{day}"}, "names a part of the time twice"),
        ({"directory": "/b", "pattern": "{time}.dump"}, "names no whole day"),
        ({"directory": "/b", "timezone": "Africa/Dakkar"}, "is no time zone"),
        ({"rds": {"instance": "x"}, "pattern": "{date}"}, "rds names its backups itself"),
        ({"pgbackrest": {"stanza": "main", "command": []}}, "at least 1 item"),
        ({"directory": "/b", "since": "last spring"}, "valid date"),
    ],
)
def test_a_mistake_is_told_in_one_line(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        BackupSourceEntry.model_validate(given)
    assert said in str(caught.value)


def test_where_a_source_is() -> None:
    bucket = {"bucket": "afrigest-backups", "prefix": "pg/", "endpoint_url": "https://s3.fr-par.scw.cloud"}
    assert source(s3=bucket).provider == "scw.cloud"
    assert source(s3=bucket).location("a.dump") == "pg/a.dump"
    assert source(s3={"bucket": "afrigest-backups"}).provider == "aws"
    assert source(s3=bucket, provider="scaleway").provider == "scaleway"
    assert source(s3={"bucket": "lab", "endpoint_url": "http://127.0.0.1:9000"}).provider == "127.0.0.1"
    assert source(directory="/var/backups/").location("a.dump") == "/var/backups/a.dump"
    assert source(directory="/b").medium == "disk"
    assert source(directory="/b", medium="tape").medium == "tape"
    assert source(rds={"instance": "main"}).where == InRds("main")
    assert source(barman={"server": "main"}).where == InBarman(("barman", "-f", "json", "list-backups", "all"), "main")
