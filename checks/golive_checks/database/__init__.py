"""Section 3 of the checklist: database."""

from golive import Section
from golive_checks.database import archiving, connection, demo_tenant, drift, hazard, migrations, pools, role, server
from golive_checks.dated import tables

section = Section(
    "database",
    title="Database",
    number=3,
    modules=(connection, server, pools, role, archiving, migrations, drift, hazard, demo_tenant),
    tables=tables("postgres"),
)
