"""The demo's Prometheus, Alertmanager and page of metrics: recorded answers, filled in from the same description."""

from __future__ import annotations

import base64
import datetime as dt
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import yaml

from golive_lab.parts.asgi import HttpAnswer, Listener, as_json, body_of, header, lifespan, serving
from golive_lab.parts.monitoring.promql import CannotError, Sample, answer, samples
from golive_lab.parts.part import Part, threaded
from golive_lab.world.monitoring import ALERTMANAGER_PATH, PASSWORD, PROMETHEUS_PATH, SCRAPE_TOKEN, USER
from golive_lab.world.names import API, APP, SHOP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from golive_lab.parts.asgi import Receive, Scope, Send
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.monitoring import Alert, ApiSeries, Monitoring

BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
PROMETHEUS_JSON = {"status": "success"}
RUNTIME = """\
# TYPE process_cpu_user_seconds_total counter
process_cpu_user_seconds_total 0.08
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 0.1
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 57962496
# TYPE nodejs_eventloop_lag_seconds gauge
nodejs_eventloop_lag_seconds 0.001
# TYPE nodejs_heap_size_used_bytes gauge
nodejs_heap_size_used_bytes 9142544
# TYPE nodejs_gc_duration_seconds histogram
nodejs_gc_duration_seconds_bucket{le="0.001",kind="minor"} 3
nodejs_gc_duration_seconds_bucket{le="+Inf",kind="minor"} 3
nodejs_gc_duration_seconds_sum{kind="minor"} 0.002
nodejs_gc_duration_seconds_count{kind="minor"} 3
"""
"""What prom-client 15 shows of a process that has just started, as far as golive looks at it."""


