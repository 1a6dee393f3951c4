"""The tenants of a master database: subjects of their own."""

from dataclasses import dataclass

from golive import Subject
from golive_checks.subjects import Database


@dataclass(frozen=True)
class Tenant(Subject):
    """A tenant by its master and its own schema or database: `master/tenant_a`."""

    database: Database
    own_name: str
    """The name of its schema or database, as the server has it."""
