"""What the repository's migrations are, and which of them the master and each tenant have."""

from dataclasses import dataclass
from typing import Literal

from golive import Fact
from golive_checks.probes.clients.prisma_folder import Folder
from golive_checks.probes.clients.prisma_table import MigrationRow


@dataclass(frozen=True)
class MigrationFiles(Fact):
    """The repository's migrations for the master and for its tenants; None where the profile names none."""

    master: Folder | None
    tenants: Folder | None


@dataclass(frozen=True)
class MigrationRows(Fact):
    """What a tenant's schema holds of Prisma's table. `lacks` are columns that an older Prisma did not yet make."""

    schema: str
    found: Literal["table", "no table", "no schema"] = "table"
    rows: tuple[MigrationRow, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class MasterRows(MigrationRows):
    """What the master's own schema holds of Prisma's table."""
