"""What each system of the reference stack is on either stack: the real program, or what stands in for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class System:
    """A system: what it is, what runs on each stack, and the names of the stacks' parts that are it."""

    name: str
    demo: str
    real: str
    parts: tuple[str, ...]


SYSTEMS = (
    System("edge", "Python's own server; nginx's configuration is read", "nginx", ("edge", "nginx files", "nginx")),
    System("DNS", "Python's own servers", "Knot DNS and unbound", ("dns",)),
    System("API", "a small one in Python", "the same", ("api",)),
    System("Postgres", "PostgreSQL from the package index", "PostgreSQL", ("postgres", "postgres content")),
    System("pooler", "none", "pgBouncer", ("pgbouncer",)),
    System(
        "buckets", "SeaweedFS, where it has a wheel", "SeaweedFS, and moto for settings", ("s3 server", "s3 settings")
    ),
    System("gateways", "stand-ins: they exist nowhere but at their vendors", "the same", ("gateways",)),
    System("Prometheus", "recorded answers", "Prometheus", ("watchers", "prometheus")),
    System("Alertmanager", "recorded answers", "Alertmanager", ("watchers", "alertmanager")),
    System("metrics", "recorded", "Node.js with prom-client, and probes' answers", ("watchers", "node")),
)
