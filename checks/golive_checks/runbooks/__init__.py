"""Section 10 of the checklist: runbooks."""

from golive import Section
from golive_checks.runbooks import documents

section = Section("runbooks", title="Runbooks", number=10, modules=(documents,))
