"""Section 5 of the checklist: Security and compliance."""

from golive import Section

section = Section("security", title="Security and compliance", number=5, modules=())
