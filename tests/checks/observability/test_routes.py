import datetime as dt
from dataclasses import replace

import pytest

from golive import Unavailable
from golive_checks.observability.routes import (
    doubted,
    inhibited_by,
    is_blanket,
    narrows,
    paths,
    swallows,
    when_muted,
)
from golive_checks.systems.monitoring.alertmanager import Silence, parsed, understood
from golive_checks.systems.monitoring.client.promql import Matcher
from golive_checks.systems.monitoring.prometheus import Fires

TREE = """
route:
  receiver: team
  routes:
    - receiver: "null"
      matchers: [alertname = Watchdog]
    - match: {team: payments}
      receiver: payments
      continue: true
      routes:
        - {match_re: {severity: crit.*}, receiver: payments-pager}
    - matchers: '{severity=~"critical|page",env!="dev"}'
      receiver: pager
      mute_time_intervals: [night]
    - matchers: [severity="info"]
      active_time_intervals: [office]
receivers:
  - name: "null"
  - {name: team, webhook_configs: [{url: <secret>}]}
  - {name: payments, email_configs: [{to: a@x.test}]}
  - {name: payments-pager, pagerduty_configs: [{routing_key: <secret>}]}
  - {name: pager, slack_configs: []}
inhibit_rules:
  - {source_match: {severity: critical}, target_match_re: {severity: warning|info}, equal: [alertname]}
  - {source_matchers: [alertname=Down], target_matchers: [job=~".+"], equal: [job]}
time_intervals:
  - name: night
    time_intervals: [{times: [{start_time: "22:00", end_time: "24:00"}, {start_time: "00:00", end_time: "06:00"}]}]
  - {name: day, time_intervals: [{times: [{start_time: "06:00", end_time: "22:00"}]}]}
  - name: office
    time_intervals: [{weekdays: ["monday:friday"], times: [{start_time: "08:00", end_time: "18:00"}]}]
"""
NOW = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
ROUTING = understood(TREE, NOW)


@pytest.mark.parametrize(
    ("labels", "ends"),
    [
        ({"alertname": "Watchdog"}, ["null"]),
        ({"alertname": "A"}, ["team"]),
        ({"team": "payments"}, ["payments"]),
        ({"team": "payments", "severity": "critical"}, ["payments-pager", "pager"]),
        ({"team": "payments", "severity": "critical", "env": "dev"}, ["payments-pager"]),
        ({"severity": "page"}, ["pager"]),
        ({"severity": "info"}, ["team"]),
    ],
)
def test_where_alerts_end(labels: dict[str, str], ends: list[str]) -> None:
    assert [route.receiver for route in paths(ROUTING.root, labels)] == ends


def test_receivers_without_an_integration_are_silent() -> None:
    assert ROUTING.sending == ("team", "payments", "payments-pager")
    assert ROUTING.silent == ("null", "pager")


def silence(*matchers: Matcher) -> Silence:
    return Silence("id", matchers, "awa", "", None)


def test_silences() -> None:
    labels = {"alertname": "Down", "severity": "critical"}
    assert is_blanket(silence(Matcher("alertname", "=~", ".+")))
    assert is_blanket(silence(Matcher("alertname", "!=", "")))
    assert is_blanket(silence(Matcher("x", "=~", ".*"), Matcher("severity", "=~", ".+")))
    assert not is_blanket(silence(Matcher("alertname", "=~", "A.*")))
    assert swallows(silence(Matcher("severity", "=", "critical")), labels)
    assert not swallows(silence(Matcher("severity", "=", "critical"), Matcher("instance", "=", "a")), labels)
    here = Matcher("instance", "=", "a")
    assert narrows(silence(Matcher("severity", "=", "critical"), here), labels) == (here,)
    assert narrows(silence(Matcher("severity", "=", "warning"), here), labels) == ()
    assert narrows(silence(here), labels) == ()


