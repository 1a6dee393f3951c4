"""The world of the reference stack, as a description: healthy by default, one part of it for each system."""

from __future__ import annotations

from dataclasses import dataclass, field

from golive_lab.world.app import App
from golive_lab.world.attested import Attestations
from golive_lab.world.backups import BackupPlaces
from golive_lab.world.bench import BenchRuns
from golive_lab.world.dns import DemoZone
from golive_lab.world.drill import DrillSetup
from golive_lab.world.env import EnvFiles
from golive_lab.world.errors import Errors
from golive_lab.world.gateways import Payments
from golive_lab.world.monitoring import Monitoring
from golive_lab.world.postgres import PostgresServers
from golive_lab.world.project import Project
from golive_lab.world.proxy import Proxy
from golive_lab.world.registry import Registry
from golive_lab.world.site import Site
from golive_lab.world.storage import Storage
from golive_lab.world.tls import EdgeTls
from golive_lab.world.web import Web


@dataclass(frozen=True)
class World:
    """An AfriGest-shaped system. A fault is a function from the healthy one to one that differs in one thing."""

    dns: DemoZone = field(default_factory=DemoZone)
    tls: EdgeTls = field(default_factory=EdgeTls)
    registry: Registry = field(default_factory=Registry)
    web: Web = field(default_factory=Web)
    site: Site = field(default_factory=Site)
    app: App = field(default_factory=App)
    proxy: Proxy = field(default_factory=Proxy)
    env: EnvFiles = field(default_factory=EnvFiles)
    postgres: PostgresServers = field(default_factory=PostgresServers)
    storage: Storage = field(default_factory=Storage)
    backups: BackupPlaces = field(default_factory=BackupPlaces)
    drill: DrillSetup = field(default_factory=DrillSetup)
    payments: Payments = field(default_factory=Payments)
    monitoring: Monitoring = field(default_factory=Monitoring)
    project: Project = field(default_factory=Project)
    errors: Errors = field(default_factory=Errors)
    history: BenchRuns = field(default_factory=BenchRuns)
    attested: Attestations = field(default_factory=Attestations)


def healthy() -> World:
    """Describe the world in which every check passes."""
    return World()
