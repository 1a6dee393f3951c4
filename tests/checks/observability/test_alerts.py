import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from golive import Outcome, Unavailable
from golive_checks.observability.alerts import alerts_cover, alerts_routed
from golive_checks.subjects.monitoring import Alertmanager, Prometheus
from golive_checks.systems.monitoring.alertmanager import AlertRoute, Inhibition, Interval, Routing, Silence
from golive_checks.systems.monitoring.alerts import Demand, DemandedAlert
from golive_checks.systems.monitoring.client.promql import Matcher, Selector
from golive_checks.systems.monitoring.prometheus import Fires, PrometheusRule, Receivers, Rules
from golive_checks.systems.monitoring.relabelling import AlertLabels, RelabelStep

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
AT = Prometheus("prometheus", url="https://p.test")
DOWN = PrometheusRule("ServiceDown", "g", "alerting", "up == 0", (("severity", "critical"),), reads=(Selector("up"),))
RULES = Rules((DOWN, PrometheusRule("x", "g", "recording", "up", reads=(Selector("up"),))))


def demand(**given: Any) -> DemandedAlert:
    return DemandedAlert("down", AT, **given)


COVER = {
    "by name": (PASS, "ServiceDown", demand(alert="ServiceDown"), RULES),
    "by a wild name": (PASS, "ServiceDown", demand(alert="*Down"), RULES),
    "by metric": (PASS, "ServiceDown", demand(metrics=("up",)), RULES),
    "by label": (PASS, "ServiceDown", demand(labels=(("severity", "critical"),)), RULES),
    "by all": (PASS, "", demand(alert="S*", metrics=("up",), labels=(("severity", "critical"),)), RULES),
    "another name": (FAIL, "no alert is called ApiDown", demand(alert="ApiDown"), RULES),
    "another metric": (FAIL, "no alert looks at probe_success", demand(metrics=("probe_success",)), RULES),
    "another label": (FAIL, "no alert has team=payments", demand(labels=(("team", "payments"),)), RULES),
    "a recording rule alone": (FAIL, "no alert", demand(metrics=("up",)), Rules(RULES.found[1:])),
    "no rules": (FAIL, "no alert", demand(metrics=("up",)), Rules(())),
    "broken": (
        FAIL,
        "ServiceDown is not evaluated: boom",
        demand(metrics=("up",)),
        Rules((replace(DOWN, health="err", error="boom"),)),
    ),
    "not understood": (UNKNOWN, "does not understand", demand(metrics=("up",)), Rules((replace(DOWN, reads=None),))),
    "not understood, by name": (PASS, "", demand(alert="ServiceDown"), Rules((replace(DOWN, reads=None),))),
}


@pytest.mark.parametrize(("outcome", "summary", "alert", "rules"), COVER.values(), ids=COVER)
def test_alerts_that_must_exist(outcome: Outcome, summary: str, alert: DemandedAlert, rules: Rules) -> None:
    judged = alerts_cover(alert, rules)
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_a_demand_says_something() -> None:
    with pytest.raises(ValueError, match="at least one of name, labels, metrics"):
        Demand()


NOW = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
PAGER = Routing(AlertRoute("pager"), ("pager",), ("null",))
NULL = replace(PAGER, root=AlertRoute("pager", routes=(AlertRoute("null", (Matcher("cluster", "=", "demo"),)),)))
SILENT = Silence("0123456789", (Matcher("alertname", "=", "ServiceDown"),), "awa", "later", NOW)
NIGHTS = Interval("nights", "0", "its zone")
ONE_OF_TWO = (AlertRoute("pager", goes_on=True, mute=("nights",)), AlertRoute("pager"))
ROUTED = {
    "to the pager": (PASS, "ServiceDown goes to pager", demand(metrics=("up",)), PAGER, 1),
    "by external labels to nowhere": (FAIL, "ends at null, which sends nowhere", demand(metrics=("up",)), NULL, 1),
    "to nowhere, as a watchdog may": (PASS, "goes to null", demand(metrics=("up",), may_be_silent=True), NULL, 1),
    "silenced": (
        FAIL,
        "a silence swallows ServiceDown: 01234567 by awa until 2026-11-27 00:00 UTC, 'later'",
        demand(metrics=("up",)),
        replace(PAGER, silences=(SILENT,)),
        1,
    ),
    "silenced before long": (
        WARN,
        "a silence swallows",
        demand(metrics=("up",)),
        replace(PAGER, silences=(replace(SILENT, pending=True),)),
        1,
    ),
    "muted at hours that are not known": (
        UNKNOWN,
        "when ServiceDown is muted is not known, by the interval nights: its zone",
        demand(metrics=("up",)),
        replace(PAGER, root=AlertRoute("pager", mute=("nights",)), intervals=(NIGHTS,)),
        1,
    ),
    "muted at one end, at hours that are not known": (
        PASS,
        "goes to pager",
        demand(metrics=("up",)),
        replace(PAGER, root=AlertRoute("pager", routes=ONE_OF_TWO), intervals=(NIGHTS,)),
        1,
    ),
    "no such alert": (NA, "see monitoring.alerts-cover", demand(alert="X"), PAGER, 1),
    "not sent": (FAIL, "knows no Alertmanager", demand(metrics=("up",)), PAGER, 0),
    "not told whether sent": (PASS, "", demand(metrics=("up",)), PAGER, None),
    "not seen": (UNKNOWN, "no word", demand(metrics=("up",)), Unavailable("no word"), 1),
}


