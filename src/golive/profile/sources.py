"""The places that hold secrets, as a profile writes them."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from golive.profile.problems import quoted, quoted_path
from golive.profile.types import FilePath

Text = Annotated[str, Field(min_length=1)]


class ValueSource(BaseModel):
    """A place that holds secrets."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class FileSource(ValueSource):
    """A file whose whole text, without its last line break, is the secret."""

    file: FilePath
    """The file, from the folder of the profile that names it."""


class SecretsManagerSource(ValueSource):
    """A secret of AWS Secrets Manager."""

    aws_secrets_manager: Text
    """The secret's name or ARN."""
    key: str = ""
    """The key to take where the secret is a JSON object."""
    region: str = ""
    """The AWS region; by default the one AWS's own settings name."""
    endpoint: str = ""
    """Another address of the service, such as a VPC endpoint."""


class ParameterSource(ValueSource):
    """A parameter of AWS Systems Manager, decrypted."""

    ssm: Text
    """The parameter's name."""
    region: str = ""
    """The AWS region; by default the one AWS's own settings name."""
    endpoint: str = ""
    """Another address of the service, such as a VPC endpoint."""


class CommandSource(ValueSource):
    """A command whose output, without its last line break, is the secret: `[vault, read, -field=key, kv/app]`."""

    command: Annotated[tuple[Text, ...], Field(min_length=1)]
    """The program and its arguments. No shell reads them. It starts in the folder of the profile."""


AnySource: TypeAlias = FileSource | SecretsManagerSource | ParameterSource | CommandSource
KINDS = ("file", "aws_secrets_manager", "ssm", "command")


def kind_of(value: Any) -> str | None:
    """Tell a source by its key. The tags stand in brackets, so that no key is taken for one."""
    return next((f"<{kind}>" for kind in KINDS if kind in value), None) if isinstance(value, dict) else None


SecretSource = Annotated[
    Annotated[FileSource, Tag("<file>")]
    | Annotated[SecretsManagerSource, Tag("<aws_secrets_manager>")]
    | Annotated[ParameterSource, Tag("<ssm>")]
    | Annotated[CommandSource, Tag("<command>")],
    Discriminator(
        kind_of,
        custom_error_type="source",
        custom_error_message="a secret needs one of " + ", ".join(f"{kind}:" for kind in KINDS) + " to be read from",
    ),
]
"""A source, known by its key."""


def described(source: AnySource) -> str:
    """Name a source for messages and for `golive profile show`."""
    match source:
        case FileSource(file=file):
            return f"file {quoted_path(file)}"
        case SecretsManagerSource(aws_secrets_manager=name, key=key):
            return f"AWS Secrets Manager {quoted(name)}" + (f" key {quoted(key)}" if key else "")
        case ParameterSource(ssm=name):
            return f"AWS SSM parameter {quoted(name)}"
        case CommandSource(command=command):
            return f"command {quoted(command[0])}"
