"""A folder of profiles, and a small model to hold them against."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import Field, SecretStr

from golive import Entry
from golive.profile import FilePath, Profile, ProfileBase, ProfileError, read, validate


class HostEntry(Entry):
    """A host."""

    name: str
    """Its domain name."""
    role: Literal["api", "app", "shop"] = "api"
    port: int = Field(443, ge=1, le=65535)
    login: SecretStr | None = None
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    files: tuple[FilePath, ...] = ()


class Model(ProfileBase):
    """A profile with hosts."""

    hosts: dict[str, HostEntry] = Field(default_factory=dict)
    ratio: float = 0.5
    strict: bool = False


class Desk:
    """A working directory with a `profiles` folder, and what the environment holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ: dict[str, str] = {"PATH": "/usr/bin:/bin"}

    def write(self, name: str, text: str | bytes) -> Path:
        """Write a file below the working directory."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def profile(self, text: str | bytes, name: str = "p") -> Path:
        """Write a profile."""
        return self.write(f"profiles/{name}.yaml", text)

    def load(self, ref: str = "p", **more: Any) -> Profile[Model]:
        """Read and validate a profile."""
        return validate(read(ref, cwd=self.folder, environ=self.environ, **more), Model)

    def problems(self, ref: str = "p", **more: Any) -> list[str]:
        """Return what is wrong with a profile, a line each."""
        with pytest.raises(ProfileError) as caught:
            self.load(ref, **more)
        assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
        return [str(problem) for problem in caught.value.problems]
