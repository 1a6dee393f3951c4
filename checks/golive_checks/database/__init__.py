"""Section 3 of the checklist: database."""

from golive import Section
from golive_checks.database import connection, migrations

section = Section("database", title="Database", number=3, modules=(connection, migrations))
