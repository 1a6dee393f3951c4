"""Section 2 of the checklist: environment variables."""

from golive import Section
from golive_checks.env import gateways, presence, running, secrets, syntax, tokens, upkeep, values, web

section = Section(
    "env",
    title="Environment variables",
    number=2,
    modules=(presence, values, syntax, running, secrets, tokens, gateways, web, upkeep),
)
