"""Other reverse proxies than nginx in a repository: Caddyfiles, and containers that declare routers to Traefik."""

from dataclasses import dataclass

from golive_checks.init.compose import ComposeService, of_image
from golive_checks.init.tree import Tree

CADDYFILE = r"caddyfile(?:\.\w+)?|.+\.caddyfile"
STATIC = r"traefik\.(?:ya?ml|toml)"
ROUTERS = "traefik.http.routers."


@dataclass(frozen=True)
class FoundProxies:
    """Caddyfiles that may run, Compose files with labels for Traefik, and Traefik's own file."""

    caddyfiles: tuple[str, ...] = ()
    labelled: tuple[str, ...] = ()
    static: str = ""
    installed: bool = False
    """How Traefik itself is set up was seen, in its file or by the flags of its container."""


def proxies(tree: Tree, services: tuple[ComposeService, ...]) -> FoundProxies:
    """Look for what golive can read of Caddy and of Traefik."""
    labelled = [each.file for each in services if any(label.lower().startswith(ROUTERS) for label in each.labels)]
    static = next((file for file in tree.called(STATIC) if tree.may_run(file)), "")
    return FoundProxies(
        tuple(file for file in tree.called(CADDYFILE) if tree.may_run(file)),
        tuple(dict.fromkeys(labelled)),
        static,
        installed=bool(static or of_image(services, "traefik")),
    )
