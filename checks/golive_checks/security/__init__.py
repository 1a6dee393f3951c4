"""Section 5 of the checklist: Security and compliance."""

from golive import Section
from golive_checks.dated import tables
from golive_checks.security import (
    audit,
    cookies,
    cors,
    csp,
    error_pages,
    exposed,
    headers,
    integrity,
    isolation,
    logs,
    open_ports,
    privacy,
    repository,
    rotation,
    search_engines,
    tokens,
)

section = Section(
    "security",
    title="Security and compliance",
    number=5,
    tables=tables("fixes", "scripts"),
    modules=(
        cors,
        headers,
        csp,
        cookies,
        tokens,
        privacy,
        exposed,
        error_pages,
        open_ports,
        search_engines,
        integrity,
        isolation,
        repository,
        rotation,
        logs,
        audit,
    ),
)