class Watchers:
    """All three, told apart by their ports."""

    def __init__(self, monitoring: Monitoring, place: StackPlace) -> None:
        self.monitoring, self.place = monitoring, place
        self.began = dt.datetime.now(dt.UTC)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the one answer whose port it is."""
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        await body_of(receive)
        port, path = scope["server"][1], scope["path"]
        if port == self.place.ports.node:
            found = self.page(path, header(scope, "authorization"))
        elif header(scope, "authorization") != BASIC:
            found = HttpAnswer(401, "text/plain", b"Unauthorized\n", (("www-authenticate", "Basic"),))
        elif port == self.place.ports.prometheus:
            asked = parse_qs(scope["query_string"].decode())
            found = self.prometheus(path.removeprefix(f"{PROMETHEUS_PATH}/api/v1/"), asked)
        else:
            found = self.alertmanager(path.removeprefix(f"{ALERTMANAGER_PATH}/api/v2/"))
        await found.send(send)

    def prometheus(self, what: str, asked: dict[str, list[str]]) -> HttpAnswer:
        """Answer as Prometheus 2.42 does."""
        if what == "query":
            try:
                vector = answer(asked.get("query", [""])[0], self.known())
            except CannotError as error:
                return as_json(400, {"status": "error", "errorType": "bad_data", "error": str(error)})
            result = [{"metric": labels, "value": [time.time(), str(value)]} for labels, value in vector]
            return as_json(200, {**PROMETHEUS_JSON, "data": {"resultType": "vector", "result": result}})
        answers: dict[str, Any] = {
            "targets": {"activeTargets": self.targets(), "droppedTargets": []},
            "rules": {
                "groups": [{"name": "afrigest", "interval": 0.2, "evaluationTime": 0.001, "rules": self.rules()}]
            },
            "alertmanagers": {"activeAlertmanagers": [{"url": "http://127.0.0.1/alertmanager/api/v2/alerts"}]},
            "status/config": {"yaml": self.config()},
        }
        if what not in answers:
            return HttpAnswer(404, "text/plain", b"404 page not found\n")
        return as_json(200, {**PROMETHEUS_JSON, "data": answers[what]})

    def targets(self) -> list[dict[str, Any]]:
        """List the same targets as the real one has."""
        node = f"127.0.0.1:{self.place.ports.node}"
        down = "" if self.monitoring.app.worker_up else "server returned HTTP status 503 Service Unavailable"
        found = [("api", node, ""), ("worker", node, down)]
        found += [("probe", url, "") for url in self._probed()]
        return [
            {
                "labels": {"job": job, "instance": instance},
                "scrapeUrl": f"http://{node}/metrics",
                "health": "down" if error else "up",
                "lastError": error,
            }
            for job, instance, error in found
        ]

    def config(self) -> str:
        """Write what golive looks at of the configuration."""
        relabels = list(self.monitoring.relabels)
        config = {
            "global": {"external_labels": {"cluster": "demo"}},
            "alerting": {"alert_relabel_configs": relabels},
        }
        return yaml.safe_dump(config)

    def _probed(self) -> list[str]:
        return [f"https://{host}:{self.place.ports.https}/" for host in (API, APP, SHOP)]

    def known(self) -> list[Sample]:
        """Return every series: the API's, `up`, and the probes'."""
        app = self.monitoring.app
        own = [{"job": "api", "instance": f"127.0.0.1:{self.place.ports.node}"}]
        found: list[Sample] = [({**labels, **own[0]}, value) for labels, value in samples(app.series)]
        found += [
            ({"__name__": "up", **target["labels"]}, float(target["health"] == "up")) for target in self.targets()
        ]
        for host, url in zip((API, APP, SHOP), self._probed(), strict=True):
            if host not in app.unprobed:
                labels = {"__name__": "probe_success", "job": "probe", "instance": url}
                found.append((labels, float(host not in app.probes_failing)))
        return found

    def rules(self) -> list[dict[str, Any]]:
        """List the rules as evaluated."""
        return [self._rule(rule) for rule in self.monitoring.rules]

    def _rule(self, rule: Alert) -> dict[str, Any]:
        vector: list[Sample] = []
        health = {"health": "ok"}
        try:
            vector = answer(rule.expr, self.known())
        except CannotError as error:
            health = {"health": "err", "lastError": str(error)}
        fields = {"name": rule.name, "query": rule.expr, "labels": dict(rule.labels), **health}
        if rule.record:
            return {**fields, "type": "recording"}
        alert = {
            "labels": {"alertname": rule.name, **dict(rule.labels)},
            "state": "firing",
            "activeAt": self.began.isoformat(),
        }
        fires = bool(vector) and rule.for_ == "0s"
        return {**fields, "type": "alerting", "state": "firing" if fires else "inactive", "alerts": [alert] * fires}

    def alertmanager(self, what: str) -> HttpAnswer:
        """Answer as Alertmanager 0.25 does."""
        if what == "status":
            config = yaml.safe_dump(self.monitoring.alerting.config)
            return as_json(200, {"config": {"original": config}, "versionInfo": {"version": "0.25.0"}})
        if what == "silences":
            return as_json(200, self._silences())
        return HttpAnswer(404, "text/plain", b"404 page not found\n")

    def _silences(self) -> list[dict[str, Any]]:
        ends = (self.began + dt.timedelta(hours=1)).isoformat()
        return [
            {
                "id": f"00000000-0000-4000-8000-{number:012}",
                "status": {"state": "active"},
                "matchers": [
                    {"name": name, "value": value, "isRegex": regex, "isEqual": equal}
                    for name, value, regex, equal in silence.matchers
                ],
                "startsAt": self.began.isoformat(),
                "endsAt": ends,
                "createdBy": silence.by,
                "comment": silence.comment,
            }
            for number, silence in enumerate(self.monitoring.alerting.silences)
        ]

    def page(self, path: str, authorization: str) -> HttpAnswer:
        """Answer as the Node process does."""
        if path != "/metrics":
            return HttpAnswer(404, "text/plain", b"not found\n")
        if authorization != f"Bearer {SCRAPE_TOKEN}":
            return HttpAnswer(401, "text/plain", b"who are you?\n")
        app = self.monitoring.app
        if app.page == "html":
            return HttpAnswer(200, "text/html", b"<!doctype html><title>AfriGest</title><p>Welcome")
        if app.page == "missing":
            return HttpAnswer(404, "text/plain", b"not found\n")
        families = RUNTIME.split("# TYPE ")[1:] + exposed(app.series)
        shown = [family for family in families if family.split()[0] not in app.without]
        return HttpAnswer(200, "text/plain; version=0.0.4; charset=utf-8", ("# TYPE " + "# TYPE ".join(shown)).encode())


def exposed(series: tuple[ApiSeries, ...]) -> list[str]:
    """Write the families in Prometheus' text format."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in series:
        lines = found.setdefault((each.name, each.kind), [])
        for labels, value in samples([each]):
            inside = ",".join(f'{name}="{text}"' for name, text in labels.items() if name != "__name__")
            lines.append(f"{labels['__name__']}{{{inside}}} {value}\n")
    return [f"{name} {kind}\n{''.join(lines)}" for (name, kind), lines in found.items()]


@asynccontextmanager
async def watchers(world: World, place: StackPlace) -> AsyncIterator[None]:
    """Serve all three."""
    app = Watchers(world.monitoring, place)
    ports = (place.ports.prometheus, place.ports.alertmanager, place.ports.node)
    async with serving([(Listener("127.0.0.1", port), app) for port in ports]):
        yield


WATCHERS = Part("watchers", threaded(watchers), reads=lambda world: world.monitoring)
