"""A Traefik's files, the labels of its containers, or what its own API answers.

Nothing is started and nobody is asked but the profile's own command. Variables of the machine are given by the profile.

Source: https://doc.traefik.io/traefik/reference/install-configuration/boot-environment/
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from golive import Location, Unavailable
from golive_checks.interpolation import InvalidError, replaced
from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.machine.client import yamlnodes
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.nginx.client.parser import BrokenError
from golive_checks.systems.traefik.client.containers import Container, declared, image_is_older, installed
from golive_checks.systems.traefik.client.setup import TraefikSetup
from golive_checks.systems.traefik.client.values import Tree, lowered, merged

MAX_BYTES = 5_000_000
FROM_ENVIRONMENT = re.compile(r"\{\{-?\s*env\s+[\"`](\w+)[\"`]\s*-?\}\}", re.ASCII)
KINDS = ("routers", "services", "middlewares", "serverstransports")


async def setup(proxy: ReverseProxy, files: Files, command: CommandRunner) -> TraefikSetup:
    """Read what a Traefik is told.

    Raises:
        BrokenError: Traefik would refuse a file.
        Unavailable: a part could not be read.
    """
    older = proxy.version.startswith("2.")
    static: Tree = await _file(proxy.main, proxy, files, lines={}) if proxy.main else {}
    if proxy.command:
        ran = await command.run(proxy.command)
        if ran.code:
            raise Unavailable(f"`{proxy.command[0]}` ended with {ran.code}: {ran.last_words() or 'it printed nothing'}")
        dynamic = _printed(ran.stdout, proxy.command[0])
        providers = {name.partition("@")[2] for kind in KINDS for name in dynamic.get(kind, ())}
        return TraefikSetup(proxy.main or proxy.command[0], static, dynamic, frozenset(providers), older=older)
    at, parts, providers = dict[str, Location](), list[Tree](), set[str]()
    for name in proxy.dynamic:
        lines = dict[str, int]()
        held = (await _file(name, proxy, files, lines)).get("http", {})
        parts.append(_provided(held if isinstance(held, dict) else {}, "file"))
        at.update({f"{router}@file": Location(name, line) for router, line in lines.items()})
        providers.add("file")
    for name in proxy.compose:
        containers = list(_containers(await files.text(name, MAX_BYTES), name, dict(proxy.variables)))
        own = [each for each in containers if each.is_traefik]
        static = merged(static, *(installed(each) for each in own))
        older = older or any(image_is_older(each.image) for each in own)
        provider, tree, places = declared(containers, static, name)
        parts.append(_provided(tree, provider))
        at.update({f"{router}@{provider}": place for router, place in places.items()})
        providers.add(provider)
    first = next(iter((proxy.main, *proxy.dynamic, *proxy.compose)))
    return TraefikSetup(proxy.main or first, static, merged(*parts), frozenset(providers), at, older)


def _provided(tree: Mapping[str, Any], provider: str) -> Tree:
    """Add the provider to every name."""
    held = {kind: found for kind in KINDS if isinstance(found := tree.get(kind), dict)}
    return {kind: {f"{name}@{provider}": each for name, each in found.items()} for kind, found in held.items()}


def _printed(data: bytes, what: str) -> Tree:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise Unavailable(f"what `{what}` printed is not JSON that golive can read") from None
    if not isinstance(found, dict) or not isinstance(found.get("routers"), dict):
        raise Unavailable(f"what `{what}` printed is not what Traefik's API answers at /api/rawdata: it has no routers")
    tree: Tree = lowered(found)
    left_out = [
        name for name, held in tree["routers"].items() if isinstance(held, dict) and held.get("status") == "disabled"
    ]
    if left_out:
        raise BrokenError(f"Traefik has left out the router {left_out[0]}", Location(what))
    return tree


async def _file(name: str, proxy: ReverseProxy, files: Files, lines: dict[str, int]) -> Tree:
    """Read a file of YAML or TOML; `lines` gets the line of each router of YAML."""
    text = _without_templates(await files.text(name, MAX_BYTES), name, dict(proxy.variables))
    if name.endswith(".toml"):
        try:
            return dict(lowered(tomllib.loads(text)))
        except tomllib.TOMLDecodeError as error:
            raise BrokenError(f"it is not TOML: {error}", Location(name)) from None
        except RecursionError:
            raise Unavailable(f"{name} is nested deeper than golive follows") from None
    nodes = yamlnodes.documents(text, name)
    root = nodes[0] if nodes else None
    routers = next((node for key, node in _below(root, "http") if key == "routers"), None)
    lines.update({key.lower(): line for key, line in yamlnodes.lines(routers).items()})
    found = _plain(root)
    return found if isinstance(found, dict) else {}


def _below(root: Any, name: str) -> Iterator[tuple[str, Any]]:
    for key, node in yamlnodes.pairs(root).items():
        if key.lower() == name:
            yield from ((inner.lower(), each) for inner, each in yamlnodes.pairs(node).items())


def _without_templates(text: str, name: str, variables: Mapping[str, str]) -> str:
    """Put variables into a file, which Traefik reads as a Go template."""

    def value(found: "re.Match[str]") -> str:
        if found[1] not in variables:
            raise Unavailable(
                f"{name} takes {found[1]} from the environment", fix="Give its value under `variables` of the entry."
            )
        return variables[found[1]]

    text = FROM_ENVIRONMENT.sub(value, text)
    if "{{" in "".join(line for line in text.splitlines() if not line.lstrip().startswith("#")):
        raise Unavailable(
            f"{name} is a Go template, which golive does not run",
            fix="Name a command that prints /api/rawdata of the Traefik that runs.",
        )
    return text


def _plain(node: Any) -> Any:
    """Return a node as a tree: names in lower case, scalars as texts."""
    if node is None:
        return ""
    if node.id == "mapping":
        return {name.lower(): _plain(value) for name, value in yamlnodes.pairs(node).items()}
    if node.id == "sequence":
        return [_plain(each) for each in node.value]
    return "" if node.tag.endswith(":null") else str(node.value)


def _containers(text: str, name: str, known: Mapping[str, str]) -> Iterator[Container]:
    """Yield the services of a Compose file, their labels with variables put in."""
    nodes = yamlnodes.documents(text, name)

    def filled(value: str) -> str:
        try:
            done = replaced(value, known)
        except InvalidError:
            raise BrokenError(f"Compose cannot read {value.partition('=')[0]}", Location(name)) from None
        if done.missing:
            raise Unavailable(
                f"{name} takes {', '.join(done.missing)} from the environment",
                fix="Give their values under `variables` of the entry.",
            )
        return done.value

    services = yamlnodes.pairs(nodes[0] if nodes else None).get("services")
    lines = yamlnodes.lines(services)
    for service, node in yamlnodes.pairs(services).items():
        held = yamlnodes.pairs(node)
        yield Container(
            service,
            image=yamlnodes.scalar(held.get("image")) or "",
            labels=_lines(held.get("labels"), "traefik.", filled),
            deployed=_lines(yamlnodes.pairs(held.get("deploy")).get("labels"), "traefik.", filled),
            command=tuple(filled(each) for each in _texts(held.get("command")) if each.startswith("--")),
            environment=_lines(held.get("environment"), "TRAEFIK_", filled),
            ports=tuple(_texts(held.get("expose")) or _texts(held.get("ports"))),
            line=lines.get(service, 0),
        )


def _lines(node: Any, start: str, filled: Any) -> tuple[tuple[str, str], ...]:
    """Return the entries of a mapping, or of a list of `name=value`, whose names begin so."""
    if found := yamlnodes.pairs(node):
        each = [(key, yamlnodes.scalar(value) or "") for key, value in found.items()]
    else:
        each = [(text.partition("=")[0], text.partition("=")[2]) for text in _texts(node)]
    return tuple((key, filled(value)) for key, value in each if key.lower().startswith(start.lower()))


def _texts(node: Any) -> list[str]:
    found = yamlnodes.scalar(node)
    if found is not None:
        return found.split()
    return [yamlnodes.scalar(each) or "" for each in yamlnodes.items(node)]
