"""Where secrets come from: a file, AWS Secrets Manager, AWS Systems Manager (SSM), a command. Each is asked once.

No message holds a value, nor what a service or command wrote, which may hold one.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from golive.model import Location
from golive.profile.files import read_bytes
from golive.profile.problems import Problem, ProfileError, quoted, quoted_path
from golive.profile.sources import (
    AnySource,
    CommandSource,
    FileSource,
    ParameterSource,
    SecretsManagerSource,
    described,
)
from golive.wording import binary_size, duration

if TYPE_CHECKING:
    import subprocess

T = TypeVar("T")

MAX_SECRET = 64 * 1024
COMMAND_S = 10.0
AWS_S = 20.0
"""Longest wait for AWS, its search for credentials and one more try included."""


class Failed(Exception):  # noqa: N818 - it is caught where the place is known, and becomes a Problem
    """A source gave nothing; the text says why, without a secret."""


@dataclass
class Secrets:
    """Ask sources, each once."""

    environ: Mapping[str, str] = field(repr=False)
    asked: dict[tuple[str, ...], str | Failed] = field(default_factory=dict, repr=False)

    def get(self, source: AnySource, folder: Path) -> str:
        """Return the secret that `source`, written in a profile in `folder`, holds. Raises Failed."""
        match source:
            case FileSource(file=file):
                value = self.once(("file", file), lambda: from_file(Path(file)))
            case SecretsManagerSource(aws_secrets_manager=name, region=region, endpoint=endpoint):
                value = self.once(("aws", name, region, endpoint), lambda: from_aws("secretsmanager", source, name))
            case ParameterSource(ssm=name, region=region, endpoint=endpoint):
                value = self.once(("ssm", name, region, endpoint), lambda: from_aws("ssm", source, name))
            case CommandSource(command=command):
                value = self.once((*command, str(folder)), lambda: from_command(command, folder, self.environ))
        if isinstance(source, SecretsManagerSource) and source.key:
            value = json_key(value, source)
        if not value:
            raise Failed(f"{described(source)} gave nothing")
        if "\0" in value:
            raise Failed(f"{described(source)} holds a NUL character, which no text secret does")
        return value

    def once(self, key: tuple[str, ...], ask: Callable[[], str]) -> str:
        """Ask for what `key` stands for, where it was not asked before."""
        if key not in self.asked:
            try:
                self.asked[key] = ask()
            except Failed as failed:
                self.asked[key] = failed
        found = self.asked[key]
        if isinstance(found, Failed):
            raise found
        return found


def text_of(raw: bytes, what: str) -> str:
    """Decode a secret and take its last line break away."""
    if len(raw) > MAX_SECRET:
        raise Failed(f"{what} is larger than {binary_size(MAX_SECRET)}")
    try:
        return raw.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise Failed(f"{what} is not UTF-8 text") from None


def from_file(path: Path) -> str:
    """Read a secret file."""
    try:
        raw = read_bytes(path, Location(str(path)), MAX_SECRET)
    except ProfileError as error:
        raise Failed(error.problems[0].text) from None
    return text_of(raw, f"file {quoted_path(path)}")


def within(seconds: float, work: Callable[[], T]) -> T:
    """Do `work` in a thread that is left behind where it takes longer. Raises TimeoutError."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised again by who waits
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True, name="golive-secret")
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]


def from_command(command: tuple[str, ...], folder: Path, environ: Mapping[str, str]) -> str:
    """Run a command and take its output. Its group is killed when the time is up, children included."""
    import subprocess  # noqa: PLC0415 - only a profile that names a command pays for the import

    what = f"command {quoted(command[0])}"
    try:
        process = subprocess.Popen(  # noqa: S603 - the profile's owner chose the command; no shell is involved
            command,
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "an argument holds a NUL character"
        raise Failed(f"{what} cannot be started: {reason}") from None
    try:
        raw = within(COMMAND_S, lambda: all_of(process))
        # Where it wrote too much the pipe was closed on it: its exit code would hide that reason, which text_of gives.
        code = process.wait(COMMAND_S) if len(raw) <= MAX_SECRET else 0
    except (TimeoutError, subprocess.TimeoutExpired):
        raise Failed(f"{what} took longer than {duration(COMMAND_S)}") from None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if code:
        raise Failed(f"{what} ended with exit code {code}; what it wrote is not shown, as it may hold a secret")
    return text_of(raw, f"the output of {what}")


def all_of(process: subprocess.Popen[bytes]) -> bytes:
    """Read what a command writes, up to a byte more than a secret may have. Whoever reads the pipe closes it."""
    if process.stdout is None:
        return b""
    with process.stdout as output:
        return output.read(MAX_SECRET + 1)


def from_aws(
    service: Literal["secretsmanager", "ssm"], source: SecretsManagerSource | ParameterSource, name: str
) -> str:
    """Ask AWS for a secret."""
    what = described(source)
    try:
        found = within(AWS_S, lambda: ask_aws(service, source, name))
    except TimeoutError:
        raise Failed(f"{what} did not answer within {duration(AWS_S)}") from None
    return text_of(found.encode(), what)


def ask_aws(
    service: Literal["secretsmanager", "ssm"], source: SecretsManagerSource | ParameterSource, name: str
) -> str:
    """Make the request. boto3 takes 0.1 s to import, so that only a profile that needs it pays."""
    what = described(source)
    try:
        import boto3  # noqa: PLC0415 - see above
        from botocore.config import Config  # noqa: PLC0415 - see above
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see above
    except ModuleNotFoundError:
        raise Failed(f"{what}: golive was installed without golive[aws]: pip install 'golive[aws]'") from None

    patience = Config(connect_timeout=4, read_timeout=6, retries={"total_max_attempts": 2})
    try:
        session = boto3.Session(region_name=source.region or None)
        client: Any = session.client(service, endpoint_url=source.endpoint or None, config=patience)
        if service == "ssm":
            return str(client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
        answer = client.get_secret_value(SecretId=name)
    except ClientError as error:
        raise Failed(f"{what}: AWS answered {error.response.get('Error', {}).get('Code', 'an error')}") from None
    except (BotoCoreError, ValueError) as error:
        # The class tells enough (NoRegionError, NoCredentialsError, EndpointConnectionError); its text may quote input.
        raise Failed(f"{what}: {type(error).__name__}") from None
    if "SecretString" not in answer:
        raise Failed(f"{what} holds bytes, not text")
    return str(answer["SecretString"])


def json_key(value: str, source: SecretsManagerSource) -> str:
    """Take one key out of a secret that is a JSON object."""
    what = f"AWS Secrets Manager {quoted(source.aws_secrets_manager)}"
    try:
        held = json.loads(value)
    except (ValueError, RecursionError):
        raise Failed(f"{what} is not JSON, so it has no key {quoted(source.key)}") from None
    if not isinstance(held, dict) or source.key not in held:
        raise Failed(f"{what} has no key {quoted(source.key)}")
    found = held[source.key]
    return found if isinstance(found, str) else json.dumps(found)


def problem(at: Location, name: str, failed: Failed) -> Problem:
    """Tell at which value the secret is missing."""
    return Problem(at, f"the secret ${{{name}}} could not be read: {failed}")
