"""Snapshots of RDS, as moto's server tells of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from golive import RunInfo, Unavailable
from golive_checks.backups.words import complaints
from golive_checks.subjects.backups import BackupSource, InRds
from golive_checks.systems.aws.client.aws import Aws, AwsSettings, Sessions
from golive_checks.systems.aws.client.rds import Rds
from golive_checks.systems.backups.contents import ReadLimits, contents
from golive_checks.systems.backups.facts import backups
from golive_checks.systems.backups.tools import rds as read

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "eu-west-3"
AT = dt.datetime(2026, 1, 5, 2, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def ask(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> AwsSettings:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    return AwsSettings(region=REGION, endpoint_url=endpoint)


async def look(where: InRds, ask: AwsSettings) -> Any:
    of = BackupSource("rds", where=where)
    seen = await backups(of, None, None, Rds(Aws(Sessions(RunInfo("1", "1")))), ask)
    inside = await contents(of, seen, None, None, ReadLimits()) if seen.sound else None
    return seen, inside


async def test_an_instance(ask: AwsSettings) -> None:
    client = boto3.client("rds", region_name=REGION, endpoint_url=ask.endpoint_url)
    client.create_db_instance(
        DBInstanceIdentifier="main",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        MasterUsername="root",
        MasterUserPassword="not-a-real-one",
        AllocatedStorage=20,
        StorageEncrypted=True,
        BackupRetentionPeriod=7,
    )
    for name in ("before-release", "monthly-2026-01"):
        client.create_db_snapshot(DBInstanceIdentifier="main", DBSnapshotIdentifier=name)
    seen, inside = await look(InRds(instance="main"), ask)
    assert {"before-release", "monthly-2026-01"} <= {b.name for b in seen.newest}
    assert {b.kind for b in seen.newest} <= {"manual", "automated"}
    assert {b.size for b in seen.newest} == {None}
    assert seen.recoverable_until is not None
    assert seen.complaints == ()
    assert (inside.encrypted, inside.format) == ("RDS", "")


async def test_a_cluster_without_automated_backups_told_apart(ask: AwsSettings) -> None:
    client = boto3.client("rds", region_name=REGION, endpoint_url=ask.endpoint_url)
    client.create_db_cluster(
        DBClusterIdentifier="aurora",
        Engine="aurora-postgresql",
        MasterUsername="root",
        MasterUserPassword="not-a-real-one",
        BackupRetentionPeriod=3,
    )
    client.create_db_cluster_snapshot(DBClusterIdentifier="aurora", DBClusterSnapshotIdentifier="first")
    seen, inside = await look(InRds(cluster="aurora"), ask)
    assert "first" in {b.name for b in seen.newest}
    assert seen.complaints == ()
    assert inside.encrypted == ""


async def test_what_is_not_there_is_a_gap(ask: AwsSettings) -> None:
    with pytest.raises(Unavailable, match="AWS answers DBInstanceNotFound"):
        await look(InRds(instance="gone"), ask)
    with pytest.raises(Unavailable, match="AWS answers DBClusterNotFound"):
        await look(InRds(cluster="gone"), ask)


def test_states_and_kinds() -> None:
    """As https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBSnapshot.html has them."""
    snapshots = [
        {"DBSnapshotIdentifier": "a", "SnapshotCreateTime": AT, "Status": "available", "SnapshotType": "automated"},
        {"DBSnapshotIdentifier": "b", "SnapshotCreateTime": AT + dt.timedelta(days=1), "Status": "failed"},
        {"DBSnapshotIdentifier": "c", "SnapshotCreateTime": AT + dt.timedelta(days=2), "Status": "creating"},
        {"DBSnapshotIdentifier": "d", "Status": "creating"},
    ]
    seen = read({"BackupRetentionPeriod": 0}, snapshots, "UTC")
    assert [(b.name, b.error) for b in seen.newest] == [("b", "RDS says that it is failed"), ("a", "")]
    assert [b.name for b in seen.unfinished] == ["c"]
    assert complaints(seen) == ["automated backups are off: BackupRetentionPeriod is 0"]
    with pytest.raises(Unavailable, match="not what its documentation says"):
        read({"BackupRetentionPeriod": "many"}, snapshots, "UTC")
