"""A profile held against the installed sections: values of the right types, every place known, no secret in sight."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from golive.model import Location
from golive.profile.base import ProfileBase
from golive.profile.document import ProfileDocument, plain
from golive.profile.problems import Problem, ProfileError
from golive.profile.translate import translate
from golive.profile.tree import MASK, Items, Leaf, Node, Route, YamlMapping, places, walk
from golive.secret_parts import PART, parts
from golive.tokens import without_tokens

M = TypeVar("M", bound=ProfileBase)

LONG_SECRET = 6
"""A secret this long is masked inside a longer text too; a shorter one would mask half the words."""


@dataclass(frozen=True)
class Profile(Generic[M]):
    """A validated profile. `data` holds the settings, everything else describes them."""

    data: M
    name: str
    """As the user gave it: a name or a path."""
    path: Path
    base_dir: Path
    digest: str
    """SHA-256 of the merged document, secrets masked: what the report says was asked for."""
    document: Mapping[str, Any]
    """The merged document as plain JSON data, secrets masked, paths from the profile's folder."""
    places: Mapping[Route, Location] = field(repr=False)
    sources: Mapping[Route, str] = field(default_factory=dict, repr=False)
    """Which variables, from where, a value was filled in from."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Every secret value, longest first, for the report's last line of defence."""

    def location_of(self, route: Route) -> Location:
        """Return where `route` stands, or the nearest thing above it that does."""
        while route and route not in self.places:
            route = route[:-1]
        return self.places.get(route, Location(self.name))

    @property
    def masked(self) -> dict[str, Any]:
        """Everything that `from_masked` needs to make this profile again, as JSON data without a secret."""
        stand = [[list(route), at.file, at.line, at.column] for route, at in self.places.items()]
        return {
            "name": self.name,
            "path": str(self.path),
            "base_dir": str(self.base_dir),
            "digest": self.digest,
            "document": dict(self.document),
            "places": stand,
        }


def validate(document: ProfileDocument, model: type[M]) -> Profile[M]:
    """Hold a document against `model`. Raises ProfileError with every problem there is."""
    problems = list(document.problems)
    paths: dict[int, str] = {}
    values = plain(document.root)
    try:
        data = model.model_validate(values, context={"base_dir": document.base_dir, "paths": paths})
    except ValidationError as error:
        data = None
        problems += translate(error, model, document.root)
    except Exception as error:  # noqa: BLE001 - a validator of a section or plugin, which may do anything
        data = None
        text = f"a defect in the settings of a section: {type(error).__name__}; golive list shows which are installed"
        problems.append(Problem(Location(document.name), text))
    if data is None or problems:
        raise ProfileError(*(redacted(problem, document) for problem in problems))
    secret_at = dict(secrets_in(data))
    # Longest first: where one secret contains another, masking the shorter one would leave the rest of it readable.
    secrets = tuple(sorted({*document.secrets, *secret_at.values()} - {"", MASK}, key=lambda s: (-len(s), s)))
    masked = Masker(secret_at, secrets, paths, document.base_dir).mask(document.root, values)
    return Profile(
        data=data,
        name=document.name,
        path=document.path,
        base_dir=document.base_dir,
        digest=hashlib.sha256(json.dumps(masked, sort_keys=True, separators=(",", ":")).encode()).hexdigest(),
        document=masked,
        places=places(document.root),
        sources={
            route: ", ".join(node.used) for route, node in walk(document.root) if isinstance(node, Leaf) and node.used
        },
        secrets=secrets,
    )


def from_masked(masked: Mapping[str, Any], model: type[M]) -> Profile[M]:
    """Make a profile again from `Profile.masked`, its secrets still masked. Raises ProfileError."""
    try:
        stand = {tuple(route): Location(file, line, column) for route, file, line, column in masked["places"]}
        base_dir, name, document = Path(masked["base_dir"]), str(masked["name"]), masked["document"]
        path, digest = Path(masked["path"]), str(masked["digest"])
    except (KeyError, TypeError, ValueError):
        raise ProfileError(Problem(Location("facts"), "no golive profile is recorded there")) from None
    try:
        data = model.model_validate(document, context={"base_dir": base_dir})
    except ValidationError as error:
        raise ProfileError(*translate(error, model, recorded(document, Location(name), base_dir))) from None
    return Profile(data, name, path, base_dir, digest, document, stand)


def recorded(value: Any, at: Location, folder: Path) -> Node:
    """Return recorded data as a tree, so that its problems can be reported; its places are those of the whole."""
    if isinstance(value, dict):
        return YamlMapping({str(key): recorded(below, at, folder) for key, below in value.items()}, at)
    if isinstance(value, list):
        return Items(tuple(recorded(below, at, folder) for below in value), at)
    return Leaf(value, at, folder)


def redacted(problem: Problem, document: ProfileDocument) -> Problem:
    """Take secrets out of a message that a section's own validator wrote."""
    text = problem.text
    for secret in sorted((s for s in document.secrets if len(s) >= LONG_SECRET), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return Problem(problem.at, text)


def secrets_in(value: Any, route: Route = ()) -> Iterator[tuple[Route, str]]:
    """Yield every secret of a validated value with its route."""
    if isinstance(value, SecretStr):
        yield route, value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            yield from secrets_in(getattr(value, name), (*route, info.alias or name))
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from secrets_in(below, (*route, str(key)))
    elif isinstance(value, list | tuple | set | frozenset):
        for index, below in enumerate(value):
            yield from secrets_in(below, (*route, index))


@dataclass(frozen=True)
class Masker:
    """Write a document down without its secrets, and with paths that mean the same in another checkout."""

    secret_at: Mapping[Route, str]
    secrets: tuple[str, ...]
    paths: Mapping[int, str]
    base_dir: Path

    def mask(self, node: Node, value: Any, route: Route = ()) -> Any:
        """Return `node`, whose plain value is `value`, as JSON data."""
        if isinstance(node, YamlMapping):
            return {key: self.mask(below, value[key], (*route, key)) for key, below in node.entries.items()}
        if isinstance(node, Items):
            return [self.mask(below, value[i], (*route, i)) for i, below in enumerate(node.items)]
        if node.secret or route in self.secret_at:
            return MASK
        if not isinstance(node.value, str):
            return node.value
        if id(value) in self.paths and not os.path.isabs(node.value):  # noqa: PTH117 - a text, not yet a path
            return os.path.relpath(self.paths[id(value)], self.base_dir)
        return self.without_secrets(node.value)

    def without_secrets(self, text: str) -> str:
        """Mask every secret that `text` is or holds, and tokens that stand where no secret is expected."""
        for secret in self.secrets:
            if text == secret or (len(secret) >= LONG_SECRET and secret in text):
                text = text.replace(secret, MASK)
            for part in parts(secret):  # a shorter one may be a word that the profile says for itself
                text = text.replace(part, MASK) if len(part) >= PART else text
        return without_tokens(text)
