"""Is every host looked at from outside, around the clock?"""

from collections.abc import Mapping

from golive import Severity, Unavailable, Verdict, check, not_applicable, unknown, verdict
from golive_checks.observability.matching import looks_at, reads
from golive_checks.subjects import Host
from golive_checks.subjects.monitoring import Prometheus
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.monitoring.prometheus import Rules
from golive_checks.systems.monitoring.uptime import Probes, UptimePolicy


@check("monitoring.uptime-probed", severity=Severity.HIGH)
def uptime_probed(
    at: Prometheus,
    seen: Probes,
    rules: Rules | Unavailable,
    hosts: Mapping[Host, Origin] | Unavailable,
    ask: UptimePolicy,
) -> Verdict:
    """Every host is probed from outside, the probe succeeds, and an alert covers it.

    Why: The metrics of a process say nothing about the path to it: an expired certificate, a wrong record or a stopped
    proxy leaves them all green. Only a probe from outside sees what customers see.

    Fix: Give the host's URL to a blackbox exporter as a target, and alert on `probe_success == 0`.

    Source: https://github.com/prometheus/blackbox_exporter
    """
    if isinstance(hosts, Unavailable) or not hosts:
        return not_applicable("the profile names no host")
    wanted = [host.name for host in hosts if host.name not in ask.without]
    if not wanted:
        return not_applicable("no host must be probed: observability.uptime.without names them all")
    probed = {each.host for each in seen.found}
    fails = [f"no probe covers {name}" for name in wanted if name not in probed]
    fails += [f"the probe of {each.url} fails" for each in seen.found if each.host in wanted and not each.up]
    evidence = [f"the query {ask.query} covers {', '.join(sorted(probed)[:20]) or 'nothing'}"]
    if isinstance(rules, Unavailable) and not fails:
        return unknown(f"whether an alert looks at it could not be seen: {rules.reason}", *evidence, fix=rules.fix)
    alerting = _alerting(rules, ask) if isinstance(rules, Rules) else []
    warns = [f"no alert uses {ask.metric}: nobody is notified when it fails"]
    ok = f"{', '.join(wanted)} {'is' if len(wanted) == 1 else 'are'} probed"
    if alerting:
        ok += f", and {', '.join(alerting[:5])} looks at it"
    seen_none = isinstance(rules, Rules) and not alerting
    return verdict(fails, warns if seen_none else [], ok=ok, evidence=evidence if fails else [])


def _alerting(rules: Rules, ask: UptimePolicy) -> list[str]:
    """Name the alerts that look at probes."""
    return [
        rule.name
        for rule in rules.found
        if rule.kind == "alerting" and any(looks_at(selector, ask.metric) for selector in reads(rule, rules.found))
    ]
