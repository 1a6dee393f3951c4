"""How Prometheus changes an alert's labels before it sends it, as its configuration says."""

from dataclasses import dataclass

from golive import Fact, Unavailable, probe
from golive_checks.subjects.monitoring import Prometheus
from golive_checks.systems.machine.client.yamlnodes import Node, documents, items, pairs, scalar
from golive_checks.systems.monitoring.client.monitors import Monitors
from golive_checks.systems.monitoring.prometheus import ABSENT, TEXT, Labels, PrometheusApi, demanded

MAX_STEPS = 200
ACTIONS = frozenset(
    {
        "replace",
        "keep",
        "drop",
        "keepequal",
        "dropequal",
        "hashmod",
        "labelmap",
        "labeldrop",
        "labelkeep",
        "lowercase",
        "uppercase",
    }
)


@dataclass(frozen=True)
class RelabelStep:
    """One step: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config."""

    action: str = "replace"
    source: tuple[str, ...] = ()
    separator: str = ";"
    regex: str = "(.*)"
    target: str = ""
    replacement: str = "$1"
    modulus: int = 0


Chain = tuple[RelabelStep, ...]


@dataclass(frozen=True)
class AlertLabels(Fact):
    """The labels added to every alert, then the steps for each group of Alertmanagers.

    `shown`: whether Prometheus shows its configuration; a hosted one does not.
    """

    external: Labels = ()
    chains: tuple[Chain, ...] = ((),)
    shown: bool = True


@probe("monitoring.alert-labels")
async def alert_labels(at: Prometheus, api: PrometheusApi, monitors: Monitors) -> AlertLabels:
    """Read global.external_labels and alerting.alert_relabel_configs of the configuration in use."""
    got = await monitors.json(at, "/api/v1/status/config")
    if got.status in ABSENT:
        return AlertLabels(shown=False)
    text = str(demanded(got, "its configuration").part("data").data.get("yaml") or "")
    config = pairs(next(iter(documents(text, "Prometheus's configuration")), None))
    added = pairs(pairs(config.get("global")).get("external_labels"))
    external = tuple((name, (scalar(value) or "")[:TEXT]) for name, value in added.items())
    return AlertLabels(external, chains(config.get("alerting")))


def chains(alerting: Node | None) -> tuple[Chain, ...]:
    """Read the steps of each group of Alertmanagers: those that all have in common, then its own (Prometheus 2.51)."""
    entries = pairs(alerting)
    common = _steps(entries.get("alert_relabel_configs"))
    own = [_steps(pairs(group).get("alert_relabel_configs")) for group in items(entries.get("alertmanagers"))]
    return tuple(dict.fromkeys(common + steps for steps in own or [()]))


def _steps(node: Node | None) -> Chain:
    found = items(node)
    if len(found) > MAX_STEPS:
        raise Unavailable(f"Prometheus relabels alerts in more than {MAX_STEPS} steps")
    return tuple(_step(each) for each in found)


def _step(node: Node) -> RelabelStep:
    entries = pairs(node)
    texts = {key: text for key, value in entries.items() if (text := scalar(value)) is not None}
    usual = RelabelStep()
    action = texts.get("action", usual.action).lower()
    modulus = texts.get("modulus", "0")
    if action not in ACTIONS or not modulus.isdecimal():
        raise Unavailable("Prometheus relabels alerts in a way that golive does not understand")
    return RelabelStep(
        action,
        tuple(text for each in items(entries.get("source_labels")) if (text := scalar(each)) is not None),
        texts.get("separator", usual.separator),
        texts.get("regex", usual.regex),
        texts.get("target_label", usual.target),
        texts.get("replacement", usual.replacement),
        int(modulus[:20]),
    )
