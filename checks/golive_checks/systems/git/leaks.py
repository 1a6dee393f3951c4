"""Secrets in the repository: in what it tracks, and in what it ever did."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from golive import Fact, Settings, probe
from golive.profile.types import Duration
from golive_checks.subjects import Repository
from golive_checks.systems.git.client.secrets import GitSecrets, Scan


class Allowed(BaseModel):
    """What looks like a secret and is none, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    file: str = Field(min_length=1)
    """The file's path in the repository; * and ? are wild."""
    rule: str = "*"
    """The rule that a finding names, such as secret-keyword; * and ? are wild."""
    reason: str = Field(min_length=1)
    """Why nobody could use it."""


class GitScan(Settings):
    """The search of the repository and its history for secrets."""

    home: ClassVar[str] = "security.git"

    allow: tuple[Allowed, ...] = ()
    """Findings that are no secrets."""
    timeout_s: Annotated[Duration, Field(gt=0)] = 60.0
    """How long the search may take: some seconds for a million lines, and the next time for what is new alone."""


@dataclass(frozen=True)
class GitSecretsSeen(Fact):
    """What the search found, without a value."""

    scan: Scan


@probe("git.secrets")
async def git_secrets(repository: Repository, ask: GitScan, secrets: GitSecrets) -> GitSecretsSeen:
    """Look for secrets in all that the repository ever tracked."""
    return GitSecretsSeen(await secrets.scan(repository.path, ask.timeout_s))
