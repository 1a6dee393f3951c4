"""Checks of the profile's own, without code."""

from golive import Section
from golive_checks.custom import holds

section = Section("custom", title="Checks of your own", modules=(holds,))
