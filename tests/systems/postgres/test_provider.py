"""What RDS says of its backups, over HTTP, as moto serves it."""

import datetime as dt

import boto3
import pytest

from golive import RunInfo, Unavailable
from golive_checks.subjects import Database, Hosting
from golive_checks.systems.aws.client.aws import Aws, AwsSettings, Sessions
from golive_checks.systems.aws.client.rds import Rds
from golive_checks.systems.postgres.archiving import ProviderBackups, provider_backups

REGION = "eu-west-3"


@pytest.fixture
def ask(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> AwsSettings:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    return AwsSettings(region=REGION, endpoint_url=endpoint)


def rds() -> Rds:
    return Rds(Aws(Sessions(RunInfo("0123abcd", "9.9"))))


async def seen(hosting: Hosting, name: str, ask: AwsSettings) -> ProviderBackups:
    return await provider_backups(Database("master", hosting=hosting, provider_id=name), rds(), ask)


async def test_instances_and_clusters_tell(ask: AwsSettings) -> None:
    api = boto3.client("rds", region_name=REGION, endpoint_url=ask.endpoint_url)
    usual = {"Engine": "postgres", "DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20}
    login = {"MasterUsername": "postgres", "MasterUserPassword": "made-up-password"}
    for days in (0, 7):
        api.create_db_instance(DBInstanceIdentifier=f"kept-{days}", BackupRetentionPeriod=days, **usual, **login)
    api.create_db_cluster(DBClusterIdentifier="aurora", Engine="aurora-postgresql", BackupRetentionPeriod=3, **login)
    assert (await seen("rds", "kept-0", ask)).retention_days == 0
    kept = await seen("rds", "kept-7", ask)
    assert kept.retention_days == 7
    assert kept.restorable_until is None or isinstance(kept.restorable_until, dt.datetime)
    assert (await seen("aurora", "aurora", ask)).retention_days == 3


async def test_what_cannot_be_asked_is_a_gap(ask: AwsSettings) -> None:
    with pytest.raises(Unavailable, match="DBInstanceNotFound"):
        await seen("rds", "gone", ask)
    with pytest.raises(Unavailable, match="does not say what Amazon calls"):
        await seen("aurora", "", ask)
    with pytest.raises(Unavailable, match="no API of neon") as gap:
        await seen("neon", "x", ask)
    assert gap.value.fix == "Attest it: attestations, db.archiving-works."
