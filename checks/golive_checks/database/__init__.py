"""Section 3 of the checklist: database."""

from golive import Section

section = Section("database", title="Database", number=3, modules=())
