"""Amazon's APIs, through botocore in threads."""

import asyncio
import functools
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import Field

from golive import Client, RunInfo, Settings, Unavailable
from golive_checks.systems.http.client.message import agent

if TYPE_CHECKING:
    from botocore.loaders import Loader
    from botocore.session import Session

T = TypeVar("T")

DENIED = {"AccessDenied", "AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException"}
MENDS = {
    "NoCredentialsError": "Give golive credentials of AWS: a role, AWS_PROFILE, or aws.named_profile in the profile.",
    "NoRegionError": "Name the region: aws.region in the profile, or AWS_REGION.",
    "ValueError": "Write aws.endpoint_url as a URL, with its scheme.",
}
"""What helps against some of botocore's errors, by their names."""
SERVICES = {"logs", "oidc", "portal.sso", "rds", "s3", "s3-control", "secretsmanager", "ssm", "sso", "sts"}
"""What golive asks, and what gives credentials, as botocore's endpoints.json names them."""
MAX_PARAMETERS = 2000
"""Of one app; SSM gives ten at once."""


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


class Sessions(Client):
    """Makes the clients of botocore, which may be used in any thread; all that have a named profile in common share it.

    Without boto3's layer of resources: it takes memory and time, and golive asks for operations by their names.
    """

    def __init__(self, run: RunInfo) -> None:
        self._agent = agent(run)
        self._sessions: dict[str, Session] = {}
        self._one_at_a_time = threading.Lock()  # a session, unlike a client, is not safe between threads

    def client(self, service: str, ask: AwsSettings, config: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """Make a client of a service; looking for credentials may take a while, so call it in a thread.

        Args:
            service: its name, as `s3`.
            ask: whose account, where, and for how long.
            config: more of botocore's Config.
            more: other arguments of botocore's create_client, which override the settings'.

        Raises:
            botocore.exceptions.BotoCoreError: it cannot be made; see `gap`.
        """
        from botocore.config import Config

        limits = {"connect_timeout": ask.timeout_s, "read_timeout": ask.timeout_s}
        own = Config(**{**limits, "retries": {"total_max_attempts": 1}, "user_agent": self._agent, **(config or {})})
        usual = {"region_name": ask.region or None, "endpoint_url": ask.endpoint_url or None}
        with self._one_at_a_time:
            return self._session(ask).create_client(service, config=own, **{**usual, **more})

    def credentials(self, ask: AwsSettings) -> Any:
        """Find the credentials that a client without a key of its own signs with; None for none."""
        with self._one_at_a_time:
            return self._session(ask).get_credentials()

    def _session(self, ask: AwsSettings) -> "Session":
        import botocore.session

        name = ask.named_profile
        if name not in self._sessions:
            session = self._sessions[name] = botocore.session.Session(profile=name or None)
            session.register_component("data_loader", _descriptions())
        return self._sessions[name]


@functools.cache
def _descriptions() -> "Loader":
    """Return what botocore reads of services, once: reading a service takes as long as ten requests to it."""
    import botocore.loaders

    loader = botocore.loaders.create_loader()
    # Where each of 400 services is, which botocore keeps, takes 7 MB.
    for partition in loader.load_data("endpoints")["partitions"]:
        partition["services"] = {s: at for s, at in partition["services"].items() if s in SERVICES}
    return loader


class Aws(Client):
    """Asks Secrets Manager and SSM, and others through `asked`; each subject may have an account of its own."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def secret(self, name: str, ask: AwsSettings) -> str:
        """Return the text of a secret of Secrets Manager."""

        def get(client: Any) -> str:
            answer = client.get_secret_value(SecretId=name)
            if "SecretString" not in answer:
                raise Unavailable(f"the secret {name} holds bytes, not text")
            return str(answer["SecretString"])

        return await self.asked("secretsmanager", f"the secret {name}", ask, get)

    async def parameters(self, path: str, ask: AwsSettings) -> dict[str, str]:
        """Return the parameters below an SSM path, decrypted, by what follows the path."""

        def get(client: Any) -> dict[str, str]:
            found: dict[str, str] = {}
            pages = client.get_paginator("get_parameters_by_path").paginate(
                Path=path, Recursive=True, WithDecryption=True, PaginationConfig={"MaxItems": MAX_PARAMETERS}
            )
            for page in pages:
                found |= {str(p["Name"]).removeprefix(path).lstrip("/"): str(p["Value"]) for p in page["Parameters"]}
            if pages.resume_token:
                raise Unavailable(f"there are more than {MAX_PARAMETERS:,} parameters below {path}")
            if not found:
                raise Unavailable(f"there is no parameter below {path}", fix="Look at path, region and account.")
            return found

        return await self.asked("ssm", f"the parameters below {path}", ask, get)

    async def asked(self, service: str, what: str, ask: AwsSettings, get: Callable[[Any], T]) -> T:
        """Return what `get` brings from a service's client, in a thread; a refusal is a gap that names `what`."""
        return await asyncio.to_thread(self._ask, service, what, ask, get)

    def _ask(self, service: str, what: str, ask: AwsSettings, get: Callable[[Any], T]) -> T:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return get(self._sessions.client(service, ask))
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "an error"))
            fix = "Give golive's credentials leave to read it." if code in DENIED else ""
            raise Unavailable(f"{what} could not be read: AWS answers {code}", fix=fix) from None
        except (BotoCoreError, ValueError) as error:
            raise gap(f"{what} could not be read", error) from None


def gap(what: str, error: Exception) -> Unavailable:
    """Tell what became of it by the error's name alone: its text may quote what was put in."""
    from botocore.exceptions import ConnectionError, HTTPClientError  # noqa: A004 - botocore's own

    name = type(error).__name__
    passing = isinstance(error, ConnectionError | HTTPClientError)
    return Unavailable(f"{what}: {name}", transient=passing, fix=MENDS.get(name, ""))
