"""What a model allows at a place: the declared types that a route leads to."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr

from golive.profile.tree import Route
from golive.profile.types import Formerly


def arms(annotation: Any) -> Iterator[Any]:
    """Yield the plain types that an annotation is made of, unions taken apart and decoration taken off."""
    if hasattr(annotation, "__value__"):  # a `type` alias, which 3.11 cannot name
        yield from arms(annotation.__value__)
    elif get_origin(annotation) is Annotated:
        yield from arms(get_args(annotation)[0])
    elif get_origin(annotation) in {Union, types.UnionType}:
        for arm in get_args(annotation):
            yield from arms(arm)
    else:
        yield annotation


def is_model(annotation: Any) -> bool:
    """Tell a pydantic model."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def fields(model: type[BaseModel]) -> dict[str, Any]:
    """Return a model's fields, by the key that a profile writes, with their types."""
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def demanded(model: type[BaseModel]) -> set[str]:
    """Return the keys that a model cannot do without."""
    return {field.alias or name for name, field in model.model_fields.items() if field.is_required()}


def step(annotation: Any, key: str | int) -> list[Any]:
    """Return the types that stand at `key` of a value of this plain type."""
    if is_model(annotation):
        found = fields(annotation)
        return [found[str(key)]] if key in found else []
    origin, inner = get_origin(annotation), get_args(annotation)
    if not isinstance(origin, type):
        return []
    if issubclass(origin, Mapping):
        return [inner[1]]
    if origin is tuple and isinstance(key, int) and Ellipsis not in inner:
        return [inner[key]] if key < len(inner) else []
    if issubclass(origin, Sequence | set | frozenset) and isinstance(key, int):
        return [inner[0]]
    return []


def at(model: type[BaseModel], route: Route) -> list[Any]:
    """Return the plain types that `route` leads to; a step that leads nowhere is passed over (a union's label)."""
    here: list[Any] = [model]
    for key in route:
        below = [arm for annotation in here for found in step(annotation, key) for arm in arms(found)]
        here = below or here
    return here


def holds_secret(annotation: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Return whether a value of this type is a secret or has one anywhere inside."""
    for arm in arms(annotation):
        if arm in {SecretStr, SecretBytes}:
            return True
        if is_model(arm):
            if arm not in seen and any(holds_secret(field, seen | {arm}) for field in fields(arm).values()):
                return True
        elif any(holds_secret(inner, seen) for inner in get_args(arm) if not isinstance(inner, str)):
            return True
    return False


def renamed(model: type[BaseModel], key: str) -> str:
    """Return the field that had `key` for its name once; empty where none had."""
    fields = model.model_fields.items()
    return next((name for name, info in fields if Formerly(key) in info.metadata), "")
