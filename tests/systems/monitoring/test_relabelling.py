"""Relabelling, as ours and as a real Prometheus does it: the same engine changes alerts and targets there."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from golive import Unavailable
from golive_checks.observability.relabelling import sent
from golive_checks.systems.machine.client.yamlnodes import documents
from golive_checks.systems.monitoring.relabelling import RelabelStep, chains
from golive_lab.parts.monitoring.servers import answers, ask
from golive_lab.parts.ports import standing
from golive_lab.parts.process import running

LABELS = {"kind": "Down", "severity": "critical", "team": "payments", "replica": "a"}
Labels = dict[str, str]


def step(action: str = "replace", *source: str, **more: Any) -> dict[str, Any]:
    return {"action": action, **({"source_labels": list(source)} if source else {}), **more}


def changed(**by: str) -> Labels:
    return {name: value for name, value in (LABELS | by).items() if value}


CASES: dict[str, tuple[list[dict[str, Any]], Labels | None]] = {
    "nothing": ([], LABELS),
    "by what is usual": ([{"source_labels": ["team"], "target_label": "owner"}], changed(owner="payments")),
    "put together": (
        [
            step(
                "replace",
                "team",
                "severity",
                separator="/",
                regex="(.+)/(?P<how>c.*)",
                target_label="to",
                replacement="$how-${1}$$$2x${3}$nobody.",
            )
        ],
        changed(to="critical-payments$."),
    ),
    "a target of its own making": ([step("replace", "team", target_label="x_$1")], changed(x_payments="payments")),
    "an empty value": ([step(target_label="replica", replacement="")], changed(replica="")),
    "not the whole value": ([step("replace", "team", regex="pay", target_label="team", replacement="x")], LABELS),
    "dropped": ([step("drop", "severity", regex="critical|page")], None),
    "not dropped": ([step("drop", "severity", regex="crit")], LABELS),
    "kept": ([step("keep", "severity", regex="crit.*")], LABELS),
    "not kept": ([step("keep", "severity", regex="page")], None),
    "an absent label": ([step("keep", "nobody", "team", regex=";pay.*")], LABELS),
    "dropped as equal": ([step("dropequal", "team", target_label="team")], None),
    "kept as equal": ([step("keepequal", "team", target_label="team")], LABELS),
    "not kept as equal": ([step("keepequal", "team", target_label="severity")], None),
    "upper": ([step("Uppercase", "team", target_label="team")], changed(team="PAYMENTS")),
    "lower": ([step("lowercase", "kind", target_label="kind")], changed(kind="down")),
    "hashed": ([step("hashmod", "team", target_label="shard", modulus=1000)], changed(shard="594")),
    "mapped": ([step("labelmap", regex="te(.+)", replacement="new_$1")], changed(new_am="payments")),
    "a label dropped": ([step("labeldrop", regex="repl.*")], changed(replica="")),
    "labels kept": ([step("labelkeep", regex="kind|team|__.+|job")], changed(replica="", severity="")),
    "one after the other": (
        [
            step("replace", "severity", regex="critical", target_label="severity", replacement="page"),
            step("drop", "severity", regex="critical"),
        ],
        changed(severity="page"),
    ),
}


@pytest.mark.parametrize(("steps", "labels"), CASES.values(), ids=CASES)
def test_relabelling(steps: list[dict[str, Any]], labels: Labels | None) -> None:
    (node,) = documents(yaml.safe_dump({"alert_relabel_configs": steps}), "config")
    (chain,) = chains(node)
    assert sent(LABELS, chain, complete=True).labels == labels


@pytest.fixture(scope="module")
def real() -> Iterator[dict[str, Labels | None]]:
    """What a real Prometheus makes of it, by the names of the cases."""
    jobs = [
        {
            "job_name": name,
            "scrape_interval": "1h",
            "static_configs": [{"targets": ["127.0.0.1:9"], "labels": LABELS | {"instance": name}}],
            "relabel_configs": steps,
        }
        for name, (steps, _) in CASES.items()
    ]
    with standing() as place:
        file = place.folder / "prometheus.yml"
        file.write_text(yaml.safe_dump({"scrape_configs": jobs}))
        base = f"http://127.0.0.1:{place.ports.prometheus}"
        argv = [
            "prometheus",
            f"--config.file={file}",
            f"--storage.tsdb.path={place.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{place.ports.prometheus}",
            "--scrape.discovery-reload-interval=100ms",
            "--log.level=warn",
        ]
        with running(argv, log=place.folder / "prometheus.log", ready=lambda: answers(f"{base}/-/ready")):
            yield _targets(base)


def _targets(base: str) -> dict[str, Labels | None]:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        found = ask(f"{base}/api/v1/targets")["data"]
        kept = {t["scrapePool"]: t["labels"] for t in found["activeTargets"]}
        dropped = {t["discoveredLabels"]["job"] for t in found["droppedTargets"]}
        if len(kept) + len(dropped) == len(CASES):
            return {name: _ours(labels) for name, labels in kept.items()} | dict.fromkeys(dropped)
        time.sleep(0.1)
    raise AssertionError("Prometheus has not come to see its targets")


def _ours(labels: Labels) -> Labels:
    return {name: value for name, value in labels.items() if name not in {"job", "instance"}}


@pytest.mark.parametrize("name", CASES)
def test_a_real_prometheus_says_the_same(real: dict[str, Labels | None], name: str) -> None:
    assert real[name] == CASES[name][1]


def test_a_way_for_each_group_of_alertmanagers() -> None:
    common, own = step("labeldrop", regex="replica"), step("drop", "severity", regex="none")
    groups = [{"alert_relabel_configs": [own]}, {}, {}]
    (node,) = documents(yaml.safe_dump({"alert_relabel_configs": [common], "alertmanagers": groups}), "config")
    first = RelabelStep("labeldrop", regex="replica")
    assert chains(node) == ((first, RelabelStep("drop", ("severity",), regex="none")), (first,))
    assert chains(None) == ((),)


@pytest.mark.parametrize("steps", [[step("explode")], [step("hashmod", modulus="x")], [step()] * 201])
def test_steps_that_are_not_understood(steps: list[dict[str, Any]]) -> None:
    (node,) = documents(yaml.safe_dump({"alert_relabel_configs": steps}), "config")
    with pytest.raises(Unavailable, match="relabels alerts in"):
        chains(node)


def test_a_pattern_that_is_none() -> None:
    assert sent(LABELS, (RelabelStep("drop", ("team",), regex="("),), complete=True).labels == LABELS


def test_what_hangs_on_labels_that_are_not_known() -> None:
    found = sent(
        LABELS,
        (
            RelabelStep("drop", ("namespace",), regex="dev"),
            RelabelStep("keep", ("namespace",), regex="prod"),
            RelabelStep("keepequal", ("namespace",), target="team"),
            RelabelStep(source=("tier",), target="severity"),
            RelabelStep(source=("tier",), target="level"),
        ),
    )
    assert found.labels == {name: value for name, value in LABELS.items() if name != "severity"}
    assert found.at_times == ("drops it where namespace matches dev",)
    assert found.unsure == (
        "drops it where namespace does not match prod",
        "drops it where namespace does not equal team",
        "writes its severity from tier",
    )
