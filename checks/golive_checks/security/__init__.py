"""Section 5 of the checklist: Security and compliance."""

from golive import Section
from golive_checks.security import cookies, csp, headers

section = Section("security", title="Security and compliance", number=5, modules=(headers, csp, cookies))
