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
TEMPLATE = re.compile(r"\{\{\s*(?:normalize\s+)?\.(?:Name|ContainerName)\s*\}\}", re.ASCII)
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


def image_is_older(image: str) -> bool:
    """Return whether an image is of Traefik 2, which writes rules otherwise."""
    found = IMAGE.fullmatch(image)
    return bool(found and found["version"]) and int(found["version"] if found else 0) == OLDER


def installed(traefik: Container) -> Tree:
    """Return the static configuration that a container's flags and variables make."""
    flags = [
        (name.lstrip("-"), value or "true") for flag in traefik.command for name, _, value in [flag.partition("=")]
    ]
    given = [(name[len("TRAEFIK_") :].replace("_", "."), value) for name, value in traefik.environment]
    return merged(laid_out(flags), laid_out(given))


def declared(
    containers: Iterable[Container], static: Mapping[str, Any], file: str
) -> tuple[str, Tree, dict[str, Location]]:
    """Return the provider of a file's containers, what they declare, and where each router stands.

    Raises:
        BrokenError: Traefik would leave out a router.
        Unavailable: which names Traefik gives to containers is not known.
    """
    all_of_them = list(containers)
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
        tree = _together(tree, held)
    return provider, tree, at


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
    text = TEMPLATE.sub(container.name, str(rule or "Host(`{{ normalize .Name }}`)"))
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


def _together(tree: Tree, more: Mapping[str, Any]) -> Tree:
    """Add what another container declares: a service that both have gets the servers of both."""
    services = pairs(tree.get("services"))
    for name, service in pairs(more.get("services")).items():
        if name in services and "loadbalancer" in pairs(service):
            other = entries(pick(pairs(services[name]), "loadbalancer", "servers"))
            service["loadbalancer"]["servers"] = [*other, *entries(pick(service, "loadbalancer", "servers"))]
    return merged(more, tree)
