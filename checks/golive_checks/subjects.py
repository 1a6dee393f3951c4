"""What several sections speak of, and the profile keys that name it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from golive import Entry, Subject, subjects

HostName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(\.[A-Za-z0-9_-]{1,63})+$", max_length=253)
]
"""A fully qualified domain name without the trailing dot (RFC 1035, section 2.3.1; underscores as they occur)."""

Port = Annotated[int, Field(ge=1, le=65535)]
Role = Literal["api", "app", "shop", "other"]
Edge = Literal["nginx", "alb", "cloudflare", "vercel", "other"]


class HostEntry(Entry):
    """A host that the world reaches over https."""

    name: HostName
    role: Role = "other"
    port: Port = 443
    http_port: Port = 80
    edge: Edge = "nginx"
    """What stands in front: what only that party could change warns at most."""


@dataclass(frozen=True)
class Host(Subject):
    """A host by its domain name. `key` is its name in the profile (`api`)."""

    key: str = ""
    role: Role = "other"
    port: int = 443
    http_port: int = 80
    edge: Edge = "nginx"

    @property
    def managed_edge(self) -> bool:
        """True where the edge's own settings are another company's: what only they can change warns at most."""
        return self.edge in {"alb", "cloudflare", "vercel"}


@subjects("hosts")
def hosts(key: str, entry: HostEntry) -> tuple[Host, ...]:
    """Name the hosts of the profile."""
    return (
        Host(
            entry.name.lower(),
            key=key,
            role=entry.role,
            port=entry.port,
            http_port=entry.http_port,
            edge=entry.edge,
            own=entry.own(),
        ),
    )
