"""The probes of what watches a system, against a real Prometheus, Alertmanager and Node process."""

import asyncio
import datetime as dt
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from golive import Environment, Now, RunInfo, Unavailable
from golive_checks.observability.routes import paths
from golive_checks.subjects.monitoring import Alertmanager, ApiEntry, MetricsPage, Prometheus
from golive_checks.subjects.monitoring import prometheus as named
from golive_checks.systems.gateways.gateways import EVERY, Gateways
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.monitoring.alertmanager import Routing, routing, understood
from golive_checks.systems.monitoring.client.monitors import MonitoringApis, Monitors
from golive_checks.systems.monitoring.client.promql import Matcher
from golive_checks.systems.monitoring.metrics import exposed
from golive_checks.systems.monitoring.numbers import (
    MessagingQueries,
    PaymentQueries,
    messaging_numbers,
    payment_numbers,
)
from golive_checks.systems.monitoring.prometheus import PrometheusApi, prometheus_api, query, receivers, rules, targets
from golive_checks.systems.monitoring.relabelling import AlertLabels, alert_labels
from golive_checks.systems.monitoring.uptime import UptimePolicy, probes
from golive_lab.parts.asgi import HttpAnswer, Listener, Receive, Scope, Send, as_json, header, lifespan, serving
from golive_lab.parts.monitoring.recorded import watchers
from golive_lab.parts.monitoring.servers import ALERTMANAGER, NODE, PROMETHEUS, SETTLED, ask
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.stack import Stack
from golive_lab.world import World
from golive_lab.world.monitoring import PASSWORD, SCRAPE_TOKEN, USER, Alerting, AlertSilence, Monitoring

BASIC = f"{USER}:{PASSWORD}"
SILENT = AlertSilence((("alertname", "Service.*", True, True), ("cluster", "test", False, False)), "moving", "awa")
HERE = World(monitoring=Monitoring(alerting=Alerting(silences=(SILENT,))))
GATEWAYS = Gateways(enabled=EVERY)
TENANT = "tenant-4711"


@pytest.fixture(scope="module")
def real() -> Iterator[StackPlace]:
    with standing() as place:
        stack = Stack(((PROMETHEUS,), (ALERTMANAGER, NODE), (SETTLED,)), place)
        try:
            stack.become(HERE)
            yield place
        finally:
            stack.close()


@asynccontextmanager
async def client() -> AsyncIterator[Monitors]:
    made = Monitors(MonitoringApis(timeout_s=5), Pace(RateLimit(), Environment("x")), RunInfo("0123abcd", "9.9"))
    try:
        yield made
    finally:
        await made.aclose()


def prom(place: StackPlace, **changes: Any) -> Prometheus:
    given = {"url": f"http://127.0.0.1:{place.ports.prometheus}/prometheus", "basic": BASIC, **changes}
    (found,) = named(ApiEntry.model_validate(given))
    return found


async def test_what_prometheus_scrapes_evaluates_and_fires(real: StackPlace) -> None:
    at = prom(real)
    async with client() as monitors:
        api = await prometheus_api(at, monitors)
        assert await alert_labels(at, api, monitors) == AlertLabels((("cluster", "demo"),))
        scraped = await targets(at, api, monitors)
        assert {(t.job, t.health) for t in scraped.found} == {("api", "up"), ("worker", "up"), ("probe", "up")}
        known = await rules(at, api, monitors)
        assert {rule.health for rule in known.found} == {"ok"}
        assert [alert.name for alert in known.firing] == ["Watchdog"]
        assert all(rule.reads is not None for rule in known.found)
        assert (await receivers(at, api, monitors)).active == 1
        seen = await probes(at, api, UptimePolicy(), monitors)
        assert {(p.host, p.up) for p in seen.found} == {(f"{n}.demo.test", True) for n in ("api", "app", "shop")}


async def test_alertmanager_tells_its_tree_and_its_silences(real: StackPlace) -> None:
    base = f"http://127.0.0.1:{real.ports.alertmanager}/alertmanager"
    at = Alertmanager("alertmanager", url=base, headers=dict(prom(real).headers))
    async with client() as monitors:
        seen = await routing(at, Now(dt.datetime.now(dt.UTC)), monitors)
    assert seen.silent == ("null",)
    assert set(seen.sending) == {"team", "payments", "pager"}
    (silence,) = seen.silences
    assert silence.matchers == (Matcher("alertname", "=~", "Service.*"), Matcher("cluster", "!=", "test"))
    assert "golive-lab-hook-secret" not in repr(seen)


