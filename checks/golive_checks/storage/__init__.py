"""Section 4 of the checklist: storage."""

from golive import Section
from golive_checks.storage import exposure, protection, use

section = Section("storage", title="Storage", number=4, modules=(use, exposure, protection))
