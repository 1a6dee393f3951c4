"""Whether a report of tests is of the commit that is released. Pure."""

from golive_checks.systems.test_reports.results import Results

SHORTEST_COMMIT = 7


def unbound(found: Results, commit: str) -> tuple[str, bool]:
    """Say why a report is not of the release's commit, and whether that is known; empty where it is."""
    if not commit:
        return "the profile names no commit of the release (release.commit)", False
    if not found.commit:
        return f"{found.path} does not say which commit it is for", False
    shorter, longer = sorted((found.commit.lower(), commit.lower()), key=len)
    if len(shorter) >= SHORTEST_COMMIT and longer.startswith(shorter):
        return "", True
    return f"{found.path} is for {found.commit[:12]}, not {commit[:12]}", True
