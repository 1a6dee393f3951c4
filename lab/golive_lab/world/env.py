"""The env files of the reference stack, and the repository they are in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from golive_lab.world import env_texts as texts


@dataclass(frozen=True)
class EnvFiles:
    """The texts of the env files, and the repository they are in.

    In a text `{https}`, `{api}`, `{errors}` and `{postgres}` stand for the lab's ports, `{folder}` for the folder it
    stands in, `{webhook_secret}` for what the API verifies events with.
    """

    api: str = texts.API
    web: str = texts.WEB
    api_example: str = texts.API_EXAMPLE
    web_example: str = texts.WEB_EXAMPLE
    other: str = texts.OTHER
    """Another environment's API file, with secrets of its own."""
    api_mode: int = 0o600
    committed: Literal["never", "once", "now"] = "never"
    """Whether the repository has the API's env file: never had it, had it until it was removed, has it."""
    leaked: Literal["never", "once", "now"] = "never"
    """Whether a key is in the API's code: never, until it was removed, or still."""
    shallow: bool = False
    """The repository is a clone of its last commit only, as CI makes it unless told otherwise."""
    jwt_age_days: int = 30
    """How long ago the secret of the API's tokens was changed, by what `vault kv metadata get` prints of it."""
