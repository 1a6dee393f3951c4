"""Section 11 of the checklist: CI gates."""

from golive import Section

section = Section("ci", title="CI gates", number=11, modules=())
