"""When a secret was changed: from moto's Secrets Manager and SSM, and from what Vault documents of its API."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from pydantic import ValidationError

from golive import Environment, RunInfo, Unavailable
from golive_checks.subjects.secrets import SecretEntry, secrets
from golive_checks.systems.aws.client.aws import Aws, AwsSettings, Sessions
from golive_checks.systems.evidence.secret_ages import SecretAge, SecretKeepers, created, secret_age
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.vendors.client.client import Vendor, VendorLimits
from golive_lab.parts.asgi import HttpAnswer, Listener, Receive, Scope, Send, as_json, header, lifespan, serving
from golive_lab.parts.ports import standing

RUN = RunInfo("0123abcd", "9.9")
REGION = "eu-west-3"
AT = dt.datetime(2026, 1, 5, 10, 0, 0, 123456, tzinfo=dt.UTC)


def metadata(created_time: str = "2026-01-05T10:00:00.123456789Z", **more: Any) -> dict[str, Any]:
    old = {"created_time": "2020-01-05T10:00:00Z", "deletion_time": "", "destroyed": False}
    new = {"created_time": created_time, "deletion_time": "", "destroyed": False, **more}
    data = {"created_time": "2020-01-05T10:00:00Z", "current_version": 2, "updated_time": "2030-01-01T00:00:00Z"}
    return {"request_id": "x", "data": {**data, "versions": {"1": old, "2": new}}}


@pytest.fixture
async def keepers() -> AsyncIterator[SecretKeepers]:
    vendor = Vendor(VendorLimits(), Pace(RateLimit(), Environment("x")), RUN)
    yield SecretKeepers(Aws(Sessions(RUN)), CommandRunner(CommandLimits()), vendor)
    await vendor.aclose()


@pytest.fixture
def aws(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> AwsSettings:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    return AwsSettings(region=REGION, endpoint_url=endpoint)


async def age(keepers: SecretKeepers, aws: AwsSettings | None = None, **entry: Any) -> SecretAge:
    (secret,) = secrets("jwt", SecretEntry.model_validate(entry))
    return await secret_age(secret, keepers, aws or AwsSettings())


def recent(moment: dt.datetime) -> bool:
    return abs((dt.datetime.now(dt.UTC) - moment).total_seconds()) < 60


async def test_secrets_manager(keepers: SecretKeepers, aws: AwsSettings) -> None:
    client: Any = boto3.client("secretsmanager", region_name=REGION, endpoint_url=aws.endpoint_url)
    client.create_secret(Name="app/jwt", SecretString="c4n4ry")
    client.put_secret_value(SecretId="app/jwt", SecretString="c4n4ry2")
    seen = await age(keepers, aws, secrets_manager="app/jwt")
    assert seen.by == "Secrets Manager"
    assert recent(seen.changed)
    with pytest.raises(Unavailable, match="the secret app/none could not be read: AWS answers"):
        await age(keepers, aws, secrets_manager="app/none")


async def test_ssm(keepers: SecretKeepers, aws: AwsSettings) -> None:
    client: Any = boto3.client("ssm", region_name=REGION, endpoint_url=aws.endpoint_url)
    for name in ("/app/JWT", "/app/JWT_OTHER"):
        client.put_parameter(Name=name, Value="c4n4ry", Type="SecureString")
    seen = await age(keepers, aws, ssm="/app/JWT")
    assert seen.by == "SSM"
    assert recent(seen.changed)
    with pytest.raises(Unavailable, match=r"there is no parameter /app/JW$"):
        await age(keepers, aws, ssm="/app/JW")


async def test_vault_by_its_command(keepers: SecretKeepers, tmp_path: Path) -> None:
    (tmp_path / "said.json").write_text(json.dumps(metadata()))
    assert await age(keepers, vault={"command": ["cat", str(tmp_path / "said.json")]}) == SecretAge(AT, "Vault")
    fails = [sys.executable, "-c", "import sys; sys.exit('hvs.c4n4ry')"]
    with pytest.raises(Unavailable, match="ended with code 1") as caught:
        await age(keepers, vault={"command": fails})
    assert "c4n4ry" not in caught.value.reason
    with pytest.raises(Unavailable, match="no metadata"):
        await age(keepers, vault={"command": ["echo", "no json"]})


async def test_vault_over_http(keepers: SecretKeepers) -> None:
    asked = []

    async def vault(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        asked.append((scope["path"], header(scope, "x-vault-token"), header(scope, "x-vault-namespace")))
        good = scope["path"] == "/v1/secret/metadata/app/jwt"
        await (as_json(200, metadata()) if good else HttpAnswer(403, "application/json", b'{"errors":["no"]}')).send(
            send
        )

    with standing() as place:
        async with serving([(Listener("127.0.0.1", place.ports.api), vault)]):
            at = {"url": f"http://127.0.0.1:{place.ports.api}", "token": "hvs.c4n4ry", "namespace": "team"}
            assert (await age(keepers, vault={**at, "path": "secret/metadata/app/jwt"})).changed == AT
            with pytest.raises(Unavailable, match="Vault answers 403") as caught:
                await age(keepers, vault={**at, "path": "secret/metadata/app/other"})
    assert asked[0] == ("/v1/secret/metadata/app/jwt", "hvs.c4n4ry", "team")
    assert "c4n4ry" not in caught.value.reason


async def test_the_profiles_own_day(keepers: SecretKeepers) -> None:
    seen = await age(keepers, changed_on="2026-01-05")
    assert seen == SecretAge(dt.datetime(2026, 1, 5, tzinfo=dt.UTC), "the profile")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"data": None},
        {"data": {"current_version": 0, "versions": {}}},
        metadata("yesterday"),
        {"data": {"data": {}}},
    ],
)
def test_what_is_no_metadata_is_a_gap(said: dict[str, Any]) -> None:
    with pytest.raises(Unavailable, match="no metadata"):
        created(said)


@pytest.mark.parametrize("gone", [{"destroyed": True}, {"deletion_time": "2026-02-01T00:00:00Z"}])
def test_a_deleted_version_is_a_gap(gone: dict[str, Any]) -> None:
    with pytest.raises(Unavailable, match="deleted"):
        created(metadata(**gone))


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"ssm": "/a", "changed_on": "2026-01-05"},
        {"vault": {}},
        {"vault": {"url": "https://v.test"}},
        {"vault": {"url": "http://v.test", "path": "secret/metadata/x", "token": "t"}},
        {"vault": {"url": "https://v.test", "path": "secret/x?version=1", "token": "t"}},
        {"vault": {"command": ["x"], "url": "https://v.test", "path": "x"}},
    ],
)
def test_a_profile_that_cannot_be_meant(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SecretEntry.model_validate(wrong)
