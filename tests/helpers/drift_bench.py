"""A live database, a folder of migrations, and what golive says of the difference."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from golive import RunInfo, Unavailable, Writes
from golive_checks.subjects import Database, Recovery, Tenants
from golive_checks.systems.drill.drift import MasterDrift, SchemaDrift, master_drift, tenant_drift
from golive_checks.systems.drill.expected import DriftSettings, ExpectedSchemas, ScratchSafe, expected_schemas
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.migrations.client.prisma_table import MigrationRow, MigrationStep
from golive_checks.systems.migrations.facts import MasterRows, MigrationRows, migration_files
from golive_checks.systems.migrations.scripts import ScriptFolders
from golive_checks.systems.migrations.tenants import Tenant
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.connect import PostgresLimits
from golive_checks.systems.postgres.client.pg_programs import PgPrograms
from golive_checks.systems.postgres.client.scratch import Scratch
from golive_checks.systems.tls.client.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drill_bench import Cluster

RUN = RunInfo("0123abcd", "9.9")


def rows(*names: str, **more: Any) -> MasterRows:
    """Return rows of a table in which these migrations were applied."""
    applied = tuple(MigrationRow(name, "", MigrationStep.APPLIED) for name in names)
    return MasterRows(**{"schema": "public", "rows": applied, **more})


@dataclass
class Drifting:
    """A database `live` on a server that is the scratch server as well, and its migrations."""

    server: Cluster
    folder: Path
    live: str
    tool: str = "prisma"
    ask: DriftSettings = field(default_factory=DriftSettings)
    rows: MasterRows = field(default_factory=rows)
    their: Tenants | None = None
    tenants: Mapping[Tenant, MigrationRows | Unavailable] = field(default_factory=dict)
    expected: ExpectedSchemas = field(default_factory=ExpectedSchemas)
    left: list[str] = field(default_factory=list)
    """Databases that the run would have left behind."""

    def __post_init__(self) -> None:
        self.server.sql(f"create database {self.live}")
        self.limits = PostgresLimits(min_free_share=0)
        self.made = (self.limits, NetworkRoutes(Vantage()), Trust(), RUN)

    @property
    def migrations(self) -> Path:
        return self.folder / "prisma" / "migrations"

    @property
    def database(self) -> Database:
        url = SecretStr(self.server.url.get_secret_value().replace("/postgres?", f"/{self.live}?"))
        return Database(
            "master", url=url, migrations=str(self.migrations), migration_tool=self.tool, tenants=self.their
        )

    async def migrate(self, scripts: Mapping[str, str]) -> None:
        """Put migrations into the folder, and apply them to the live database."""
        for name, script in scripts.items():
            path = self.migrations / name / "migration.sql" if self.tool == "prisma" else self.migrations / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(script)
            self.server.sql(script, self.live)
        self.rows = rows(*scripts)

    async def expect(self) -> ExpectedSchemas:
        """Run the migrations in scratch databases, and remove those."""
        writes, folders = Writes(), ScriptFolders()
        self.files = await migration_files(self.database, folders)
        to = Recovery("nightly", url=self.server.url)
        try:
            self.expected = await expected_schemas(
                self.database,
                self.files,
                self.rows,
                self.tenants,
                {to: ScratchSafe(None)},
                self.ask,
                Scratch(*self.made),
                PgPrograms(),
                Files(),
                writes,
            )
        finally:
            assert await writes.undo_all() == ()
            self.left = sorted(self.server.databases())
        return self.expected

    async def master(self) -> MasterDrift:
        await self.expect()
        return await master_drift(self.database, self.files, self.rows, self.expected, Postgres(*self.made))

    async def tenant(self, tenant: Tenant) -> SchemaDrift:
        seen = self.tenants[tenant]
        assert not isinstance(seen, Unavailable)
        return await tenant_drift(tenant, self.files, seen, self.expected, Postgres(*self.made))

    def drop(self) -> None:
        self.server.sql(f"drop database {self.live} with (force)")
