"""A JSON Schema of profiles, so that editors complete keys, show what they mean and mark slips as they are typed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema, to_jsonable_python

from golive.profile.documented import attribute_docs, first_paragraph
from golive.profile.examples import exemplify

DIALECT = "https://json-schema.org/draft/2020-12/schema"
VARIABLE = {
    "description": "A text with a variable in it, allowed wherever a single value is.",
    "type": "string",
    "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^${}]*)?\}",
}
NARROWED = frozenset(
    ("enum", "const", "pattern", "format", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum")
)


NOTHING = ("null", '""', "[]", "{}")
"""Defaults that stand for nothing, and are not worth a line."""
SHOWN_BESIDE = ("description", "markdownDescription", "default", "examples")
"""What an editor shows of a key, whatever its value may be."""


class DescribedSchema(GenerateJsonSchema):
    """Take descriptions from the text under each field, and its default from the field."""

    schema_dialect = DIALECT

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Describe a model and its fields."""
        found = super().model_schema(schema)
        cls = schema["cls"]
        texts = attribute_docs(cls)
        by_key = {field.alias or name: texts.get(name) for name, field in cls.model_fields.items()}
        defaults = {field.alias or name: field for name, field in cls.model_fields.items() if not field.is_required()}
        for key, value in found.get("properties", {}).items():
            if text := by_key.get(key):
                value.setdefault("description", text)
            if "description" in value:
                value["description"] = first_paragraph(value["description"])
            value.pop("title", None)
            value.pop("default", None)
            if key in defaults:
                value["default"] = default_of(defaults[key])
        found["description"] = first_paragraph(cls.__doc__ or cls.__base__.__doc__ or "")
        return found


def default_of(field: FieldInfo) -> Any:
    """Return what a key that is left out stands for, as JSON; for a part of the profile, an empty one."""
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, BaseModel):
        return {}
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return to_jsonable_python(value)


def schema(model: type[BaseModel], profiles: Iterable[Any] = ()) -> dict[str, Any]:
    """Return the JSON Schema of profiles that `model` validates, with examples from these profiles."""
    found = model.model_json_schema(schema_generator=DescribedSchema)
    exemplify(found, profiles)
    definitions = found.pop("$defs", {})
    root = {"$schema": DIALECT, **relaxed(found), "title": "golive profile"}
    relaxed_definitions = {name: relaxed(definition) for name, definition in definitions.items()}
    for part in (root, *relaxed_definitions.values()):
        for value in part.get("properties", {}).values():
            if text := inherited(value, relaxed_definitions):
                value.setdefault("description", text)
            value["markdownDescription"] = taught(value)
    return {**root, "$defs": {**relaxed_definitions, "variable": VARIABLE}}


def taught(key: Mapping[str, Any]) -> str:
    """Return what an editor shows of a key, as Markdown: what it is, and what it is where it is left out."""
    default = json.dumps(key["default"], ensure_ascii=False) if "default" in key else ""
    left_out = "Required." if not default else f"Default: `{default}`" if default not in NOTHING else ""
    return "\n\n".join(filter(None, (key.get("description", ""), left_out)))


def inherited(node: Any, definitions: Mapping[str, Any]) -> str:
    """Return the description of the part that stands at a key; empty where there is none."""
    if not isinstance(node, dict):
        return ""
    name = str(node.get("$ref", "")).rpartition("/")[2]
    own = str(definitions.get(name, {}).get("description", ""))
    below = (*node.get("anyOf", ()), *node.get("oneOf", ()), node.get("additionalProperties"), node.get("items"))
    return own or next(filter(None, (inherited(part, definitions) for part in below)), "")


def schema_text(model: type[BaseModel], profiles: Iterable[Any] = ()) -> str:
    """Return the JSON Schema as a file holds it."""
    return json.dumps(schema(model, profiles), indent=2, ensure_ascii=False) + "\n"


def relaxed(node: Any) -> Any:
    """Let variables, inherited keys and `null` (which removes an inherited key) stand where a profile may have them.

    A file that extends another need not repeat what that one holds, so no key of a mapping is demanded here:
    `golive profile check` looks at the whole.
    """
    if isinstance(node, list):
        return [relaxed(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: relaxed_part(key, value) for key, value in node.items() if key != "required"}
    if wants_variable(node):
        described = {key: kept.pop(key) for key in (*SHOWN_BESIDE, "title") if key in kept}
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
    described = {key: node[key] for key in SHOWN_BESIDE if key in node}
    inner = {key: value for key, value in node.items() if key not in described}
    options = inner["anyOf"] if set(inner) == {"anyOf"} else [inner]
    if {"type": "null"} in options:
        return {**described, "anyOf": options}
    return {**described, "anyOf": [*options, {"type": "null"}]}
