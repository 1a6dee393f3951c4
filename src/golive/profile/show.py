"""A profile as it counts: merged, filled in, with where each value came from, secrets masked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from json import dumps
from typing import Any

from golive.model import Location
from golive.profile.base import ProfileBase
from golive.profile.document import plain
from golive.profile.presets import preset
from golive.profile.problems import UNPRINTABLE
from golive.profile.profile import Profile
from golive.profile.tree import Route
from golive.profile.yamlfile import read_yaml

COLUMN = 44
"""Where the places begin, unless the value is longer."""


def show(profile: Profile[ProfileBase]) -> str:
    """List a profile as YAML, each value with the place that gave it in a comment."""
    head = f"# {profile.name}: {profile.path}\n# digest {profile.digest}\n"
    return head + "".join(f"{line}\n" for line in lines(profile, profile.document, ()))


def show_json(profile: Profile[ProfileBase]) -> str:
    """List a profile as JSON: the merged document, and where each value stands."""
    origins = [
        {
            "path": list(route),
            "file": at.file,
            "line": at.line,
            "column": at.column,
            **({"from": profile.sources[route]} if route in profile.sources else {}),
        }
        for route, at in profile.places.items()
        if route
    ]
    fields = {
        "name": profile.name,
        "path": str(profile.path),
        "digest": profile.digest,
        "profile": profile.document,
        "origins": origins,
    }
    return dumps(fields, indent=2, ensure_ascii=False) + "\n"


def show_preset(ref: str, *, json: bool) -> str:
    """Return a preset as it comes with golive, comments included, or its content as JSON."""
    path = preset(ref, Location(ref))
    if json:
        return dumps(plain(read_yaml(path, ref, [])), indent=2, ensure_ascii=False) + "\n"
    return path.read_text(encoding="utf-8")


def lines(profile: Profile[ProfileBase], value: Any, route: Route) -> Iterator[str]:
    """Yield the lines of a list or a mapping."""
    pad = "  " * len(route)
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from entry(profile, f"{pad}{key_text(str(key))}:", below, (*route, str(key)))
    else:
        for index, below in enumerate(value):
            yield from entry(profile, f"{pad}-", below, (*route, index))


def entry(profile: Profile[ProfileBase], head: str, value: Any, route: Route) -> Iterator[str]:
    """Yield one entry: its value beside its head, or below it."""
    if isinstance(value, Mapping | list) and value:
        yield commented(head, profile, route)
        yield from lines(profile, value, route)
    else:
        yield commented(f"{head} {dumps(value, ensure_ascii=False)}", profile, route)


def key_text(key: str) -> str:
    """Write a key so that YAML reads it as the same text."""
    return key if key.replace("_", "").replace("-", "").replace(".", "").isalnum() else dumps(key)


def commented(text: str, profile: Profile[ProfileBase], route: Route) -> str:
    """Put a value's origin behind it."""
    filled = f", {profile.sources[route]}" if route in profile.sources else ""
    return UNPRINTABLE.sub(" ", f"{text:<{COLUMN}}  # {profile.location_of(route)}{filled}")
