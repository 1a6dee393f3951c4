"""Section 10 of the checklist: runbooks."""

from golive import Section

section = Section("runbooks", title="Runbooks", number=10, modules=())
