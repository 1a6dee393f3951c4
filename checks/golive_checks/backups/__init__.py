"""Section 7 of the checklist: backups and recovery."""

from golive import Section

section = Section("backups", title="Backups and recovery", number=7, modules=())
