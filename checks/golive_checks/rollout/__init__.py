"""Section 9 of the checklist: rollout."""

from golive import Section

section = Section("rollout", title="Rollout", number=9, modules=())