def test_inhibitions() -> None:
    critical, down = ROUTING.inhibitions
    fires = Fires("Disk", (("alertname", "Disk"), ("severity", "critical")))
    assert inhibited_by(critical, {"alertname": "Disk", "severity": "warning"}, [fires]) is fires
    assert inhibited_by(critical, {"alertname": "Other", "severity": "warning"}, [fires]) is None
    assert inhibited_by(critical, {"alertname": "Disk", "severity": "critical"}, [fires]) is None
    # one that is both source and target does not mute its like
    itself = Fires("Down", (("alertname", "Down"), ("job", "api")))
    assert inhibited_by(down, {"alertname": "Down", "job": "api"}, [itself]) is None
    assert inhibited_by(down, {"alertname": "Slow", "job": "api"}, [itself]) is itself


def test_a_label_that_both_lack_is_equal() -> None:
    rule = replace(ROUTING.inhibitions[0], equal=("cluster",))
    here, there = (Fires("D", (("severity", "critical"), *more)) for more in ((), (("cluster", "a"),)))
    warning = {"alertname": "Disk", "severity": "warning"}
    assert inhibited_by(rule, warning, [here]) is here
    assert inhibited_by(rule, warning, [there]) is None
    assert inhibited_by(rule, {**warning, "cluster": "a"}, [here]) is None
    other = Fires("E", (("severity", "info"),))
    assert inhibited_by(rule, warning, [other, there, here]) is here


def test_when_a_route_is_muted() -> None:
    *_, pager, info = ROUTING.root.routes
    assert when_muted(pager, ROUTING) == ("the interval night", False)
    assert when_muted(info, ROUTING) == ("not being in office", False)
    assert when_muted(ROUTING.root, ROUTING) == ("", False)
    both = replace(pager, mute=("night", "day"))
    assert when_muted(both, ROUTING) == ("the interval night and the interval day", True)
    assert when_muted(replace(pager, mute=(), active=("night", "day")), ROUTING) == ("", False)
    always = replace(pager, mute=("office",), active=("office",))
    assert when_muted(always, ROUTING) == ("the interval office and not being in office", True)
    assert when_muted(replace(pager, mute=("gone",)), ROUTING) == ("", False)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('a="b"', [("a", "=", "b")]),
        ("a = b", [("a", "=", "b")]),
        ('{a="b, c", d!~"e"}', [("a", "=", "b, c"), ("d", "!~", "e")]),
        (r'a="say \"x\""', [("a", "=", 'say "x"')]),
        ('"a b"="c"', [("a b", "=", "c")]),
        ('a=""', [("a", "=", "")]),
        ("{}", []),
    ],
)
def test_matchers_of_both_syntaxes(line: str, found: list[tuple[str, str, str]]) -> None:
    assert [(m.name, m.op, m.value) for m in parsed(line)] == found


@pytest.mark.parametrize("line", ["a", "=b", 'a="b" c="d"', "{a=}}x"])
def test_what_is_no_matcher_is_a_gap(line: str) -> None:
    with pytest.raises(Unavailable, match="matcher"):
        parsed(line)


@pytest.mark.parametrize(
    "text", ["", "route: {}", "x: [", "[]", "route: {receiver: a, matchers: ['=']}", "a: &a [*a, *a]", "route: 3"]
)
def test_what_is_no_configuration_is_a_gap(text: str) -> None:
    with pytest.raises(Unavailable):
        understood(text, NOW)


def test_an_interval_that_is_not_understood_is_in_doubt_alone() -> None:
    text = TREE.replace('end_time: "22:00"}]}]}', 'end_time: "22:00"}], location: Local}]}').replace("[night]", "[day]")
    routing = understood(text, NOW)
    (pager,) = paths(routing.root, {"severity": "page"})
    (office,) = paths(routing.root, {"severity": "info"})
    assert (
        doubted(pager, routing)
        == "the interval day: its location is Local, the time zone of Alertmanager's own machine"
    )
    assert doubted(office, routing) == ""
