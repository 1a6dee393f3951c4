"""Section 11 of the checklist: CI gates."""

from golive import Section
from golive_checks.ci import locked, suites, tools
from golive_checks.dated import tables

section = Section("ci", title="CI gates", number=11, modules=(tools, suites, locked), tables=tables("ci"))
