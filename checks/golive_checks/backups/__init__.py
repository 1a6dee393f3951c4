"""Section 7 of the checklist: backups and recovery."""

from golive import Section
from golive_checks.backups import document, freshness, offsite, plausibility, restore

section = Section(
    "backups", title="Backups and recovery", number=7, modules=(freshness, offsite, plausibility, restore, document)
)
