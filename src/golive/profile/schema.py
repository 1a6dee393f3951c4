"""A JSON Schema of profiles, so that editors complete keys, show what they mean and mark slips as they are typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from golive.profile.documented import attribute_docs, first_paragraph

DIALECT = "https://json-schema.org/draft/2020-12/schema"
VARIABLE = {
    "description": "A text with a variable in it, allowed wherever a single value is.",
    "type": "string",
    "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^${}]*)?\}",
}
NARROWED = frozenset(
    ("enum", "const", "pattern", "format", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum")
)


class DescribedSchema(GenerateJsonSchema):
    """Take descriptions from the text under each field."""

    schema_dialect = DIALECT

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Describe a model and its fields."""
        found = super().model_schema(schema)
        cls = schema["cls"]
        texts = attribute_docs(cls)
        by_key = {field.alias or name: texts.get(name) for name, field in cls.model_fields.items()}
        for key, value in found.get("properties", {}).items():
            if text := by_key.get(key):
                value.setdefault("description", text)
            if "description" in value:
                value["description"] = first_paragraph(value["description"])
            value.pop("title", None)
        found["description"] = first_paragraph(cls.__doc__ or cls.__base__.__doc__ or "")
        return found


def schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of profiles that `model` validates."""
    found = model.model_json_schema(schema_generator=DescribedSchema)
    definitions = found.pop("$defs", {})
    root = {"$schema": DIALECT, **relaxed(found), "title": "golive profile"}
    relaxed_definitions = {name: relaxed(definition) for name, definition in definitions.items()}
    for part in (root, *relaxed_definitions.values()):
        for value in part.get("properties", {}).values():
            if text := inherited(value, relaxed_definitions):
                value.setdefault("description", text)
    return {**root, "$defs": {**relaxed_definitions, "variable": VARIABLE}}


def inherited(node: Any, definitions: Mapping[str, Any]) -> str:
    """Return the description of the part that stands at a key; empty where there is none."""
    if not isinstance(node, dict):
        return ""
    name = str(node.get("$ref", "")).rpartition("/")[2]
    own = str(definitions.get(name, {}).get("description", ""))
    below = (*node.get("anyOf", ()), *node.get("oneOf", ()), node.get("additionalProperties"), node.get("items"))
    return own or next(filter(None, (inherited(part, definitions) for part in below)), "")


def schema_text(model: type[BaseModel]) -> str:
    """Return the JSON Schema as a file holds it."""
    return json.dumps(schema(model), indent=2, ensure_ascii=False) + "\n"


def relaxed(node: Any) -> Any:
    """Let variables, inherited keys and `null` (which removes an inherited key) stand where a profile may have them.

    A file that extends another need not repeat what that one holds, so no key of a mapping is demanded here:
    `golive profile check` looks at the whole.
    """
    if isinstance(node, list):
        return [relaxed(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: relaxed_part(key, value) for key, value in node.items() if key not in {"required", "default"}}
    if wants_variable(node):
        described = {key: kept.pop(key) for key in ("description", "title") if key in kept}
        return {**described, "anyOf": [kept, {"$ref": "#/$defs/variable"}]}
    return kept


def relaxed_part(key: str, value: Any) -> Any:
    """Relax what holds further schemas; everything else (an enum's words, an example) stays as it is."""
    if key == "properties":
        return {name: removable(relaxed(inner)) for name, inner in value.items()}
    if key in {"additionalProperties", "patternProperties"} and isinstance(value, dict):
        return removable(relaxed(value)) if key == "additionalProperties" else relaxed_part("properties", value)
    if key in {"items", "anyOf", "oneOf", "allOf", "prefixItems"}:
        return relaxed(value)
    return value


def wants_variable(node: Mapping[str, Any]) -> bool:
    """Tell a schema of a single value that a text with a variable would not satisfy."""
    kind = node.get("type")
    return kind in {"integer", "number", "boolean"} or (
        (kind == "string" or "enum" in node or "const" in node) and bool(NARROWED & node.keys())
    )


def removable(node: dict[str, Any]) -> dict[str, Any]:
    """Let `null` stand for a key's value."""
    described = {key: node[key] for key in ("description",) if key in node}
    inner = {key: value for key, value in node.items() if key not in described}
    options = inner["anyOf"] if set(inner) == {"anyOf"} else [inner]
    if {"type": "null"} in options:
        return {**described, "anyOf": options}
    return {**described, "anyOf": [*options, {"type": "null"}]}
