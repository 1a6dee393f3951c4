"""Is there something to show?"""

from golive import Severity, Verdict, check, failed, not_configured, passed
from golive_checks.subjects import Database
from golive_checks.systems.postgres.demo import DemoRows


@check("db.demo-tenant-seeded", severity=Severity.LOW)
def demo_tenant_seeded(database: Database, seen: DemoRows) -> Verdict:
    """The demo tenant has data.

    Why: The first customer is shown the demo tenant on the first day. An empty one shows an application that does
    nothing, and a seed script that was never run against production.

    Fix: Run the seed script for the demo tenant; name in database.demo_tenant.query what it makes.
    """
    if seen.found is None:
        return not_configured("the profile names no query for a demo tenant", "database.demo_tenant.query")
    if seen.broken:
        return failed(seen.broken, fix="Create the demo tenant, or fix database.demo_tenant.query.")
    if not seen.found:
        return failed("the demo tenant's query brings no row")
    return passed("the demo tenant's query brings a row")
