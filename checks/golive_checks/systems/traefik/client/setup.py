"""What was read of a Traefik: how it is installed, and what its providers declare."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from golive import Location
from golive_checks.systems.caddy.client.values import pairs
from golive_checks.systems.traefik.client.values import pick, truth

INTERNAL = frozenset({"internal", "static"})


@dataclass(frozen=True)
class TraefikSetup:
    """The static configuration and the dynamic one, of which every name has its provider: `shop@docker`.

    `static` is empty where it was not seen: then the entry points are those that routers name.
    """

    file: str
    static: Mapping[str, Any]
    dynamic: Mapping[str, Any]
    providers: frozenset[str]
    at: Mapping[str, Location] = field(default_factory=dict)
    """Where each router stands."""
    older: bool = False
    """It is Traefik 2."""
    versioned: bool = True
    """Whether that is known."""

    def of(self, kind: str) -> Mapping[str, Any]:
        """Return the routers, services, middlewares, transports or TCP routers by name."""
        return pairs(self.dynamic.get(kind))

    @property
    def syntax(self) -> str:
        """How rules are written unless a router says otherwise."""
        return "v2" if self.older else str(pick(self.static, "core", "defaultrulesyntax") or "v3").lower()

    @property
    def entry_points(self) -> tuple[str, ...]:
        """The names of the entry points."""
        if known := pairs(self.static.get("entrypoints")):
            return tuple(
                name for name, held in known.items() if not str(pairs(held).get("address", "")).endswith("/udp")
            )
        if self.static:
            return ("http",)  # Traefik's own, where none is named
        named = {name.lower() for held in self.of("routers").values() for name in _named(held)}
        return tuple(sorted(named)) or ("http",)

    def entry_point(self, name: str) -> Mapping[str, Any]:
        """Return what is set for an entry point."""
        held = pairs(pick(self.static, "entrypoints", name))
        return held or ({"address": ":80"} if self.static else {})

    @property
    def usual(self) -> list[str]:
        """The entry points of a router that names none."""
        chosen = [name for name in self.entry_points if truth(self.entry_point(name).get("asdefault"))]
        return chosen or list(self.entry_points)


def _named(held: Any) -> list[str]:
    value = pairs(held).get("entrypoints")
    if isinstance(value, str):
        return [each.strip() for each in value.split(",") if each.strip()]
    return [each for each in value or () if isinstance(each, str)]
