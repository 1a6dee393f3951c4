"""What answers in Prometheus's or Alertmanager's place may say anything: it becomes a fact or a gap, nothing else."""

import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from golive import Environment, Now, RunInfo, Unavailable
from golive_checks.subjects.monitoring import Alertmanager, MetricsPage, Prometheus
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.monitoring.alertmanager import routing
from golive_checks.systems.monitoring.client.monitors import MonitoringApis, Monitors
from golive_checks.systems.monitoring.metrics import exposed
from golive_checks.systems.monitoring.prometheus import PrometheusApi, prometheus_api, query, receivers, rules, targets
from golive_lab.parts.asgi import HttpAnswer, Listener, Receive, Scope, Send, lifespan, serving
from golive_lab.parts.ports import standing


def data(of: Any) -> bytes:
    return json.dumps({"status": "success", "data": of}).encode()


def config(text: str) -> bytes:
    return json.dumps({"config": {"original": text}}).encode()


BODIES: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "a number": b"1",
    "a list": b"[1, [2], {}]",
    "html": b"<html>",
    "broken": b'{"status": "succ',
    "deep": b"[" * 100_000,
    "an error": b'{"status": "error", "error": "a\\nb"}',
    "no data": b'{"status": "success"}',
    "text for data": data("x"),
    "numbers for lists": data({"activeTargets": 1, "groups": 2, "activeAlertmanagers": 3, "result": 4}),
    "numbers in lists": data({"activeTargets": [1], "groups": [2], "activeAlertmanagers": [3], "result": [4]}),
    "odd entries": data(
        {
            "activeTargets": [{"labels": 1, "health": 2}],
            "groups": [{"name": 1, "rules": [{"query": 3, "labels": [], "alerts": "x", "type": None}]}],
            "resultType": "vector",
            "result": [{"metric": {"a": [1]}, "value": ["x", "y", "z"]}],
        }
    ),
    "odd scalars": data({"resultType": "scalar", "result": [1, {"a": 1}], "yaml": 7}),
    "an endless rule": data({"groups": [{"rules": [{"query": "(" * 100_000, "type": "alerting"}]}]}),
    "odd yaml": data({"resultType": "scalar", "result": [1, "2"], "yaml": "a: &a [*a, *a]\nglobal: [*a]"}),
    "config as a number": config("3"),
    "config as a list": config("[1, 2]"),
    "config deep": config("{a: " * 100 + "1" + "}" * 100),
    "config in circles": config("route: &r {receiver: a, routes: [*r]}"),
    "config with odd parts": config("route: {receiver: [1], routes: {a: 1}}\nreceivers: 7\ninhibit_rules: [1, {}]"),
    "config with odd intervals": config("route: {receiver: a}\ntime_intervals: [{time_intervals: [{times: [1]}]}]"),
    "binary": bytes(range(256)),
}


@asynccontextmanager
async def answering(body: bytes, status: int = 200) -> AsyncIterator[tuple[str, Monitors]]:
    """Give every question the same answer, and stand ready to ask."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        else:
            await HttpAnswer(status, "application/json", body).send(send)

    monitors = Monitors(MonitoringApis(timeout_s=3), Pace(RateLimit(), Environment("x")), RunInfo("0123abcd", "9.9"))
    with standing() as place:
        async with serving([(Listener("127.0.0.1", place.ports.prometheus), app)]):
            yield f"http://127.0.0.1:{place.ports.prometheus}", monitors
            await monitors.aclose()


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_any_answer_is_a_fact_or_a_gap(body: bytes, status: int) -> None:
    api, now = PrometheusApi(), Now(dt.datetime.now(dt.UTC))
    async with answering(body, status) as (url, monitors):
        at, manager, page = Prometheus("p", url=url), Alertmanager("a", url=url), MetricsPage("m", url=url)
        for looking in (
            prometheus_api(at, monitors),
            targets(at, api, monitors),
            rules(at, api, monitors),
            receivers(at, api, monitors),
            query(at, monitors, "up"),
            routing(manager, now, monitors),
            exposed(page, monitors),
        ):
            try:
                await looking
            except Unavailable as gap:
                assert "\n" not in gap.reason  # noqa: PT017 - a gap is allowed, and not demanded


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, b'{"error": "token has expired"}', r"refuses to answer without credentials \(401: token has expired\)"),
        (403, b"<html>no</html>", r"refuses to answer without credentials \(403\)$"),
        (403, b"[" * 50_000, r"\(403\)$"),
        (422, b'{"status": "error", "error": "too many samples"}', "the query time.*: too many samples$"),
        (503, b'{"status": "error", "error": "not ready"}', "the query time.*: not ready$"),
    ],
)
async def test_a_refusal_is_told_in_its_own_words(status: int, body: bytes, reason: str) -> None:
    async with answering(body, status) as (url, monitors):
        with pytest.raises(Unavailable, match=reason) as caught:
            await prometheus_api(Prometheus("p", url=url), monitors)
    assert caught.value.fix


def alerts(count: int, state: str = "pending") -> list[dict[str, Any]]:
    return [{"state": state, "labels": {"alertname": f"A{number}"}} for number in range(count)]


def one_rule(found: list[dict[str, Any]]) -> bytes:
    return data(
        {"groups": [{"name": "g", "rules": [{"name": "A", "type": "alerting", "query": "up", "alerts": found}]}]}
    )


async def test_an_alert_that_fires_is_seen_behind_a_thousand_that_wait() -> None:
    async with answering(one_rule([*alerts(1500), *alerts(1, "firing")])) as (url, monitors):
        seen = await rules(Prometheus("p", url=url), PrometheusApi(), monitors)
    assert [fires.labels for fires in seen.firing] == [(("alertname", "A0"),)]


async def test_every_label_counts() -> None:
    labels = {f"l{number:02}": "x" for number in range(60)} | {"severity": "critical", "long": "y" * 400}
    async with answering(one_rule([{"state": "firing", "labels": labels}])) as (url, monitors):
        (fires,) = (await rules(Prometheus("p", url=url), PrometheusApi(), monitors)).firing
    assert dict(fires.labels) == labels


async def test_more_than_golive_looks_at_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("golive_checks.systems.monitoring.prometheus.MAX_SERIES", 3)
    monkeypatch.setattr("golive_checks.systems.monitoring.prometheus.MAX_LABELS", 3)
    series = [{"metric": {"job": str(number)}, "value": [0, "1"]} for number in range(4)]
    for body, look in (
        (data({"activeTargets": [{"labels": {"job": str(number)}, "health": "up"} for number in range(4)]}), targets),
        (one_rule(alerts(4, "firing")), rules),
        (one_rule([{"state": "firing", "labels": dict.fromkeys("abcd", "x")}]), rules),
    ):
        async with answering(body) as (url, monitors):
            with pytest.raises(Unavailable, match=r"it has 4 .*, and golive looks at no more than 3"):
                await look(Prometheus("p", url=url), PrometheusApi(), monitors)
    async with answering(data({"resultType": "vector", "result": series})) as (url, monitors):
        with pytest.raises(Unavailable, match="it has 4 series, and golive looks at no more than 3"):
            await query(Prometheus("p", url=url), monitors, "up")
