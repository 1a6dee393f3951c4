"""Is there something to show?"""

from golive import Severity, Verdict, check, failed, not_configured, passed
from golive_checks.subjects import Database
from golive_checks.systems.postgres.demo import DemoRows


@check("db.demo-tenant-seeded", severity=Severity.LOW)
def demo_tenant_seeded(database: Database, seen: DemoRows) -> Verdict:
    """The demo tenant has data.

    Why: The demo tenant is the first thing that customers see. An empty one makes the application look broken, and
    means that the seed script never ran against production.

    Fix: Run the seed script for the demo tenant; name what it creates in database.demo_tenant.query.
    """
    if seen.found is None:
        return not_configured("the profile names no query for a demo tenant", "database.demo_tenant.query")
    if seen.broken:
        return failed(seen.broken, fix="Create the demo tenant, or fix database.demo_tenant.query.")
    if not seen.found:
        return failed("the demo tenant's query brings no row")
    return passed("the demo tenant's query brings a row")
