"""What Compose files and Kubernetes manifests say of an environment's services."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from golive_checks.init.tree import SeenInFile, Tree
from golive_checks.systems.machine.client.yamlnodes import items, pairs, scalar

COMPOSE = r"(?:docker-)?compose(?:[.-][\w-]+)*\.ya?ml"


@dataclass(frozen=True)
class ComposeService:
    """A service of a Compose file. `labels` and `health` as they are written, `environment` by name."""

    name: str
    file: str
    image: str = ""
    built: bool = False
    labels: tuple[str, ...] = ()
    health: str = ""
    environment: frozenset[str] = field(default_factory=frozenset)


def services(tree: Tree) -> tuple[ComposeService, ...]:
    """Return the services of the Compose files that this environment may run, or of all where none is for it."""
    files = list(tree.deployed(COMPOSE)) or [f for f in tree.called(COMPOSE) if tree.in_product(f)]
    return tuple(service for file in files for service in _services(tree, file))


def _services(tree: Tree, file: str) -> Iterator[ComposeService]:
    for document in tree.yaml(file)[:1]:
        for name, node in pairs(pairs(document).get("services")).items():
            has = pairs(node)
            given = has.get("environment")
            yield ComposeService(
                name,
                file,
                image=scalar(has.get("image")) or "",
                built="build" in has,
                labels=tuple(_entries(has.get("labels"))) + tuple(_entries(pairs(has.get("deploy")).get("labels"))),
                health=_command(pairs(has.get("healthcheck")).get("test")),
                environment=frozenset(entry.partition("=")[0] for entry in _entries(given)),
            )


def _entries(node: Any) -> list[str]:
    """Return a mapping or a list of `name=value` as such texts."""
    if found := pairs(node):
        return [f"{name}={scalar(value) or ''}" for name, value in found.items()]
    return [scalar(item) or "" for item in items(node)]


def _command(node: Any) -> str:
    return scalar(node) or " ".join(scalar(item) or "" for item in items(node))


def of_image(found: tuple[ComposeService, ...], pattern: str) -> SeenInFile | None:
    """Return the first service whose image has such a name, registry and tag apart."""
    for service in found:
        name = service.image.rpartition("/")[2].partition(":")[0].partition("@")[0]
        if re.fullmatch(pattern, name):
            return SeenInFile(service.image, service.file)
    return None


def manifests(tree: Tree, *kinds: str) -> Iterator[tuple[str, Any]]:
    """Yield the Kubernetes objects of some kinds, with their files."""
    for file in tree.called(r".+\.ya?ml"):
        text = tree.text(file)
        if not any(f"kind: {kind}" in text for kind in kinds) or not tree.in_product(file):
            continue
        for document in tree.yaml(file):
            if scalar(pairs(document).get("kind")) in kinds:
                yield file, document
