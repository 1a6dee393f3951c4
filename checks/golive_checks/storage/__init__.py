"""Section 4 of the checklist: storage."""

from golive import Section

section = Section("storage", title="Storage", number=4, modules=())
