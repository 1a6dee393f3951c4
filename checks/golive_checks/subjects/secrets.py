"""A secret that must be changed from time to time, and the profile key that says where its age is seen."""

import datetime as dt
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from golive import Entry, Subject, subjects

KINDS = ("secrets_manager", "ssm", "vault", "changed_on")


class VaultEntry(BaseModel):
    """A secret of Vault's KV version 2, or of OpenBao's: its metadata by a command, or over HTTP."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    command: tuple[str, ...] = ()
    """[vault, kv, metadata, get, -format=json, -mount=secret, afrigest/jwt], also by ssh."""
    url: str = Field(default="", pattern=r"^(https://[^\s@?#]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?)?$")
    """Or its address, such as https://vault.example.com: over https, but for one on this machine."""
    path: str = Field(default="", pattern=r"^[A-Za-z0-9_./-]*$")
    """There: mount, metadata and name, such as secret/metadata/afrigest/jwt."""
    token: SecretStr = SecretStr("")
    """A token whose policy allows `read` of that path, and no more."""
    namespace: str = Field(default="", pattern=r"^[A-Za-z0-9_./-]*$")
    """The namespace, where it has any."""

    @model_validator(mode="after")
    def _one_way(self) -> "VaultEntry":
        if bool(self.command) == bool(self.url) or bool(self.url) != bool(self.path):
            raise ValueError("needs either command, or url with path and token")
        return self


class SecretEntry(Entry):
    """A secret whose age is judged; exactly one of secrets_manager, ssm, vault, changed_on."""

    secrets_manager: str = ""
    """The name or ARN of a secret of Secrets Manager."""
    ssm: str = ""
    """The name of a parameter of SSM."""
    vault: VaultEntry | None = None
    """A secret of Vault's."""
    changed_on: dt.date | None = None
    """The day on which it was last changed, if no system knows it."""

    @model_validator(mode="after")
    def _one_kind(self) -> "SecretEntry":
        given = [name for name in KINDS if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of {', '.join(KINDS)}; has {' and '.join(given) or 'none'}")
        return self


@dataclass(frozen=True)
class Vault:
    """Where a secret's metadata is read."""

    command: tuple[str, ...] = ()
    url: str = ""
    path: str = ""
    token: SecretStr = field(default=SecretStr(""), repr=False)
    namespace: str = ""


@dataclass(frozen=True)
class Secret(Subject):
    """A secret by its name in the profile, such as jwt."""

    secrets_manager: str = ""
    ssm: str = ""
    vault: Vault | None = None
    changed_on: dt.date | None = None


@subjects("secrets", empty="the profile names no secret whose age is judged (secrets:)")
def secrets(key: str, entry: SecretEntry) -> tuple[Secret, ...]:
    """Name the secrets of the profile."""
    return (
        Secret(
            key,
            secrets_manager=entry.secrets_manager,
            ssm=entry.ssm,
            vault=Vault(**dict(entry.vault)) if entry.vault else None,
            changed_on=entry.changed_on,
            own=entry.own(),
        ),
    )