@pytest.mark.parametrize(("outcome", "summary", "alert", "routing", "active"), ROUTED.values(), ids=ROUTED)
def test_where_they_go(outcome: Outcome, summary: str, alert: DemandedAlert, routing: Any, active: int | None) -> None:
    managers = routing if isinstance(routing, Unavailable) else {Alertmanager("alertmanager"): routing}
    added = AlertLabels((("cluster", "demo"),))
    judged = alerts_routed(alert, RULES, added, Receivers(active), managers)
    assert judged.outcome is outcome
    assert summary in judged.summary


DROP, KEEP = RelabelStep("drop", ("severity",), regex="crit.*"), RelabelStep("keep", ("severity",), regex="page")
LOWER = RelabelStep(source=("severity",), target="severity", replacement="info")
TO_NULL = replace(PAGER, root=AlertRoute("pager", routes=(AlertRoute("null", (Matcher("severity", "=", "info"),)),)))
CHAINS: dict[str, tuple[Outcome, str, Any, tuple[tuple[RelabelStep, ...], ...]]] = {
    "dropped": (FAIL, "Prometheus drops ServiceDown before it is sent", PAGER, ((DROP,),)),
    "not kept": (FAIL, "Prometheus drops ServiceDown before it is sent", PAGER, ((KEEP,),)),
    "dropped on one of two ways": (PASS, "goes to pager", PAGER, ((DROP,), ())),
    "made less": (FAIL, "ends at null", TO_NULL, ((LOWER,),)),
    "of one instance": (
        WARN,
        "ServiceDown: Prometheus drops it where namespace matches dev-.*",
        PAGER,
        ((RelabelStep("drop", ("namespace",), regex="dev-.*"),),),
    ),
    "written over by what is not known": (
        UNKNOWN,
        "ServiceDown: Prometheus writes its severity from tier, which golive cannot know",
        PAGER,
        ((RelabelStep(source=("tier",), target="severity"),),),
    ),
    "written over, and so perhaps to nowhere": (
        UNKNOWN,
        "writes its severity from tier",
        replace(PAGER, root=AlertRoute("null", routes=(AlertRoute("pager", (Matcher("severity", "=", "critical"),)),))),
        ((RelabelStep(source=("tier",), target="severity"),),),
    ),
    "kept by a label that it may not have": (
        UNKNOWN,
        "ServiceDown: Prometheus drops it where team does not match payments",
        PAGER,
        ((RelabelStep("keep", ("team",), regex="payments"),),),
    ),
    "dropped without a label that it may have": (
        UNKNOWN,
        "team matches (.*)",
        PAGER,
        ((RelabelStep("drop", ("team",)),),),
    ),
    "not known on one of two ways": (PASS, "goes to pager", PAGER, ((RelabelStep("keep", ("team",), regex="x"),), ())),
    "a label of its own": (PASS, "goes to pager", PAGER, ((RelabelStep(source=("tier",), target="level"),),)),
}


@pytest.mark.parametrize(("outcome", "summary", "routing", "chains"), CHAINS.values(), ids=CHAINS)
def test_where_they_go_relabelled(outcome: Outcome, summary: str, routing: Routing, chains: Any) -> None:
    judged = alerts_routed(
        demand(metrics=("up",)), RULES, AlertLabels(chains=chains), Receivers(1), {Alertmanager("a"): routing}
    )
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_what_inhibits_is_relabelled_as_well() -> None:
    """Both have the external label; and what is dropped inhibits nothing."""
    inhibition = Inhibition(
        (Matcher("alertname", "=", "Fire"),), (Matcher("alertname", "=", "ServiceDown"),), ("cluster",)
    )
    rules = replace(RULES, firing=(Fires("Fire", (("alertname", "Fire"),)),))
    routing = replace(PAGER, inhibitions=(inhibition,))
    for chain, outcome in (((), FAIL), ((RelabelStep("drop", ("alertname",), regex="Fire"),), PASS)):
        added = AlertLabels((("cluster", "demo"),), (chain,))
        judged = alerts_routed(demand(metrics=("up",)), rules, added, Receivers(1), {Alertmanager("a"): routing})
        assert judged.outcome is outcome


def test_a_prometheus_that_shows_no_configuration() -> None:
    judged = alerts_routed(
        demand(metrics=("up",)), RULES, AlertLabels(shown=False), Receivers(None), {Alertmanager("a"): PAGER}
    )
    assert judged.outcome is PASS
    assert judged.unseen == ("Prometheus shows no configuration: external labels and relabelling",)
