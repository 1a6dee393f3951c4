"""Amazon's APIs, through boto3 in threads."""

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from pydantic import Field

from golive import Client, Settings, Unavailable

T = TypeVar("T")

DENIED = {"AccessDenied", "AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException"}
MENDS = {
    "NoCredentialsError": "Give golive credentials of AWS: a role, AWS_PROFILE, or aws.named_profile in the profile.",
    "NoRegionError": "Name the region: aws.region in the profile, or AWS_REGION.",
    "ValueError": "Write aws.endpoint_url as a URL, with its scheme.",
}
"""What helps against some of botocore's errors, by their names."""
MAX_PAGES = 20
"""Of 10 parameters each, the most SSM gives at once."""


class AwsSettings(Settings):
    """Whose account is asked, and where. Credentials are found as the AWS command line finds them."""

    home: ClassVar[str] = "aws"

    region: str = ""
    """The region to ask; empty: the profile's or the process environment's."""
    named_profile: str = ""
    """A profile of ~/.aws/config."""
    endpoint_url: str = ""
    """Another endpoint than Amazon's, for a compatible server."""
    timeout_s: float = Field(default=10.0, gt=0)
    """How long one request may take."""


@dataclass(frozen=True)
class DatabaseBackups:
    """For how many days RDS keeps backups of a database (0: none), and up to when it can restore it."""

    retention_days: int
    restorable_until: dt.datetime | None


class Aws(Client):
    """Asks Secrets Manager, SSM and RDS; each subject may have an account of its own."""

    async def secret(self, name: str, ask: AwsSettings) -> str:
        """Return the text of a secret of Secrets Manager."""

        def get(client: Any) -> str:
            answer = client.get_secret_value(SecretId=name)
            if "SecretString" not in answer:
                raise Unavailable(f"the secret {name} holds bytes, not text")
            return str(answer["SecretString"])

        return await asyncio.to_thread(_ask, "secretsmanager", f"the secret {name}", ask, get)

    async def parameters(self, path: str, ask: AwsSettings) -> dict[str, str]:
        """Return the parameters below an SSM path, decrypted, by what follows the path."""

        def get(client: Any) -> dict[str, str]:
            found: dict[str, str] = {}
            pages = client.get_paginator("get_parameters_by_path").paginate(
                Path=path, Recursive=True, WithDecryption=True, PaginationConfig={"MaxItems": MAX_PAGES * 10}
            )
            for page in pages:
                found |= {str(p["Name"]).removeprefix(path).lstrip("/"): str(p["Value"]) for p in page["Parameters"]}
            if not found:
                raise Unavailable(f"there is no parameter below {path}", fix="Look at path, region and account.")
            return found

        return await asyncio.to_thread(_ask, "ssm", f"the parameters below {path}", ask, get)

    async def database_backups(self, name: str, ask: AwsSettings, *, cluster: bool) -> DatabaseBackups:
        """Return what RDS says of the backups of a DB instance, or of an Aurora cluster."""
        what, given = ("cluster", "DBCluster") if cluster else ("instance", "DBInstance")

        def get(client: Any) -> DatabaseBackups:
            answer = getattr(client, f"describe_db_{what}s")(**{f"{given}Identifier": name})
            (found,) = answer[f"{given}s"]
            return DatabaseBackups(int(found.get("BackupRetentionPeriod", 0)), found.get("LatestRestorableTime"))

        return await asyncio.to_thread(_ask, "rds", f"the DB {what} {name}", ask, get)


def _ask(service: str, what: str, ask: AwsSettings, get: Callable[[Any], T]) -> T:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError  # noqa: A004 - botocore's own

    limits = Config(connect_timeout=ask.timeout_s, read_timeout=ask.timeout_s, retries={"total_max_attempts": 1})
    try:
        session = boto3.session.Session(
            profile_name=ask.named_profile or None, region_name=ask.region or None
        )  # one of its own: boto3's default session is not safe between threads
        client: Any = session.client(service, endpoint_url=ask.endpoint_url or None, config=limits)  # type: ignore[call-overload]  # the service's name is a variable
        return get(client)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "an error"))
        fix = "Give golive's credentials leave to read it." if code in DENIED else ""
        raise Unavailable(f"{what} could not be read: AWS answers {code}", fix=fix) from None
    except (BotoCoreError, ValueError) as error:
        name = type(error).__name__
        fix = MENDS.get(name, "")
        passing = isinstance(error, ConnectionError | HTTPClientError)
        raise Unavailable(f"{what} could not be read: {name}", transient=passing, fix=fix) from None
