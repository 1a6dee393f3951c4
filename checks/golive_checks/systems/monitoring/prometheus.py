"""What Prometheus scrapes, which rules it evaluates, and what fires."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from golive import Fact, Unavailable, probe, shortened
from golive_checks.subjects.monitoring import Prometheus
from golive_checks.systems.monitoring.client.monitors import Monitors
from golive_checks.systems.monitoring.client.promql import Selector, selectors
from golive_checks.systems.vendors.client.answer import JsonPart, VendorAnswer

T = TypeVar("T")

MAX_SERIES, MAX_RULES, MAX_LABELS, MAX_LABEL = 20_000, 5000, 500, 5000
TEXT = 300
ABSENT = frozenset({404, 405, 501})
"""What a hosted Prometheus answers where it has no such API."""
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PrometheusApi(Fact):
    """That Prometheus answers a query, by its clock."""

    at: float = 0.0
    """The moment for which everything is asked: rates of two moments are not to be compared."""


@dataclass(frozen=True)
class ScrapeTarget:
    """What Prometheus scrapes: `health` is up, down or unknown."""

    job: str
    instance: str
    health: str
    error: str = ""


@dataclass(frozen=True)
class Targets(Fact):
    """Every target, by its API or, of a hosted one, by the metric `up`."""

    found: tuple[ScrapeTarget, ...]
    by_query: bool = False


@dataclass(frozen=True)
class PrometheusRule:
    """A rule: `kind` is alerting or recording, `health` ok, err or unknown."""

    name: str
    group: str
    kind: str
    query: str
    labels: Labels = ()
    health: str = "ok"
    error: str = ""
    reads: tuple[Selector, ...] | None = ()
    """None where the expression is not understood."""
    slow: bool = False
    """Its group takes longer than the time between two evaluations."""


@dataclass(frozen=True)
class Fires:
    """An alert that fires, with all its labels."""

    name: str
    labels: Labels
    since: str = ""


@dataclass(frozen=True)
class Rules(Fact):
    """Every rule, and the alerts that fire."""

    found: tuple[PrometheusRule, ...]
    firing: tuple[Fires, ...] = ()


@dataclass(frozen=True)
class Receivers(Fact):
    """How many Alertmanagers Prometheus sends to; None where it does not tell."""

    active: int | None


@probe("monitoring.prometheus-api")
async def prometheus_api(at: Prometheus, monitors: Monitors) -> PrometheusApi:
    """Ask Prometheus the simplest query."""
    (first, *_) = await query(at, monitors, "time()") or (PrometheusSeries((), 0.0),)
    return PrometheusApi(first.value)


@probe("monitoring.targets")
async def targets(at: Prometheus, api: PrometheusApi, monitors: Monitors) -> Targets:
    """List what Prometheus scrapes."""
    got = await monitors.json(at, "/api/v1/targets", (("state", "active"),))
    if got.status in ABSENT:
        series = await query(at, monitors, "up")
        return Targets(
            tuple(ScrapeTarget(s.get("job"), s.get("instance"), "up" if s.value == 1 else "down") for s in series),
            by_query=True,
        )
    found = demanded(got, "its targets").part("data").parts("activeTargets")
    return Targets(tuple(_target(each) for each in whole(found, MAX_SERIES, "targets")))


def _target(each: JsonPart) -> ScrapeTarget:
    labels = dict(labels_of(each.part("labels").data))
    return ScrapeTarget(
        labels.get("job", ""), labels.get("instance", ""), each.text("health"), one_line(each.text("lastError"))
    )


@probe("monitoring.rules")
async def rules(at: Prometheus, api: PrometheusApi, monitors: Monitors) -> Rules:
    """List the rules, and the alerts that fire."""
    got = await monitors.json(at, "/api/v1/rules")
    if got.status in ABSENT:
        raise Unavailable("it has no API for rules (/api/v1/rules)", fix="give the URL of what evaluates the rules")
    found: list[PrometheusRule] = []
    firing: list[Fires] = []
    for group in demanded(got, "its rules").part("data").parts("groups"):
        interval, took = group.data.get("interval"), group.data.get("evaluationTime")
        slow = isinstance(interval, int | float) and isinstance(took, int | float) and took > interval > 0
        for each in group.parts("rules"):
            found.append(_rule(group.text("name"), each, slow=slow))
            alerts = each.parts("alerts") if each.data.get("alerts") else []
            firing += [
                Fires(each.text("name"), labels_of(alert.part("labels").data), alert.text("activeAt"))
                for alert in alerts
                if alert.text("state") == "firing"
            ]
    return Rules(tuple(whole(found, MAX_RULES, "rules")), tuple(whole(firing, MAX_SERIES, "firing alerts")))


def _rule(group: str, each: JsonPart, *, slow: bool) -> PrometheusRule:
    text = str(each.data.get("query") or "")
    return PrometheusRule(
        each.text("name"),
        group,
        each.text("type"),
        one_line(text),
        labels_of(each.part("labels").data),
        each.text("health"),
        one_line(each.text("lastError")),
        selectors(text),
        slow=slow,
    )


@probe("monitoring.receivers")
async def receivers(at: Prometheus, api: PrometheusApi, monitors: Monitors) -> Receivers:
    """Ask which Alertmanagers Prometheus sends to."""
    got = await monitors.json(at, "/api/v1/alertmanagers")
    if got.status in ABSENT:
        return Receivers(None)
    return Receivers(len(demanded(got, "its Alertmanagers").part("data").parts("activeAlertmanagers")))


@dataclass(frozen=True)
class PrometheusSeries:
    """One series of an answer: its labels, and its value now."""

    labels: Labels
    value: float

    def get(self, label: str) -> str:
        """Return a label's value; empty where it has none."""
        return dict(self.labels).get(label, "")


