"""Do the alerts exist that must, and does each get to somebody?"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from golive import Severity, Unavailable, Verdict, check, failed, not_applicable, passed, unknown, verdict
from golive_checks.observability.matching import looks_at, reads
from golive_checks.observability.relabelling import sent
from golive_checks.observability.routes import (
    doubted,
    inhibited_by,
    is_blanket,
    narrows,
    paths,
    swallows,
    when_muted,
)
from golive_checks.subjects.monitoring import Alertmanager
from golive_checks.systems.monitoring.alertmanager import Routing, Silence
from golive_checks.systems.monitoring.alerts import DemandedAlert
from golive_checks.systems.monitoring.prometheus import Fires, PrometheusRule, Receivers, Rules
from golive_checks.systems.monitoring.relabelling import AlertLabels

SHOWN = 10
UNSURE = (
    "Set the label in the rule itself, or let alert_relabel_configs look at labels that the rule sets; "
    "then see in Alertmanager that it arrives."
)
NAME_THE_ZONE = "Name the zone in the interval, such as location: Africa/Dakar."
NOT_SHOWN = "Prometheus shows no configuration: external labels and relabelling"


def found_for(alert: DemandedAlert, rules: Sequence[PrometheusRule]) -> list[PrometheusRule]:
    """Return the rules that are the alert that is demanded."""
    return [rule for rule in rules if rule.kind == "alerting" and _is(alert, rule, rules)]


def _is(alert: DemandedAlert, rule: PrometheusRule, rules: Sequence[PrometheusRule]) -> bool:
    labels = dict(rule.labels)
    if alert.alert and not fnmatchcase(rule.name, alert.alert):
        return False
    if any(labels.get(name) != value for name, value in alert.labels):
        return False
    if not alert.metrics:
        return True
    return any(looks_at(selector, metric) for selector in reads(rule, rules) for metric in alert.metrics)


@check("monitoring.alerts-cover", severity=Severity.CRITICAL)
def alerts_cover(alert: DemandedAlert, seen: Rules) -> Verdict:
    """Each required alert exists.

    Why: What no alert reports, customers report. Nobody misses an alert that was renamed or lost in a merge until it is
    needed.

    Fix: Add the rule to a file under rule_files, or correct the profile: observability.alerts.demanded finds an alert
    by its name, its labels, or a metric in its expression.

    Source: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules
    """
    there = found_for(alert, seen.found)
    if there:
        broken = [
            f"{rule.name} is not evaluated: {rule.error or rule.health}" for rule in there if rule.health == "err"
        ]
        if len(broken) == len(there):
            return failed(broken[0], *broken[1:], fix="See monitoring.rules-healthy.")
        return passed(f"{', '.join(rule.name for rule in there[:SHOWN])}", *broken)
    opaque = [rule.name for rule in seen.found if rule.kind == "alerting" and rule.reads is None]
    if alert.metrics and opaque:
        return unknown(
            f"none that golive understands; it does not understand {', '.join(opaque[:SHOWN])}",
            fix="Demand the alert by its name.",
        )
    known = [rule.name for rule in seen.found if rule.kind == "alerting"]
    return failed(f"no alert {_asked(alert)}", f"there are: {', '.join(known[:30]) or 'none'}")


NO_MANAGER = "Set alerting.alertmanagers in Prometheus."


def _asked(alert: DemandedAlert) -> str:
    parts = [f"is called {alert.alert}"] if alert.alert else []
    parts += [f"has {name}={value}" for name, value in alert.labels]
    parts += [f"looks at {' or '.join(alert.metrics)}"] if alert.metrics else []
    return " and ".join(parts)


@check("monitoring.alerts-routed", severity=Severity.CRITICAL)
def alerts_routed(
    alert: DemandedAlert,
    seen: Rules,
    added: AlertLabels,
    receivers: Receivers,
    managers: Mapping[Alertmanager, Routing] | Unavailable,
) -> Verdict:
    """Each required alert reaches somebody: past relabelling, silences and inhibitions, by its own route.

    Why: An alert that Prometheus drops by its alert_relabel_configs, that is routed to a receiver without a
    destination, or that a forgotten silence covers reaches nobody. What the routing tree really does shows only when it
    is followed with the alert's own labels.

    Fix: Trace it with `amtool config routes test --config.file=alertmanager.yml severity=critical`, give the receiver
    an integration, and expire silences with `amtool silence expire <id>`. Where Prometheus drops it, fix
    alerting.alert_relabel_configs in its configuration.

    Source: https://prometheus.io/docs/alerting/latest/configuration
    """
    there = found_for(alert, seen.found)
    if not there:
        return not_applicable("there is no such alert: see monitoring.alerts-cover")
    if isinstance(managers, Unavailable):
        return unknown(managers.reason, fix=managers.fix)
    if not managers:
        return unknown("the profile declares no Alertmanager", fix="Set alertmanager.url in the profile.")
    if receivers.active == 0:
        return failed("Prometheus knows no Alertmanager, so that it sends nothing", fix=NO_MANAGER)
    ways = [way for rule in there for way in _followed(alert, rule, added, managers.values(), seen)]
    fails, warns, unsure, doubts, ends = (
        list(dict.fromkeys(text for kind, text in ways if kind == wanted))
        for wanted in ("fail", "warn", "unsure", "doubt", "end")
    )
    if not fails and (unsure or doubts):
        return unknown(*unsure, *doubts, fix=UNSURE if unsure else NAME_THE_ZONE)
    names = ", ".join(rule.name for rule in there[:SHOWN])
    judged = verdict(fails, warns, ok=f"{names} goes to {', '.join(ends)}")
    return judged if added.shown else replace(judged, unseen=(NOT_SHOWN,))


def _followed(
    alert: DemandedAlert, rule: PrometheusRule, added: AlertLabels, managers: Collection[Routing], seen: Rules
) -> Iterator[tuple[str, str]]:
    """Yield what becomes of an alert: `fail`, `warn` and `unsure` tell what is in its way, `end` where it arrives."""
    labels = {**dict(added.external), **dict(rule.labels), "alertname": rule.name}
    ways = [(chain, sent(labels, chain)) for chain in added.chains]
    if all(way.labels is None for _, way in ways):
        yield "fail", f"Prometheus drops {rule.name} before it is sent"
    elif all(way.labels is None or way.unsure for _, way in ways):
        yield from (
            ("unsure", f"{rule.name}: Prometheus {what}, which golive cannot know beforehand")
            for _, way in ways
            for what in way.unsure
        )
    for chain, way in ways:
        if way.labels is None or way.unsure:
            continue
        yield from (("warn", f"{rule.name}: Prometheus {what}") for what in way.at_times)
        firing = [
            Fires(f.name, tuple(there.items()))
            # A rule that has not fired may get more labels from its series; one that fires has all of them.
            for f in seen.firing
            if f.name != rule.name
            and (there := sent({**dict(added.external), **dict(f.labels)}, chain, complete=True).labels) is not None
        ]
        for routing in managers:
            yield from _hindrances(alert, rule, way.labels, routing, firing)
            yield from (("end", route.receiver) for route in paths(routing.root, way.labels))


def _hindrances(
    alert: DemandedAlert, rule: PrometheusRule, labels: Mapping[str, str], routing: Routing, firing: Sequence[Fires]
) -> Iterator[tuple[str, str]]:
    """Yield what keeps an alert from somebody: `fail` where it does so altogether, else `warn`."""
    routes = paths(routing.root, labels)
    heard = [route for route in routes if route.receiver in routing.sending]
    if not heard and not alert.may_be_silent:
        names = ", ".join(dict.fromkeys(route.receiver for route in routes))
        yield "fail", f"{rule.name} ends at {names}, which sends nowhere"
    mutes = [when_muted(route, routing) for route in heard]
    doubts = [doubted(route, routing) for route in heard]
    if any(doubts) and all(doubt or what for doubt, (what, _) in zip(doubts, mutes, strict=True)):
        yield "doubt", f"when {rule.name} is muted is not known, by {next(filter(None, doubts))}"
    elif mutes and all(what for what, _ in mutes):
        always = all(always for _, always in mutes)
        yield _kind(always), f"{rule.name} is muted {'always' if always else 'at times'}, by {mutes[0][0]}"
    for silence in routing.silences:
        if is_blanket(silence):
            yield "fail", f"a silence on every alert swallows {rule.name}: {_described(silence)}"
        elif swallows(silence, labels):
            yield _kind(not silence.pending), f"a silence swallows {rule.name}: {_described(silence)}"
        elif hidden := narrows(silence, labels):
            yield "warn", f"a silence hides {rule.name} where {', '.join(map(str, hidden))}: {_described(silence)}"
    for rule_of in routing.inhibitions:
        if source := inhibited_by(rule_of, labels, firing):
            yield "fail", f"{rule.name} is inhibited by {source.name}, which fires"


def _kind(altogether: bool) -> str:  # noqa: FBT001 - a word for it
    return "fail" if altogether else "warn"


def _described(silence: Silence) -> str:
    ends = f" until {silence.ends:%Y-%m-%d %H:%M} UTC" if silence.ends else ""
    return f"{silence.id[:8]} by {silence.by or 'nobody'}{ends}, {silence.comment or 'without a comment'!r}"