async def test_the_recorded_one_says_what_the_real_one_does(real: StackPlace) -> None:
    """Counters of the real one are some per cent higher, as it extrapolates; their ratios are the same."""
    found = []
    with standing() as place:
        async with watchers(HERE, place):
            for where in (real, place):
                at = prom(where)
                async with client() as monitors:
                    api = await prometheus_api(at, monitors)
                    paid = await payment_numbers(at, api, PaymentQueries(), GATEWAYS, monitors)
                    sent = await messaging_numbers(at, api, MessagingQueries(), monitors)
                    all_rules = await rules(at, api, monitors)
                    page = MetricsPage("api", url=f"http://127.0.0.1:{where.ports.node}/metrics", headers=token())
                    shown = await exposed(page, monitors)
                ratios = {n: per["mtn"].value / paid.found["payments"]["mtn"].value for n, per in paid.found.items()}
                ratios |= {n: number.value / sent.found["messages"].value for n, number in sent.found.items()}
                for name in ("webhook_p95",):
                    ratios[name] = paid.found[name]["mtn"].value
                ratios["message_p95"] = sent.found["message_p95"].value
                ratios["active"] = sent.found["active"].value
                kinds = [(r.name, r.kind, r.query.replace(" ", ""), r.reads) for r in all_rules.found]
                names = {(f.name, f.kind) for f in shown.families}
                found.append((ratios, kinds, names))
    (real_ratios, real_kinds, real_names), (ratios, kinds, names) = found
    assert real_ratios == pytest.approx(ratios, rel=0.02)
    assert [kind[:2] for kind in real_kinds] == [kind[:2] for kind in kinds]
    assert [kind[3] for kind in real_kinds] == [kind[3] for kind in kinds]
    assert names <= real_names


def token(text: str = SCRAPE_TOKEN) -> dict[str, SecretStr]:
    return {"authorization": SecretStr(f"Bearer {text}")}


async def test_wrong_credentials_are_refused_once_and_not_shown(real: StackPlace) -> None:
    wrong = prom(real, basic="golive:wrong-password-9")
    async with client() as monitors:
        for _ in range(2):
            with pytest.raises(Unavailable, match=r"refuses the credentials of the profile \(401\)") as caught:
                await prometheus_api(wrong, monitors)
            assert "wrong-password-9" not in f"{caught.value.reason} {caught.value.fix} {caught.value!r} {wrong!r}"
    async with client() as monitors:
        with pytest.raises(Unavailable, match=r"refuses to answer without credentials \(401\)"):
            await prometheus_api(prom(real, basic=""), monitors)


@pytest.mark.parametrize("path", ["", "/alert", "/prometheus/alert"])
async def test_another_path_is_told(real: StackPlace, path: str) -> None:
    base = f"http://127.0.0.1:{real.ports.prometheus}{path}"
    async with client() as monitors:
        with pytest.raises(Unavailable, match="no Prometheus answers") as caught:
            await prometheus_api(prom(real, url=base), monitors)
        assert "base URL" in caught.value.fix


