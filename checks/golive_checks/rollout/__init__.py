"""Section 9 of the checklist: rollout."""

from golive import Section
from golive_checks.rollout import health, release, tested

section = Section("rollout", title="Rollout", number=9, modules=(health, release, tested))
