"""What containers declare to Traefik by their labels, and how Traefik's own container installs it. Pure.

Source: https://doc.traefik.io/traefik/reference/routing-configuration/other-providers/docker/ and .../swarm/
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from golive import Location, Unavailable
from golive_checks.systems.caddy.client.values import pairs
from golive_checks.systems.nginx.client.parser import BrokenError
from golive_checks.systems.traefik.client.values import Tree, entries, laid_out, merged, pick, truth

IMAGE = re.compile(r"(?:[\w.:/-]*/)?traefik(?::v?(?P<version>\d+)[\w.-]*)?(?:@sha256:\w+)?", re.ASCII)
OLDER = 2


@dataclass(frozen=True)
class Container:
    """A service of a Compose file, as far as Traefik is concerned."""

    name: str
    image: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    deployed: tuple[tuple[str, str], ...] = ()
    """The labels of its Swarm service."""
    command: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    ports: tuple[str, ...] = ()
    """That it exposes, or publishes."""
    line: int = 0

    @property
    def is_traefik(self) -> bool:
        """Whether it is Traefik itself."""
        return IMAGE.fullmatch(self.image) is not None

    @property
    def matters(self) -> bool:
        """Whether it is Traefik itself, or tells Traefik anything."""
        return self.is_traefik or bool(self.labels or self.deployed)


def image_is_older(image: str) -> bool:
    """Return whether an image is of Traefik 2, which writes rules otherwise."""
    found = IMAGE.fullmatch(image)
    return bool(found and found["version"]) and int(found["version"] if found else 0) == OLDER


def installed(traefik: Container) -> Tree:
    """Return the static configuration that a container's flags make, or its variables where it has none.

    Raises:
        Unavailable: it takes it from a file, or a flag stands apart from its value.
    """
    flags, beside = list[tuple[str, str]](), ""
    for text in traefik.command:
        name, _, value = text.partition("=")
        if name.startswith("-"):
            flags.append((name.lstrip("-"), value or "true"))
        elif flags:
            beside = text
    if beside or "configfile" in {name.lower() for name, _ in flags}:
        raise Unavailable(
            f"{traefik.name} takes its configuration from a file, or a flag's value is not joined to it by =",
            fix="Name the file as `static` of the entry, and write each flag as --name=value.",
        )
    given = [(name[len("TRAEFIK_") :].replace("_", "."), value) for name, value in traefik.environment]
    return laid_out(flags) or laid_out(given)


def declared(
    containers: Iterable[Container], static: Mapping[str, Any], file: str
) -> tuple[str, Tree, dict[str, Location]]:
    """Return the provider of a file's containers, what they declare, and where each router stands.

    Raises:
        BrokenError: Traefik would leave out a router.
        Unavailable: which names Traefik gives to containers is not known.
    """
    all_of_them = list(containers)
    _refuse_constraints(static)
    swarm = "swarm" in pairs(static.get("providers")) or truth(pick(static, "providers", "docker", "swarmmode"))
    swarm = swarm or not any(each.labels for each in all_of_them)
    provider = "swarm" if "swarm" in pairs(static.get("providers")) else "docker"
    everybody = truth(pick(static, "providers", provider, "exposedbydefault"), default=True)
    tree: Tree = {}
    at: dict[str, Location] = {}
    for each in all_of_them:
        labels = each.deployed if swarm else each.labels
        own = laid_out(labels)
        enabled = pick(own, "traefik", "enable")
        if not truth(enabled, default=everybody) or (each.is_traefik and not own):
            continue
        held = _of(each, pairs(pick(own, "traefik", "http")), pick(static, "providers", provider, "defaultrule"), file)
        at.update({name: Location(file, each.line) for name in pairs(held.get("routers"))})
        held["tcprouters"] = pairs(pick(own, "traefik", "tcp", "routers"))
        tree = _together(tree, held, Location(file, each.line))
    return provider, tree, at


def _refuse_constraints(static: Mapping[str, Any]) -> None:
    if any(pick(static, "providers", provider, "constraints") for provider in ("docker", "swarm")):
        raise Unavailable(
            "Traefik takes only some of the containers (its provider has constraints); golive does not know which",
            fix="Name a command that prints /api/rawdata of the Traefik that runs.",
        )


def _of(container: Container, held: Mapping[str, Any], rule: Any, file: str) -> Tree:
    """Return what one container declares, with the service and the router that Traefik makes by itself."""
    services = dict(pairs(held.get("services"))) or {container.name.lower(): {"loadbalancer": {}}}
    for name, service in services.items():
        if "loadbalancer" in pairs(service) or not service:
            services[name] = {
                **pairs(service),
                "loadbalancer": _balancer(container, pairs(pairs(service).get("loadbalancer"))),
            }
    routers = dict(pairs(held.get("routers"))) or ({} if "tcp" in held else {container.name.lower(): {}})
    for name, router in routers.items():
        done = dict(pairs(router))
        if not done.get("service"):
            if len(services) > 1:
                at = Location(file, container.line)
                raise BrokenError(f"the router {name} names none of the {len(services)} services of its container", at)
            done["service"] = next(iter(services))
        done["rule"] = done.get("rule") or _default_rule(container, rule)
        routers[name] = done
    return {**held, "services": services, "routers": routers}


def _default_rule(container: Container, rule: Any) -> str:
    text = str(rule or f"Host(`{container.name}`)")
    if "{{" in text:
        raise Unavailable(f"{container.name} has no rule of its own, and the default one is a Go template: {text}")
    return text


def _balancer(container: Container, held: Mapping[str, Any]) -> Tree:
    """Return a load balancer with the container as its server."""
    server = pairs(held.get("server"))
    if url := server.get("url"):
        return {**held, "servers": [{"url": url}]}
    ports = {port for text in container.ports if (port := _inside(text))}
    port = str(server.get("port", "")) or (next(iter(ports)) if len(ports) == 1 else "")
    scheme = str(server.get("scheme", "")) or "http"
    return {**held, "servers": [{"url": f"{scheme}://{container.name}:{port}"}]}


def _inside(published: str) -> str:
    """Return the port inside the container of `8080:80/tcp`; nothing for a range."""
    port = published.partition("/")[0].rpartition(":")[2]
    return port if port.isdecimal() else ""


def _together(tree: Tree, more: Mapping[str, Any], at: Location) -> Tree:
    """Add what another container declares: a service that both have gets the servers of both.

    Raises:
        BrokenError: they declare something differently, and Traefik takes it from neither.
    """
    for kind, held in more.items():
        for name in {*pairs(held)} & {*pairs(tree.get(kind))}:
            if _without_servers(tree[kind][name]) != _without_servers(held[name]):
                raise BrokenError(f"two containers declare {name} of {kind}, and not the same", at)
    services = pairs(tree.get("services"))
    for name, service in pairs(more.get("services")).items():
        if name in services and "loadbalancer" in pairs(service):
            other = entries(pick(pairs(services[name]), "loadbalancer", "servers"))
            service["loadbalancer"]["servers"] = [*other, *entries(pick(service, "loadbalancer", "servers"))]
    return merged(more, tree)


def _without_servers(held: Any) -> Any:
    balancer = pairs(pairs(held).get("loadbalancer"))
    rest = {name: value for name, value in balancer.items() if name not in {"server", "servers"}}
    return {**held, "loadbalancer": rest} if balancer else held
