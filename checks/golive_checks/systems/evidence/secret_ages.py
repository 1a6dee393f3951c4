"""When secrets were last changed, as those who keep them say it. No value is asked for."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import Field

from golive import Client, Fact, Settings, Unavailable, probe
from golive_checks.subjects import Secret, Vault
from golive_checks.systems.aws.client.aws import Aws, AwsSettings
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.vendors.client.answer import failed_at
from golive_checks.systems.vendors.client.client import Vendor, VendorApi


class SecretRotation(Settings):
    """How old a secret may become."""

    home: ClassVar[str] = "security.rotation"

    max_age_days: int = Field(default=365, ge=1)
    """Days after which it must have been changed."""


@dataclass(frozen=True)
class SecretAge(Fact):
    """When a secret was last changed, and by whose word."""

    changed: dt.datetime
    by: str


class SecretKeepers(Client):
    """Asks Secrets Manager, SSM and Vault when a secret was changed."""

    def __init__(self, aws: Aws, command: CommandRunner, vendor: Vendor) -> None:
        self._aws = aws
        self._command = command
        self._vendor = vendor

    async def secrets_manager(self, name: str, ask: AwsSettings) -> dt.datetime:
        """Return when the current version was made: LastChangedDate moves with a tag or a description too."""

        def get(client: Any) -> dt.datetime:
            for version in client.list_secret_version_ids(SecretId=name)["Versions"]:  # those with a label: 20 at most
                if "AWSCURRENT" in version.get("VersionStages", ()):
                    made: dt.datetime = version["CreatedDate"]
                    return made
            raise Unavailable(f"the secret {name} has no current version")

        return await self._aws.asked("secretsmanager", f"the secret {name}", ask, get)

    async def ssm(self, name: str, ask: AwsSettings) -> dt.datetime:
        """Return when a parameter was last modified."""

        def get(client: Any) -> dt.datetime:
            only = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
            for page in client.get_paginator("describe_parameters").paginate(ParameterFilters=only):
                for parameter in page["Parameters"]:
                    modified: dt.datetime = parameter["LastModifiedDate"]
                    return modified
            raise Unavailable(f"there is no parameter {name}", fix="Look at its name, the region and the account.")

        return await self._aws.asked("ssm", f"the parameter {name}", ask, get)

    async def vault(self, at: Vault) -> dt.datetime:
        """Return when the current version of a secret of KV version 2 was made."""
        if at.command:
            ran = await self._command.run(at.command)
            if ran.code:
                raise Unavailable(
                    f"{at.command[0]} ended with code {ran.code}", fix="Run the secret's command by hand."
                )
            return created(_json(ran.stdout))
        # A Vault Agent can be set to refuse requests without this header, against SSRF (require_request_header).
        headers = {"x-vault-token": at.token.get_secret_value(), "x-vault-request": "true"}
        headers |= {"x-vault-namespace": at.namespace} if at.namespace else {}
        answer = await self._vendor.get(VendorApi("Vault", at.url.rstrip("/")), f"/v1/{at.path}", headers=headers)
        if not answer.ok:
            raise failed_at(answer, at.path, "Vault")
        return created(answer.body.data)


@probe("evidence.secret-age")
async def secret_age(secret: Secret, keepers: SecretKeepers, aws: AwsSettings) -> SecretAge:
    """Ask whoever keeps a secret when it was last changed."""
    if secret.secrets_manager:
        return SecretAge(await keepers.secrets_manager(secret.secrets_manager, aws), "Secrets Manager")
    if secret.ssm:
        return SecretAge(await keepers.ssm(secret.ssm, aws), "SSM")
    if secret.vault:
        return SecretAge(await keepers.vault(secret.vault), "Vault")
    if secret.changed_on is None:
        raise Unavailable("the profile does not say when it was changed")
    return SecretAge(dt.datetime.combine(secret.changed_on, dt.time(), dt.UTC), "the profile")


def created(said: Mapping[str, Any]) -> dt.datetime:
    """Read the current version's created_time out of the metadata, as CLI and API give it.

    Source: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-metadata
    """
    try:
        data = said["data"]
        version = data["versions"][str(data["current_version"])]
        made = dt.datetime.fromisoformat(version["created_time"])
    except (KeyError, TypeError, ValueError):
        raise Unavailable(
            "Vault's answer is no metadata of a secret of KV version 2", fix="Is `metadata` in its path?"
        ) from None
    if version.get("destroyed") or version.get("deletion_time"):
        raise Unavailable("Vault's current version of it is deleted")
    return made if made.tzinfo else made.replace(tzinfo=dt.UTC)


def _json(text: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}
