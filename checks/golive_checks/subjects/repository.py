"""The git repository that is deployed, and the profile key that names it."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo

from golive import Entry, Subject, subjects
from golive.profile.types import resolved


def _folder(value: Any, info: ValidationInfo) -> Any:
    """Take the folder from where the profile lies; an empty text names none."""
    return value if value == "" else resolved(value, info)


class RepositoryEntry(Entry):
    """The git repository that is deployed."""

    path: Annotated[str, BeforeValidator(_folder)]
    """Its folder, such as `..`; empty: there is none here."""


@dataclass(frozen=True)
class Repository(Subject):
    """A git repository, by the name of its folder."""

    path: str = ""


@subjects("repository", empty="the profile names no repository (repository.path)")
def repositories(entry: RepositoryEntry) -> tuple[Repository, ...]:
    """Name the repository of the profile."""
    return (Repository(PurePath(entry.path).name, path=entry.path, own=entry.own()),) if entry.path else ()