@asynccontextmanager
async def front(real: StackPlace) -> AsyncIterator[str]:
    """Stand before Prometheus as a hosted one does: a bearer token, a tenant, no API for targets."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        path = scope["path"].removeprefix("/api/prom")
        if (status := int(dict(scope["headers"]).get(b"x-config", b"0"))) and path.endswith("/status/config"):
            answer = HttpAnswer(status, "text/plain", b"no")
        elif header(scope, "authorization") != "Bearer t0ken":
            answer = HttpAnswer(401, "text/plain", b"no")
        elif header(scope, "x-scope-orgid") != TENANT:
            answer = HttpAnswer(401, "text/plain", b"no org id")
        elif path.endswith(("/targets", "/alertmanagers", "/status/config")):
            answer = HttpAnswer(404, "text/plain", b"not found")
        elif "odd" in path:
            answer = HttpAnswer(302, "text/html", b"", (("location", "/login"),))
        else:
            url = f"{prom(real).url}{path}?{scope['query_string'].decode()}"
            answer = as_json(200, await asyncio.to_thread(ask, url))
        await answer.send(send)

    async with serving([(Listener("127.0.0.1", real.ports.spare[-1]), app)]):
        yield f"http://127.0.0.1:{real.ports.spare[-1]}/api/prom"


async def test_a_hosted_one_with_a_token_a_tenant_and_a_path(real: StackPlace) -> None:
    async with front(real) as url:
        at = prom(real, url=url, basic="", bearer="t0ken", headers={"X-Scope-OrgID": TENANT})
        assert TENANT not in repr(at)
        async with client() as monitors:
            api = await prometheus_api(at, monitors)
            assert await alert_labels(at, api, monitors) == AlertLabels(shown=False)
            scraped = await targets(at, api, monitors)
            assert scraped.by_query
            assert {t.job for t in scraped.found} == {"api", "worker", "probe"}
            assert (await receivers(at, api, monitors)).active is None
            assert len((await rules(at, api, monitors)).found) == len(HERE.monitoring.rules)
        for status, reason in ((403, "refuses the credentials"), (500, "answers 500 when asked for its configuration")):
            headers = {"X-Scope-OrgID": TENANT, "X-Config": str(status)}
            async with client() as monitors:
                with pytest.raises(Unavailable, match=reason):
                    await alert_labels(prom(real, url=url, basic="", bearer="t0ken", headers=headers), api, monitors)
        async with client() as monitors:
            with pytest.raises(Unavailable, match="refuses the credentials"):
                await prometheus_api(prom(real, url=url, basic="", bearer="t0ken"), monitors)
        async with client() as monitors:
            with pytest.raises(Unavailable, match="redirects, as to a login page"):
                await prometheus_api(replace(at, url=f"{url}/odd"), monitors)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("sum(", "does not answer the query sum(: "),
        ("up + on() up", "does not answer the query"),
        ("up[1m]", "gives a matrix, not one value a series"),
    ],
)
async def test_queries_that_give_no_value(real: StackPlace, expression: str, reason: str) -> None:
    async with client() as monitors:
        with pytest.raises(Unavailable) as caught:
            await query(prom(real), monitors, expression)
        assert reason in caught.value.reason


async def test_what_is_not_there_is_no_number(real: StackPlace) -> None:
    ask_for = MessagingQueries.model_validate(
        {"active": "sum(nothing_of_that_name)", "messages": "0 / 0", "connections": "up + on() up"}
    )
    async with client() as monitors:
        seen = await messaging_numbers(prom(real), PrometheusApi(), ask_for, monitors)
    assert seen.found["active"].gap == "no series"
    assert "NaN" in seen.found["messages"].gap
    assert "does not answer" in seen.found["connections"].gap
    assert seen.found["requests"].value is not None


async def test_pages_of_metrics(real: StackPlace) -> None:
    base = f"http://127.0.0.1:{real.ports.node}"
    async with client() as monitors:
        good = await exposed(MetricsPage("api", url=f"{base}/metrics", headers=token()), monitors)
        assert {f.kind for f in good.families if f.name == "nodejs_gc_duration_seconds"} == {"histogram"}
        assert (await exposed(MetricsPage("api", url=f"{base}/nowhere"), monitors)).absent == 404
        for url, headers, reason in (
            (f"{base}/metrics", token("wrong-token-9"), "refuses the credentials"),
            ("http://127.0.0.1:1/metrics", {}, "refuses connections"),
        ):
            with pytest.raises(Unavailable, match=reason) as caught:
                await exposed(MetricsPage("api", url=url, headers=headers), monitors)
            assert "wrong-token-9" not in caught.value.reason


CONFIGS = {
    "the lab's": yaml.safe_dump(Alerting().config),
    "old syntax": """
        route: {receiver: a, routes: [{match: {x: "1"}, receiver: b}, {match_re: {x: "1|2"}, receiver: c}]}
        receivers: [{name: a}, {name: b}, {name: c}]""",
    "continue": """
        route:
          receiver: a
          routes:
            - {matchers: ['x=~".+"'], receiver: b, continue: true}
            - {matchers: [x != 2], receiver: c, routes: [{matchers: ['y=""'], receiver: d}, {receiver: e}]}
        receivers: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}]""",
    "inherited": """
        route: {receiver: a, routes: [{matchers: ['x="1"'], routes: [{matchers: [y = 1], receiver: b}]}]}
        receivers: [{name: a}, {name: b}]""",
}
LABELS = ({}, {"x": "1"}, {"x": "2"}, {"x": "1", "y": "1"}, {"x": "12"}, {"y": "1"}, {"team": "payments"})
MORE = ({"alertname": "Watchdog"}, {"severity": "critical", "team": "payments"}, {"severity": "page"})


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_routes_end_where_amtool_says(config: str, tmp_path: Any) -> None:
    file = tmp_path / "alertmanager.yml"
    file.write_text(yaml.safe_dump(yaml.safe_load(config)))
    known: Routing = understood(file.read_text(), dt.datetime.now(dt.UTC))
    for labels in (*LABELS, *MORE):
        told = subprocess.run(
            ["amtool", "config", "routes", "test", f"--config.file={file}", *(f"{n}={v}" for n, v in labels.items())],
            check=True,
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert ",".join(route.receiver for route in paths(known.root, labels)) == told.stdout.strip(), labels


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"url": "monitoring.example.com"}, "a base URL is https://"),
        ({"url": "https://a.test/?x=1"}, "a base URL is https://"),
        ({"url": "https://u:p@a.test"}, "under basic"),
        ({"url": "https://a.test/prometheus/api/v1/"}, "leave out /api/v1"),
        ({"url": "https://a.test", "basic": "a:b", "bearer": "c"}, "either basic or bearer"),
        ({"url": "http://a.test", "basic": "a:b"}, "credentials need https"),
        ({"url": "https://a.test", "bearer": "a\nb"}, "such as a line break"),
    ],
)
def test_entries_that_are_refused(entry: dict[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        ApiEntry.model_validate(entry)


def test_an_entry_without_credentials_may_be_in_clear() -> None:
    assert ApiEntry.model_validate({"url": "http://prometheus:9090/"}).url == "http://prometheus:9090"
