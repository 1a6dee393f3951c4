"""Is every host looked at from outside, around the clock?"""

from collections.abc import Mapping

from golive import Severity, Unavailable, Verdict, check, not_applicable, unknown, verdict
from golive_checks.observability.matching import looks_at, reads
from golive_checks.probes.prometheus import Rules
from golive_checks.probes.uptime import Probes, UptimePolicy
from golive_checks.subjects import Host
from golive_checks.subjects.monitoring import Prometheus


@check("monitoring.uptime-probed", severity=Severity.HIGH)
def uptime_probed(
    host: Host,
    probes: Mapping[Prometheus, Probes] | Unavailable,
    rules: Mapping[Prometheus, Rules | Unavailable] | Unavailable,
    ask: UptimePolicy,
) -> Verdict:
    """Every host is probed from outside, the probe succeeds, and an alert looks at it.

    Why: Metrics of a process tell nothing of the way to it: an expired certificate, a wrong record or a stopped proxy
    leaves them all green. Only what asks as a customer does sees that.

    Fix: Give the host's URL to a blackbox exporter as a target, and alert on `probe_success == 0`.

    Source: https://github.com/prometheus/blackbox_exporter
    """
    if isinstance(probes, Unavailable):
        return unknown(probes.reason, fix=probes.fix)
    if not probes:
        return not_applicable("the profile declares no Prometheus")
    here = [seen for found in probes.values() for seen in found.found if seen.host == host.name]
    if not here:
        others = sorted({seen.host for found in probes.values() for seen in found.found})
        told = f"the query {ask.query} tells of {', '.join(others[:20]) or 'nothing'}"
        return verdict([f"no probe tells of {host.name}"], ok="", evidence=[told])
    fails = [f"the probe of {seen.url} fails" for seen in here if not seen.up]
    seen_rules = [] if isinstance(rules, Unavailable) else [r for r in rules.values() if isinstance(r, Rules)]
    alerting = [
        rule.name
        for found in seen_rules
        for rule in found.found
        if rule.kind == "alerting" and any(looks_at(selector, ask.metric) for selector in reads(rule, found.found))
    ]
    warns = [] if alerting or not seen_rules else [f"no alert looks at {ask.metric}: nobody is told when it fails"]
    return verdict(fails, warns, ok=f"{here[0].url} is probed, and {', '.join(alerting[:5]) or 'nothing'} looks at it")
