"""A bucket of S3 or of a compatible server, and the profile key that names it."""

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from golive import Entry, Subject, subjects
from golive.profile.types import FilePath

BucketName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
EndpointUrl = Annotated[str, StringConstraints(pattern=r"^(https?://[^\s/?#@]+/?)?$")]


class KeyEntry(BaseModel):
    """Credentials of one user of the server."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    access_key_id: SecretStr
    """The key's id."""
    secret_access_key: SecretStr
    """The key's secret."""
    session_token: SecretStr = SecretStr("")
    """The token of temporary credentials."""


class PlaceEntry(BaseModel):
    """A bucket, the server that holds it, and with whose credentials golive asks for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    bucket: BucketName
    """The bucket's own name."""
    endpoint_url: EndpointUrl = ""
    """The URL of a compatible server; empty: Amazon's."""
    region: str = ""
    """The bucket's region; empty: aws.region of the profile."""
    path_style: bool = False
    """Whether the bucket's name is in the path and not in the host, as many compatible servers want it."""
    ca_file: FilePath = ""
    """A PEM file with the roots to trust for the endpoint instead of the usual ones."""
    key: KeyEntry | None = None
    """The credentials to ask with; none: those that the AWS command line would find."""


class BucketEntry(PlaceEntry, Entry):
    """A bucket that the application keeps files in."""

    audit_key: KeyEntry | None = None
    """The credentials of an auditor, who may read the bucket's configuration; none: those of `key`."""
    prefix: str = Field(default="golive/", max_length=500)
    """Where golive may store an object of its own, and remove it again."""
    account_id: Annotated[str, StringConstraints(pattern=r"^(\d{12})?$")] = ""
    """The AWS account, where its block of public access should count too; in quotes, it may begin with 0."""


@dataclass(frozen=True)
class Key:
    """Credentials of one user of the server."""

    access_key_id: SecretStr = field(repr=False)
    secret_access_key: SecretStr = field(repr=False)
    session_token: SecretStr = field(default=SecretStr(""), repr=False)


@dataclass(frozen=True)
class BucketPlace:
    """A bucket, the server that holds it, and with whose credentials it is asked for: None for AWS's usual chain."""

    bucket: str
    endpoint_url: str = ""
    region: str = ""
    path_style: bool = False
    ca_file: str = ""
    key: Key | None = None


@dataclass(frozen=True)
class Bucket(Subject):
    """A bucket by its name in the profile: as the application asks for it, and as the auditor does."""

    app: BucketPlace = field(default_factory=lambda: BucketPlace(""))
    audit: BucketPlace = field(default_factory=lambda: BucketPlace(""))
    prefix: str = "golive/"
    account_id: str = ""
    by_auditor: bool = False
    """The profile gives the auditor a key of its own. Told apart here, as a record masks both keys the same way."""


def place_of(entry: PlaceEntry, key: KeyEntry | None) -> BucketPlace:
    """Return the place of an entry, with these credentials."""
    return BucketPlace(
        entry.bucket,
        entry.endpoint_url,
        entry.region,
        entry.path_style,
        entry.ca_file,
        Key(key.access_key_id, key.secret_access_key, key.session_token) if key else None,
    )


@subjects("buckets", empty="the profile declares no bucket")
def buckets(key: str, entry: BucketEntry) -> tuple[Bucket, ...]:
    """Name the buckets of the profile."""
    return (
        Bucket(
            key,
            app=place_of(entry, entry.key),
            audit=place_of(entry, entry.audit_key or entry.key),
            prefix=entry.prefix,
            account_id=entry.account_id,
            by_auditor=entry.audit_key is not None,
            own=entry.own(),
        ),
    )
