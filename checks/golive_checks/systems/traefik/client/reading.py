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
from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.caddy.client.values import pairs
from golive_checks.systems.machine.client import yamlnodes
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.nginx.client.parser import BrokenError
from golive_checks.systems.traefik.client.compose_file import RESOLVED, containers
from golive_checks.systems.traefik.client.containers import Container, declared, image_is_older, installed
from golive_checks.systems.traefik.client.setup import TraefikSetup
from golive_checks.systems.traefik.client.values import Tree, lowered, merged, pick

MAX_BYTES = 5_000_000
FROM_ENVIRONMENT = re.compile(r"\{\{-?\s*env\s+[\"`](\w+)[\"`]\s*-?\}\}", re.ASCII)
KINDS = ("routers", "services", "middlewares", "serverstransports", "tcprouters")


async def setup(proxy: ReverseProxy, files: Files, command: CommandRunner) -> TraefikSetup:
    """Read what a Traefik is told.

    Raises:
        BrokenError: Traefik would refuse a file.
        Unavailable: a part could not be read.
    """
    older = proxy.version.startswith("2.")
    versioned = bool(proxy.version)
    static: Tree = await _file(proxy.main, proxy, files) if proxy.main else {}
    if proxy.command:
        dynamic = await _printed(proxy.command, command)
        providers = {name.partition("@")[2] for kind in KINDS for name in dynamic.get(kind, ())}
        return TraefikSetup(proxy.main or proxy.command[0], static, dynamic, frozenset(providers), {}, older, versioned)
    at, parts, providers = dict[str, Location](), list[Tree](), set[str]()
    for name in proxy.dynamic:
        lines = dict[str, int]()
        found = await _file(name, proxy, files, lines)
        held = {**pairs(found.get("http")), "tcprouters": pick(found, "tcp", "routers")}
        parts.append(_provided(held, "file"))
        at.update({f"{router}@file": Location(name, line) for router, line in lines.items()})
        providers.add("file")
    composed = {
        name: list(containers(await files.text(name, MAX_BYTES), name, dict(proxy.variables))) for name in proxy.compose
    }
    _refuse_overrides(composed)
    own = [each for there in composed.values() for each in there if each.is_traefik]
    # Where Traefik finds a file it looks at no flags.
    static = static or merged(*(installed(each) for each in own))
    older = older or any(image_is_older(each.image) for each in own)
    for name, there in composed.items():
        provider, tree, places = declared(there, static, name)
        parts.append(_provided(tree, provider))
        at.update({f"{router}@{provider}": place for router, place in places.items()})
        providers.add(provider)
    first = next(iter((proxy.main, *proxy.dynamic, *proxy.compose)))
    _refuse_unread(pairs(static.get("providers")), providers)
    return TraefikSetup(first, static, _joined(parts), frozenset(providers), at, older, versioned or bool(own))


def _refuse_overrides(composed: Mapping[str, list[Container]]) -> None:
    names = [each.name for there in composed.values() for each in there]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise Unavailable(f"several Compose files have the service {twice}: one may override another", fix=RESOLVED)


def _refuse_unread(declared: Mapping[str, Any], read: set[str]) -> None:
    """Refuse to judge where a provider was not read: its routers may come before all others."""
    asked = {name for name, held in declared.items() if held != "false" and name != "providersthrottleduration"}
    if unread := sorted(asked - read):
        raise Unavailable(
            f"Traefik has the provider {unread[0]} as well, and golive did not see what that declares",
            fix="Name its files under `dynamic` or `compose`, or a command that prints /api/rawdata.",
        )
    if asked and (idle := sorted(read - asked)):
        raise Unavailable(
            f"Traefik's own configuration does not have the provider {idle[0]}: it reads none of those files",
            fix=f"Add providers.{idle[0]} to it, or take the files out of the entry.",
        )


def _joined(parts: list[Tree]) -> Tree:
    """Lay together what files declare.

    Raises:
        Unavailable: two of them declare something differently.
    """
    done: Tree = {}
    for part in parts:
        for kind, held in part.items():
            known = done.setdefault(kind, {})
            for name, each in held.items():
                if known.setdefault(name, each) != each:
                    raise Unavailable(f"two files declare {name} of {kind} differently", fix=RESOLVED)
    return done


def _provided(tree: Mapping[str, Any], provider: str) -> Tree:
    """Add the provider to every name."""
    held = {kind: found for kind in KINDS if isinstance(found := tree.get(kind), dict)}
    return {kind: {f"{name}@{provider}": each for name, each in found.items()} for kind, found in held.items()}


async def _printed(argv: tuple[str, ...], command: CommandRunner) -> Tree:
    ran, what = await command.run(argv), argv[0]
    if ran.code:
        raise Unavailable(f"`{what}` ended with {ran.code}: {ran.last_words() or 'it printed nothing'}")
    try:
        found = json.loads(ran.stdout)
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


async def _file(name: str, proxy: ReverseProxy, files: Files, lines: dict[str, int] | None = None) -> Tree:
    """Read a file of YAML or TOML; `lines` gets the line of each router of YAML, in a dynamic file."""
    text = await files.text(name, MAX_BYTES)
    if lines is not None:  # the static file is no template
        text = _without_templates(text, name, dict(proxy.variables))
    if name.endswith(".toml"):
        try:
            return dict(lowered(tomllib.loads(text)))
        except tomllib.TOMLDecodeError as error:
            raise BrokenError(f"it is not TOML: {error}", Location(name)) from None
        except RecursionError:
            raise Unavailable(f"{name} is nested deeper than golive follows") from None
    nodes = yamlnodes.documents(text, name)
    root = nodes[0] if nodes else None
    if lines is not None:
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
        held = {name.lower(): value for name, value in yamlnodes.pairs(node).items()}
        return {name: _plain(value) for name, value in held.items() if not _is_null(value)}
    if node.id == "sequence":
        return [_plain(each) for each in node.value]
    return "" if _is_null(node) else str(node.value)


def _is_null(node: Any) -> bool:
    return bool(node.id == "scalar" and node.tag.endswith(":null"))
