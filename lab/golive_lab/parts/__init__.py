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
    runs_in_demo: bool = False
    """The demo's is the real program, too."""


SYSTEMS = (
    System("edge", "Python's own server; nginx's configuration is read", "nginx", ("edge", "nginx files", "nginx")),
    System("DNS", "Python's own servers", "Knot DNS and unbound", ("dns",)),
    System("API", "a small one in Python", "the same", ("api",)),
    System(
        "Postgres",
        "PostgreSQL from the package index",
        "PostgreSQL",
        ("postgres", "postgres content"),
        runs_in_demo=True,
    ),
    System("pooler", "none", "pgBouncer", ("pgbouncer",)),
    System(
        "buckets",
        "SeaweedFS, where it has a wheel",
        "SeaweedFS, and moto for settings",
        ("s3 server", "s3 settings"),
        runs_in_demo=True,
    ),
    System("gateways", "stand-ins: they exist nowhere but at their vendors", "the same", ("gateways",)),
    System("Prometheus", "recorded answers", "Prometheus", ("watchers", "prometheus")),
    System("Alertmanager", "recorded answers", "Alertmanager", ("watchers", "alertmanager")),
    System("metrics", "recorded", "Node.js with prom-client, and probes' answers", ("watchers", "node")),
)


def in_short() -> str:
    """Return the sentence about the demo's stack that ends `golive list`."""
    real = [system.name for system in SYSTEMS if system.runs_in_demo]
    others = [s.name for s in SYSTEMS if not s.runs_in_demo and s.demo != "none" and s.real != "the same"]
    return (
        f"In the stack of golive demo, {' and '.join(real)} are the real programs; {', '.join(others)}\n"
        "stand in for those that golive lab up --real starts. golive lab parts describes each."
    )
