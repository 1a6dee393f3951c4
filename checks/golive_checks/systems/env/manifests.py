"""Variables as Docker Compose, Kubernetes and Render write them down."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from golive import Unavailable
from golive_checks.interpolation import InvalidError, replaced
from golive_checks.systems.env.dialects import Dialect
from golive_checks.systems.env.oddities import EnvOddity, OddityKind
from golive_checks.systems.env.reading import Assigned, EnvReader, EnvReading
from golive_checks.systems.machine.client import yamlnodes as y

EXPANDED = re.compile(r"\$(?:\{[A-Za-z_]|[A-Za-z_])")
"""What a shell would replace, and Render does not."""


@dataclass(frozen=True)
class ServiceEnvFile:
    """An env file of a Compose service. `read_as` is Docker's where its format is `raw`."""

    name: str
    required: bool
    read_as: Dialect


def compose_env_files(text: str, file: str, service: str) -> tuple[ServiceEnvFile, ...]:
    """Name the env files of a service, in the order in which they overrule each other."""
    node = _service(text, file, service).get("env_file")
    found = []
    for entry in [node] if y.scalar(node) else y.items(node):
        fields = y.pairs(entry)
        if name := y.scalar(entry) or y.scalar(fields.get("path")):
            raw = y.scalar(fields.get("format")) == "raw"
            required = y.scalar(fields.get("required")) != "false"
            found.append(ServiceEnvFile(name, required, "docker" if raw else "compose"))
    return tuple(found)


def read_compose(text: str, file: str, service: str, known: Mapping[str, Assigned]) -> EnvReading:
    """Read a service's `environment`, interpolated from `known`: the .env file beside the Compose file."""
    reader = EnvReader(file)
    node = _service(text, file, service).get("environment")
    for name, value in y.pairs(node).items():
        _take(reader, name, y.scalar(value), y.line(value), known)
    for entry in y.items(node):
        name, equals, value_text = (y.scalar(entry) or "").partition("=")
        _take(reader, name, value_text if equals else None, y.line(entry), known)
    return reader.reading()


def _service(text: str, file: str, service: str) -> dict[str, y.Node]:
    for document in y.documents(text, file):
        services = y.pairs(y.pairs(document).get("services"))
        if service in services:
            return y.pairs(services[service])
    raise Unavailable(f"{file} has no service {service!r}", fix="Name one of its services under `service`.")


def _take(reader: EnvReader, name: str, value: str | None, line: int, known: Mapping[str, Assigned]) -> None:
    if value is None:  # Compose then takes it from its own shell
        reader.assign(name, None, line)
        return
    try:
        done = replaced(value, {name: assigned.value for name, assigned in known.items()})
    except InvalidError:
        reader.note(line, name, EnvOddity(OddityKind.ODD_VARIABLE, ends="Compose"))
        reader.assign(name, None, line)
        return
    if done.missing:
        reader.note(line, name, EnvOddity(OddityKind.MADE_FROM_UNSET, done.missing))
    reader.assign(name, None if done.missing and not done.value else done.value, line)


def read_kubernetes(text: str, file: str, names: tuple[str, ...]) -> EnvReading:
    """Read the Secrets and ConfigMaps of a manifest, all or those of `names`."""
    reader, seen = EnvReader(file), False
    for document in y.documents(text, file):
        top = y.pairs(document)
        kind, name = y.scalar(top.get("kind")), y.scalar(y.pairs(top.get("metadata")).get("name"))
        if kind not in {"Secret", "ConfigMap"} or (names and name not in names):
            continue
        seen = True
        for key, node in y.pairs(top.get("data")).items():
            value = y.scalar(node) or ""
            _kubernetes_value(
                reader, key, _decoded(reader, key, value, y.line(node)) if kind == "Secret" else value, node
            )
        for key, node in y.pairs(top.get("stringData")).items():
            reader.values.pop(key, None)  # stringData overrules data, by definition
            _kubernetes_value(reader, key, y.scalar(node) or "", node)
    if not seen:
        raise Unavailable(f"{file} holds no Secret or ConfigMap" + (f" named {', '.join(names)}" if names else ""))
    return reader.reading()


def _kubernetes_value(reader: EnvReader, name: str, value: str, node: y.Node) -> None:
    if value.endswith("\n"):
        reader.note(y.line(node), name, OddityKind.LINE_BREAK)
    reader.assign(name, value, y.line(node))


def _decoded(reader: EnvReader, name: str, value: str, line: int) -> str:
    try:
        return base64.b64decode(re.sub(r"\s", "", value), validate=True).decode("utf-8", "surrogateescape")
    except (binascii.Error, ValueError):
        reader.note(line, name, OddityKind.NOT_BASE64)
        return ""


def read_render(text: str, file: str, service: str) -> EnvReading:
    """Read a service's envVars and the groups they come from (https://render.com/docs/blueprint-spec)."""
    reader = EnvReader(file)
    for document in y.documents(text, file):
        top = y.pairs(document)
        groups = {y.scalar(y.pairs(group).get("name")): group for group in y.items(top.get("envVarGroups"))}
        for node in y.items(top.get("services")):
            if y.scalar(y.pairs(node).get("name")) == service:
                for entry in y.items(y.pairs(node).get("envVars")):
                    _render_entry(reader, entry, groups)
                return reader.reading()
    raise Unavailable(f"{file} has no service {service!r}", fix="Name one of its services under `service`.")


def _render_entry(reader: EnvReader, entry: y.Node, groups: Mapping[str | None, y.Node]) -> None:
    fields = y.pairs(entry)
    group = y.scalar(fields.get("fromGroup"))
    if group is not None:
        for member in y.items(y.pairs(groups.get(group)).get("envVars")):
            _render_entry(reader, member, {})
        return
    name, value = y.scalar(fields.get("key")), y.scalar(fields.get("value"))
    if not name:
        return
    if value is not None and EXPANDED.search(value):
        reader.note(y.line(entry), name, EnvOddity(OddityKind.DOLLAR_KEPT, ("Render", "a $ name")))
    reader.assign(name, value, y.line(entry))  # without a value: sync: false, generateValue, fromDatabase …
