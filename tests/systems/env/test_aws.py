"""Secrets Manager and SSM, over HTTP, as moto serves them."""

from __future__ import annotations

import json

import boto3
import pytest

from golive import RunInfo, Sealed, Unavailable
from golive_checks.systems.aws.client.aws import Aws, AwsSettings, Sessions
from golive_checks.systems.env.files import EnvFileEntry, Variables, env_files, variables
from golive_checks.systems.env.sources import EnvSources
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.machine.client.process import ProcessEnvironment

CANARY = "c4n4ryW8kq2VzT5mXe9RbY"
REGION = "eu-west-3"


@pytest.fixture
def ask(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> AwsSettings:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    return AwsSettings(region=REGION, endpoint_url=endpoint)


async def read(ask: AwsSettings, **source: str) -> Variables:
    (file,) = env_files("api", EnvFileEntry(role="api", **source))
    return await variables(
        file, EnvSources(Files(), ProcessEnvironment(), Aws(Sessions(RunInfo("0123abcd", "9.9")))), ask
    )


def secrets_manager(ask: AwsSettings) -> object:
    return boto3.client("secretsmanager", region_name=REGION, endpoint_url=ask.endpoint_url)


async def test_a_secret_of_names_and_values(ask: AwsSettings) -> None:
    secrets_manager(ask).create_secret(
        Name="good", SecretString=json.dumps({"JWT_ACCESS_SECRET": CANARY, "PORT": 4000})
    )
    seen = await read(ask, secrets_manager="good")
    assert seen.values["PORT"].value == "4000"
    sealed = seen.values["JWT_ACCESS_SECRET"].value
    assert isinstance(sealed, Sealed)
    assert sealed.length == len(CANARY)
    assert CANARY not in repr(seen)


@pytest.mark.parametrize("text", [CANARY, f'["{CANARY}"]', '"x"', "[" * 100_000])
async def test_a_secret_that_is_no_object(text: str, ask: AwsSettings) -> None:
    name = f"bad{abs(hash(text))}"
    secrets_manager(ask).create_secret(Name=name, SecretString=text[:60_000])
    with pytest.raises(Unavailable, match="not a JSON object") as caught:
        await read(ask, secrets_manager=name)
    assert CANARY not in caught.value.reason


async def test_bytes_and_no_secret(ask: AwsSettings) -> None:
    secrets_manager(ask).create_secret(Name="bytes", SecretBinary=CANARY.encode())
    with pytest.raises(Unavailable, match="holds bytes"):
        await read(ask, secrets_manager="bytes")
    with pytest.raises(Unavailable, match="AWS answers ResourceNotFoundException"):
        await read(ask, secrets_manager="gone")


async def test_parameters_of_a_path_over_several_pages(ask: AwsSettings) -> None:
    client = boto3.client("ssm", region_name=REGION, endpoint_url=ask.endpoint_url)
    for number in range(23):
        client.put_parameter(Name=f"/app/live/NAME_{number}", Value=CANARY, Type="SecureString")
    client.put_parameter(Name="/app/live/PORT", Value="4000", Type="String")
    client.put_parameter(Name="/app/other/PORT", Value="5000", Type="String")
    seen = await read(ask, ssm="/app/live/")
    assert len(seen.values) == 24
    assert seen.values["PORT"].value == "4000"
    sealed = seen.values["NAME_7"].value
    assert isinstance(sealed, Sealed)
    assert sealed.length == len(CANARY)


async def test_a_path_without_parameters_is_a_gap(ask: AwsSettings) -> None:
    with pytest.raises(Unavailable, match="no parameter below /nothing/"):
        await read(ask, ssm="/nothing/")


async def test_nobody_there(ask: AwsSettings) -> None:
    nobody = ask.model_copy(update={"endpoint_url": "http://127.0.0.1:9", "timeout_s": 1.0})
    with pytest.raises(Unavailable, match="EndpointConnectionError") as caught:
        await read(nobody, ssm="/x/")
    assert caught.value.transient


async def test_no_credentials_and_no_region(ask: AwsSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable, match="NoRegionError"):
        await read(ask.model_copy(update={"region": ""}), ssm="/x/")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(Unavailable, match="NoCredentialsError"):
        await read(ask, ssm="/x/")
    with pytest.raises(Unavailable, match="ProfileNotFound"):
        await read(ask.model_copy(update={"named_profile": "gone"}), ssm="/x/")
    with pytest.raises(Unavailable, match="ValueError"):
        await read(ask.model_copy(update={"endpoint_url": "nonsense"}), ssm="/x/")
