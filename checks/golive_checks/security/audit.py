"""Is it noted who did what?"""

from golive import Now, Severity, Verdict, check, not_applicable, not_configured, unknown, verdict
from golive.wording import duration
from golive_checks.subjects import Database
from golive_checks.systems.logs.audit_trails import AuditTrail, AuditTrails, Trail


@check("audit.domains-covered", severity=Severity.MEDIUM)
def domains_covered(database: Database, seen: AuditTrails, ask: AuditTrail, now: Now) -> Verdict:
    """An audit trail records who did what to sales, stocks, users and the shop.

    Why: When stock is gone or a sale was changed, the trail says who did it. One that was never switched on for a
    domain, or broke with a release, is missed only when it is needed.

    Fix: Write an entry with actor, action, object and time in the same transaction as the change itself. Give golive
    the queries under audit.domains of the database's entry.
    """
    missing = [name for name in ask.demanded if name not in ask.domains]
    if not ask.domains and not missing:
        return not_configured("it holds no domain that is audited", "security.audit.domains")
    if not ask.domains:
        return unknown(
            f"no queries show an audit trail of {', '.join(missing)}",
            fix="name them in audit.domains of the database's entry; where it holds no such data, audit.demanded: []",
        )
    fails, oks, unseen, idle = [], [], [f"no queries for {name}" for name in missing], []
    for name, trail in seen.trails.items():
        age = (now.at - trail.active_at).total_seconds() if trail.active_at else None
        if trail.trouble:
            unseen.append(f"{name}: {trail.trouble}")
        # Where nothing was done there is nothing to record: no entry then is no defect.
        elif age is None or age > ask.within_s:
            idle.append(f"{name}: nothing was done within {duration(ask.within_s)}")
        elif wrong := _wrong(trail, ask, now):
            fails.append(f"{name}: {wrong}")
        else:
            oks.append(f"{name}: {trail.entries} entries, the newest of {trail.newest:%Y-%m-%d %H:%M}")
    if not fails and unseen:
        return unknown(unseen[0], *unseen[1:], *oks, *idle)
    if not fails and not oks:
        return not_applicable("; ".join(idle))
    names = ", ".join(line.partition(":")[0] for line in oks)
    return verdict(fails, ok=f"audited: {names}", evidence=[*oks, *idle, *unseen])


def _wrong(trail: Trail, ask: AuditTrail, now: Now) -> str:
    """Tell what is wrong with the trail of a domain in which something was done; empty for nothing."""
    if not trail.entries:
        return "something was done, and the trail has no entry"
    if trail.without_actor:
        return f"{trail.without_actor} of {trail.entries} entries do not say who did it"
    if trail.without_time or trail.newest is None:
        return f"{trail.without_time} of {trail.entries} entries do not say when"
    behind = (trail.active_at - trail.newest).total_seconds() if trail.active_at else 0.0
    if behind > ask.max_lag_s:
        return f"something was done {duration(behind)} after the newest entry of the trail"
    if trail.newest > now.at and (trail.newest - now.at).total_seconds() > ask.max_lag_s:
        return f"the newest entry is dated {trail.newest:%Y-%m-%d %H:%M}, which is in the future"
    return ""