async def query(
    at: Prometheus, monitors: Monitors, expression: str, moment: float = 0.0
) -> tuple[PrometheusSeries, ...]:
    """Ask an instant query, for a moment or for now. A refusal is a gap, and so is what is no vector and no scalar."""
    when = (("time", f"{moment:.3f}"),) if moment else ()
    got = await monitors.json(at, "/api/v1/query", (("query", expression), *when))
    if not got.ok:
        why = one_line(got.body.text("error")) or str(got.status)
        # The query API gives its reasons in JSON: a bare 404 is not from it, as where the URL lacks a path.
        if got.status in ABSENT and not got.body.text("error"):
            raise Unavailable(
                f"no Prometheus answers at {at.url} ({got.status})",
                fix="give its base URL, with its path where it has one",
            )
        raise Unavailable(
            f"Prometheus does not answer the query {one_line(expression)}: {why}",
            transient=got.status >= 500,  # noqa: PLR2004 - the server's own failure
            fix="run the query in Prometheus itself, and put right what it says",
        )
    data = demanded(got, "a query").part("data")
    if data.text("resultType") == "scalar":
        return (PrometheusSeries((), _number(data.data.get("result"))),)
    if data.text("resultType") != "vector":
        raise Unavailable(f"the query {one_line(expression)} gives a {data.text('resultType')}, not one value a series")
    return tuple(
        PrometheusSeries(labels_of(each.part("metric").data), _number(each.data.get("value")))
        for each in whole(data.parts("result"), MAX_SERIES, "series")
    )


def _number(pair: Any) -> float:
    """Read a sample, `[time, "value"]`."""
    try:
        _, value = pair
        return float(shortened(str(value), 50).replace("+Inf", "inf").replace("-Inf", "-inf"))
    except (TypeError, ValueError):
        raise Unavailable("Prometheus answers with a value that is no number") from None


def demanded(got: VendorAnswer, what: str) -> JsonPart:
    """Return an answer's body, where it is a success of Prometheus's own."""
    if not got.ok or got.body.text("status") != "success":
        why = one_line(got.body.text("error"))
        raise Unavailable(
            f"{got.body.vendor} answers {got.status} when asked for {what}" + (f": {why}" if why else ""),
            transient=got.status >= 500,  # noqa: PLR2004 - the server's own failure
            fix="put right what it says" if why else "give the base URL of its API, with its path where it has one",
        )
    return got.body


def labels_of(found: Mapping[str, Any]) -> Labels:
    """Return labels as pairs. None is cut: an alert is routed and silenced by each of them, to its last character."""
    pairs = tuple(
        (str(name), str(value)) for name, value in whole([*found.items()], MAX_LABELS, "labels of one series")
    )
    if any(len(name) + len(value) > MAX_LABEL for name, value in pairs):
        raise Unavailable(f"a label is longer than {MAX_LABEL:,} characters")
    return pairs


def whole(found: Sequence[T], limit: int, what: str) -> Sequence[T]:
    """Return what was found, where it is no more than golive looks at: of a part, no verdict is right."""
    if len(found) > limit:
        raise Unavailable(f"it has {len(found):,} {what}, and golive looks at no more than {limit:,}")
    return found


def one_line(text: str) -> str:
    """Show what a server said on one short line."""
    return shortened(" ".join(text.split()), TEXT)
